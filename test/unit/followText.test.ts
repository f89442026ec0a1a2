// A conversation saved to a file: who said what, in order, with what is missing said and nothing that a terminal would carry out.
import assert from 'node:assert/strict';
import type { ChunkRow, Speaker } from '../../src/shared/flow.js';
import { followText, type FollowChoice } from '../../src/host/panels/followText.js';
import type { LensClient } from '../../src/host/services.js';
import { turnsOf } from '../../webview/inspector/follow/followRows.js';

interface Said {
  from: Speaker;
  bytes: Uint8Array;
}

function said(...words: [Speaker, string | Uint8Array][]): Said[] {
  return words.map(([from, text]) => ({ from, bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text }));
}

function chunksOf(conversation: readonly Said[]): ChunkRow[] {
  const offsets: Record<Speaker, number> = { client: 0, upstream: 0 };
  return conversation.map(({ from, bytes }, index) => {
    const offset = offsets[from];
    offsets[from] += bytes.length;
    return { index, from, offset, length: bytes.length, at: 1000 + index * 10, missing: 0, preview: '' };
  });
}

/** A lens that knows one flow. */
function lensOf(conversation: readonly Said[], gaps: Partial<Record<Speaker, { start: number; end: number }[]>> = {}, first = 0): Pick<LensClient, 'request'> {
  const chunks = chunksOf(conversation);
  const all = (from: Speaker): Uint8Array => Uint8Array.from(conversation.filter((one) => one.from === from).flatMap(({ bytes }) => [...bytes]));
  const answers: Record<string, (params: never) => unknown> = {
    'flows/get': () => ({ openedAt: 1000 }),
    'chunks/list': ({ start, count }: { start: number; count: number }) => ({ rows: chunks.slice(Math.max(first, start), Math.max(first, start) + count), first, total: chunks.length }),
    'bytes/read': ({ from, start, length }: { from: Speaker; start: number; length: number }) => ({ from, offset: start, bytes: all(from).slice(start, start + length), gaps: gaps[from] ?? [], total: all(from).length }),
    'messages/list': ({ start }: { start: number }) => ({
      rows: start > 0 ? [] : chunks.map(({ from, at, index }) => ({ index, from, protocol: 'redis', startedAt: at, summary: index === 0 ? 'GET \u001b[2Jcart' : 'nil', ...(index === 1 ? { latencyMs: 5.25 } : {}) })),
      start, total: chunks.length,
    }),
  };
  return { request: (name: string, params: unknown) => Promise.resolve(answers[name]?.(params as never)) } as Pick<LensClient, 'request'>;
}

async function text(lens: Pick<LensClient, 'request'>, choice: Partial<FollowChoice> = {}): Promise<string> {
  let whole = '';
  for await (const piece of followText(lens, { flow: 1, form: 'text', from: 'both', ...choice })) whole += piece;
  return whole;
}

suite('a conversation as a file', () => {
  const conversation = said(['client', 'PING\r\n'], ['upstream', '+PONG\r\n'], ['client', 'QUIT\r\n']);

  test('each turn says who spoke and when', async () => {
    assert.equal(await text(lensOf(conversation)), [
      '--- client → after 0.000 s ---', 'PING\r', '', '--- upstream ← after 0.010 s ---', '+PONG\r', '', '--- client → after 0.020 s ---', 'QUIT\r', '', '',
    ].join('\n'));
  });

  test('one side alone', async () => {
    const words = await text(lensOf(conversation), { from: 'upstream' });
    assert.match(words, /PONG/);
    assert.doesNotMatch(words, /PING|client/);
  });

  test('as a hex dump with the offsets of each side', async () => {
    assert.match(await text(lensOf(conversation), { form: 'hex' }), /after 0\.020 s ---\n00000006 {2}51 55 49 54 0d 0a {33}QUIT\.\.\n$/);
  });

  test('as decoded lines, with what they took', async () => {
    assert.equal(await text(lensOf(said(['client', 'a'], ['upstream', 'b'])), { form: 'decoded' }), '   0.000 s → redis  GET \\x1b[2Jcart\n   0.010 s ← redis  nil  (5.3 ms)\n');
  });

  test('a character that two reads cut is one character', async () => {
    const bytes = new TextEncoder().encode('é漢');
    for (let cut = 1; cut < bytes.length; cut++) assert.match(await text(lensOf(said(['client', bytes.subarray(0, cut)], ['client', bytes.subarray(cut)]))), /---\né漢\n$/, `cut at ${cut}`);
  });

  test('what was overwritten is said, not told as zeros', async () => {
    const words = await text(lensOf(said(['client', '..........hello']), { client: [{ start: 0, end: 10 }] }));
    assert.match(words, /\[10 bytes were overwritten by newer traffic\]\nhello/);
    assert.doesNotMatch(words, /\.\.\./);
    assert.match(await text(lensOf(conversation, {}, 2)), /^\[2 older pieces are no longer kept\]\n--- client/);
  });

  test('nothing in it is carried out by a terminal', async () => {
    assert.match(await text(lensOf(said(['client', 'a\u001b]0;x\u0007b\u202ec']))), /a\\x1b\]0;x\\x07b\\u202ec/);
  });
});

suite('turns of a conversation', () => {
  test('neighbouring reads of one side are one turn', () => {
    const chunks = chunksOf(said(['client', 'ab'], ['client', 'cd'], ['upstream', 'x'], ['client', 'ef']));
    assert.deepEqual(turnsOf(chunks, 'both').map(({ from, range }) => `${from} ${range.start}-${range.end}`), ['client 0-4', 'upstream 0-1', 'client 4-6']);
    assert.deepEqual(turnsOf(chunks, 'client').map(({ from, range }) => `${from} ${range.start}-${range.end}`), ['client 0-6']);
  });
});
