// What the details of a chosen row need is asked for side by side, and once.
import assert from 'node:assert/strict';
import type { MessageRow } from '../../src/shared/protocol.js';
import { findExchange } from '../../webview/inspector/exchange.js';
import { MessageReads } from '../../webview/inspector/messageReads.js';

/** A host that answers when it is told to. */
function host(): { reads: MessageReads; asked: string[]; answer(): Promise<void> } {
  const asked: string[] = [];
  let waiting: (() => void)[] = [];
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => waiting.push(() => resolve(value)));
  const reads = new MessageReads({
    list: ({ start, count }) => {
      asked.push(`list ${start}+${count}`);
      return later({ rows: Array.from({ length: count }, (_, at) => rowOf(start + at)), start, total: 10_000, first: 0, layers: ['redis'], isCaughtUp: true, isCut: false });
    },
    get: ({ index }) => {
      asked.push(`get ${index}`);
      return later(null);
    },
  });
  return {
    reads,
    asked,
    answer: async () => {
      for (const one of waiting.splice(0)) one();
      waiting = [];
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** The answer to message n stands 400 behind it. */
function rowOf(index: number): MessageRow {
  const isAnswer = 400 <= index && index < 800;
  return { index, from: isAnswer ? 'upstream' : 'client', protocol: 'redis', kind: isAnswer ? 'response' : 'request', summary: `${index}`, range: { start: index, end: index + 1 }, startedAt: 0, endedAt: 0, hasFields: true, ...(isAnswer ? { answers: index - 400 } : {}) } as MessageRow;
}

suite('questions of a page about messages of a chosen row', () => {
  test('the request, its answer and their fields are asked for at once, and not again', async () => {
    const { reads, asked, answer } = host();
    const focus = { index: 7, answerIndex: 407, answerCount: 1 };
    reads.expect(1, focus);
    assert.deepEqual(asked, ['list 7+20', 'get 7', 'get 407', 'list 407+20']);
    await answer();
    const found = await findExchange(reads.list, 1, focus);
    assert.deepEqual(found?.rows.map(({ index }) => index), [7, 407]);
    await Promise.all([reads.get({ flow: 1, index: 7 }), reads.get({ flow: 1, index: 407 })]);
    assert.equal(asked.length, 4);
  });

  test('an answer serves who asks while it is under way, and nobody later', async () => {
    const { reads, asked, answer } = host();
    const both = [reads.get({ flow: 1, index: 3 }), reads.get({ flow: 1, index: 3 })];
    await answer();
    await Promise.all(both);
    assert.deepEqual(asked, ['get 3']);
    void reads.get({ flow: 1, index: 3 });
    assert.deepEqual(asked, ['get 3', 'get 3']);
  });

  test('what was asked ahead for one row is forgotten with the next', async () => {
    const { reads, asked, answer } = host();
    reads.expect(1, { index: 1 });
    await answer();
    reads.expect(1, { index: 2 });
    await answer();
    asked.length = 0;
    void reads.get({ flow: 1, index: 1 });
    void reads.get({ flow: 1, index: 2 });
    assert.deepEqual(asked, ['get 1']);
  });

  test('a fault reaches who asks, and one ahead of everybody is nobody\'s', async () => {
    const reads = new MessageReads({ list: () => Promise.reject(new Error('gone')), get: () => Promise.reject(new Error('gone')) });
    reads.expect(1, { index: 1 });
    await assert.rejects(reads.get({ flow: 1, index: 1 }), /gone/);
  });
});
