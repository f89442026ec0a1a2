// Which messages belong together, and which one holds a byte; the way from a byte to its field.
import assert from 'node:assert/strict';
import type { Speaker } from '../../src/shared/flow.js';
import type { Field, Message } from '../../src/shared/message.js';
import type { MessageRow } from '../../src/shared/protocol.js';
import { verbatim } from '../../src/shared/sentences.js';
import { findExchange, findMessageAt, type Focus, type ListMessages } from '../../webview/inspector/exchange.js';
import { innermost, MessageTree, messageName, placeName } from '../../webview/inspector/messageTree.js';

function lists(rows: readonly MessageRow[]): ListMessages & { asked: number } {
  const list = (({ start, count }) => {
    list.asked++;
    return Promise.resolve({ rows: rows.slice(start, start + count), start, total: rows.length, layers: ['redis'], isCaughtUp: true, isCut: false });
  }) as ListMessages & { asked: number };
  list.asked = 0;
  return list;
}

/** "c" a request of the client, "u3" the upstream's answer to message 3, "n" a notice of the upstream; each is ten bytes. */
function flow(...said: string[]): MessageRow[] {
  const ends: Record<Speaker, number> = { client: 0, upstream: 0 };
  return said.map((word, index) => {
    const from: Speaker = word.startsWith('c') ? 'client' : 'upstream';
    const range = { start: ends[from], end: (ends[from] += 10) };
    const kind = word.startsWith('c') ? 'request' : word === 'n' ? 'notice' : 'answer';
    return { index, from, protocol: 'redis', range, startedAt: index, endedAt: index, kind, summary: word, hasFields: true, ...(kind === 'answer' ? { answers: Number(word.slice(1)) } : {}) };
  });
}

suite('an exchange', () => {
  async function check(said: string[], focus: Focus, expected: number[], chosen: number): Promise<void> {
    const found = await findExchange(lists(flow(...said)), 1, focus);
    assert.deepEqual(found?.rows.map(({ index }) => index), expected);
    assert.equal(found.chosen, chosen);
    assert.equal(found.divider, expected.length === 1 ? -1 : 1);
  }

  test('is a request and its answers, whichever of them was chosen', async () => {
    await check(['c', 'c', 'u0', 'u1', 'u0', 'u0'], { index: 0 }, [0, 2, 4, 5], 0);
    await check(['c', 'c', 'u0', 'u1', 'u0', 'u0'], { index: 4 }, [0, 2, 4, 5], 2);
    await check(['c', 'c', 'u0', 'u1', 'u0', 'u0'], { index: 1, answerIndex: 3 }, [1, 3], 0);
  });

  test('is found with few questions when the list knows its answers', async () => {
    const list = lists(flow('c', 'u0', ...new Array<string>(1000).fill('c'), 'u2', ...new Array<string>(1000).fill('c')));
    await findExchange(list, 1, { index: 0, answerIndex: 1, answerCount: 1 });
    assert.equal(list.asked, 1, 'an answer close to its request');
    list.asked = 0;
    const found = await findExchange(list, 1, { index: 2, answerIndex: 1002, answerCount: 1 });
    assert.deepEqual([found?.rows.length, list.asked], [2, 2]);
  });

  test('is a message alone when it neither asks nor answers', async () => {
    await check(['c', 'u0', 'n', 'c'], { index: 2 }, [2], 0);
  });

  test('may still grow while its answer has not come', async () => {
    assert.equal((await findExchange(lists(flow('c', 'c', 'u1')), 1, { index: 0 }))?.mayGrow, true);
  });

  test('is not there before its message is', async () => {
    assert.equal(await findExchange(lists(flow('c')), 1, { index: 7 }), undefined);
  });

  test('does not look for ever for an answer that does not come', async () => {
    const list = lists(flow('c', ...new Array<string>(100_000).fill('n')));
    const found = await findExchange(list, 1, { index: 0 });
    assert.deepEqual([found?.rows.length, found?.mayGrow], [1, false]);
    assert.ok(list.asked < 10, `asked ${list.asked} times`);
  });
});

suite('the message that holds a byte', () => {
  test('is found on either side, in few questions', async () => {
    const said: string[] = [];
    for (let at = 0; at < 20_000; at++) said.push(at % 3 === 0 ? 'c' : `u${at - (at % 3)}`);
    const rows = flow(...said);
    const list = lists(rows);
    for (const row of [rows[0], rows[1], rows[9999], rows[10_000], rows[19_998], rows[19_999]]) {
      if (row === undefined) throw new Error('no such row');
      list.asked = 0;
      assert.equal((await findMessageAt(list, 1, rows.length, row.from, row.range.end - 1))?.index, row.index);
      assert.ok(list.asked <= 20, `asked ${list.asked} times`);
    }
  });

  test('is found behind a page that is all the other side\'s', async () => {
    const rows = flow('c', ...new Array<string>(1000).fill('u0'), 'c', ...new Array<string>(1000).fill('u1001'), 'c');
    for (const index of [0, 1001, 2002]) assert.equal((await findMessageAt(lists(rows), 1, rows.length, 'client', rows[index]!.range.start))?.index, index);
  });

  test('is none for a byte that is in no message yet', async () => {
    assert.equal(await findMessageAt(lists(flow('c', 'u0')), 1, 2, 'client', 10), undefined);
    assert.equal(await findMessageAt(lists([]), 1, 0, 'client', 0), undefined);
  });
});

suite('from a byte to its field', () => {
  const field = (name: string, start: number, end: number, ...fields: Field[]): Field => ({ name, range: { start, end }, text: name, ...(fields.length === 0 ? {} : { fields }) });
  const message: Message = {
    index: 3, from: 'client', protocol: 'http1', range: { start: 0, end: 100 }, startedAt: 0, endedAt: 0, kind: 'request', summary: 'GET /', problems: [
      { severity: 'note', text: verbatim('third'), range: { start: 5, end: 6 } }, { severity: 'error', text: verbatim('first'), range: { start: 1, end: 2 } }, { severity: 'warning', text: verbatim('second'), range: { start: 3, end: 4 } },
    ],
    fields: [field('method', 0, 3), field('headers', 20, 80, field('header', 20, 40, field('name', 20, 24)), field('header', 40, 60, field('name', 40, 44)))],
  };

  test('the innermost one is found among those of the same name', () => {
    assert.deepEqual([innermost(message, 41).id, innermost(message, 41).field?.range.start], ['1.1.0', 40]);
    assert.equal(innermost(message, 50).id, '1.1');
    assert.equal(innermost(message, 70).id, '1');
    assert.equal(innermost(message, 10).id, '');
  });

  test('its branches open, and its line is told', () => {
    const tree = new MessageTree();
    tree.count = 1;
    tree.open(0, message);
    assert.equal(tree.openTo(0, 41), '1.1.0');
    const line = tree.lineAt(tree.lineOfField(0, '1.1.0'));
    assert.equal(line?.kind === 'field' ? line.field?.range.start : undefined, 40);
    assert.equal(tree.openTo(1, 41), undefined, 'a message that is not open');
  });

  test('problems stand above the fields, the worst first', () => {
    const tree = new MessageTree();
    tree.count = 1;
    tree.open(0, message);
    assert.deepEqual([1, 2, 3, 4].map((at) => {
      const line = tree.lineAt(at);
      return line?.kind === 'field' ? (line.problem?.text ?? line.field?.name) : undefined;
    }), ['first', 'second', 'third', 'method']);
  });

  test('a divider stands above the first answer, whatever is open before it', () => {
    const tree = new MessageTree();
    tree.count = 3;
    tree.divider = 1;
    const kinds = (): (string | undefined)[] => Array.from({ length: tree.lineCount }, (_, at) => tree.lineAt(at)?.kind);
    assert.deepEqual(kinds(), ['message', 'divider', 'message', 'message']);
    tree.open(0, { ...message, problems: [] });
    assert.deepEqual(kinds(), ['message', 'field', 'field', 'divider', 'message', 'message']);
    assert.deepEqual([tree.lineOf(1), tree.lineOf(2), tree.lineAt(5)?.index], [4, 5, 2]);
  });

  test('is named by what the protocol calls the message', () => {
    const parse = { ...message, protocol: 'postgres', fields: [{ name: 'type', range: { start: 0, end: 1 }, text: 'Parse' }] };
    assert.equal(placeName(parse, 'postgres', 'postgres/query'), 'Parse.query');
    assert.equal(placeName(undefined, 'postgres', 'postgres/query'), 'postgres.query');
    assert.equal(placeName({ ...message, fields: [] }, 'http1', ''), 'http1');
    assert.equal(messageName({ ...parse, fields: [{ name: 'type', range: { start: 0, end: 1 }, text: '<script>' }] }), undefined);
  });
});
