// HTTP/2 that is too large to be kept: blocks, bodies and messages beyond their bounds are told as such, and what follows is decoded.
import assert from 'node:assert/strict';
import { http2 } from '../../src/core/dissectors/http2.js';
import { sizeText } from '../../src/core/dissectors/payload/values.js';
import type { Message } from '../../src/shared/message.js';
import type { Saying } from '../conformance/conversations.js';
import { run, runnerOf } from '../conformance/decoding.js';
import { frame, joined, preface } from './samples.js';

const settings = frame(4, 0, 0);
/** `:status: 200` */
const ok = 0x88;

function decode(client: Uint8Array, upstream: Uint8Array): Message[] {
  const said: Saying[] = [{ from: 'client', bytes: joined(preface, settings, client) }, { from: 'upstream', bytes: joined(settings, upstream) }];
  const messages = run(runnerOf(http2), said, 0);
  assert.deepEqual(untimed(run(runnerOf(http2), said, 1000)), untimed(messages), 'however cut');
  return messages;
}

function untimed(messages: readonly Message[]): unknown[] {
  return messages.map(({ startedAt, endedAt, latencyMs, ...rest }) => rest);
}

/** A request with a literal content type (RFC 7541 §6.2.2). */
function request(stream: number, contentType: string): Uint8Array {
  return frame(1, 4, stream, [0x83, 0x86, 0x04, 4, ...Buffer.from('/a/b'), 0x0f, 0x10, contentType.length, ...Buffer.from(contentType)]);
}

suite('HTTP/2 beyond its bounds', () => {
  test('a header block without end is given up at 256 KiB, also in many small pieces', () => {
    for (const [size, count] of [[16_384, 16], [200, 1350]] as const) {
      const pieces = Array.from({ length: count }, () => frame(9, 0, 1, Array<number>(size).fill(ok)));
      const messages = decode(new Uint8Array(0), joined(frame(1, 0, 1, [ok]), ...pieces, frame(9, 4, 1, [ok]), frame(1, 5, 3, [ok])));
      assert.deepEqual(messages.at(-2)?.problems.map(({ text }) => text), ['a header block of more than 262144 bytes is not decoded']);
      assert.equal(messages.at(-1)?.summary, '200 · stream 3');
    }
  });

  test('a body of more than 256 KiB is told frame by frame, without a whole', () => {
    const pieces = Array.from({ length: 20 }, (_, i) => frame(0, i === 19 ? 1 : 0, 1, Array<number>(16_000).fill(0x61)));
    const last = decode(request(1, 'text/plain'), joined(frame(1, 4, 1, [ok]), ...pieces)).at(-1);
    assert.equal(last?.summary, `DATA ${sizeText(16_000)}, end of ${sizeText(320_000)} · stream 1`);
    assert.equal(last?.content, undefined);
  });

  test('a message of more than 256 KiB is stepped over, and the next one is decoded', () => {
    const size = 300_000;
    const message = [0, 0, size >> 16, (size >> 8) & 0xff, size & 0xff, ...Array<number>(size).fill(0), 0, 0, 0, 0, 2, 8, 7];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < message.length; at += 16_000) pieces.push(frame(0, 0, 1, message.slice(at, at + 16_000)));
    const last = decode(joined(request(1, 'application/grpc'), ...pieces), new Uint8Array(0)).filter(({ from }) => from === 'client').at(-1);
    assert.equal(last?.summary, 'a/b (a large message) and 1 more');
    assert.deepEqual(last?.fields.at(-1)?.fields?.map(({ name, text }) => `${name}: ${text}`), ['compressed: no (0)', 'length: 2', '1: 7 · zigzag -4']);
  });

  test('bodies of many streams at once are kept up to 1 MiB together', () => {
    const streams = Array.from({ length: 40 }, (_, i) => 2 * i + 1);
    const upstream = joined(...streams.map((id) => joined(frame(1, 4, id, [ok]), frame(0, 0, id, Array<number>(16_000).fill(0x61)))), ...streams.map((id) => frame(0, 1, id, [0x62])));
    const ends = decode(joined(...streams.map((id) => request(id, 'text/plain'))), upstream).slice(-streams.length);
    const whole = ends.filter(({ content }) => content !== undefined);
    assert.ok(0 < whole.length && whole.length < streams.length, `${whole.length} of ${streams.length}`);
    for (const { content } of whole) assert.equal(content?.bytes.length, 16_001);
  });

  test('a thousand streams and more: the oldest is forgotten', () => {
    const streams = Array.from({ length: 1100 }, (_, i) => 2 * i + 1);
    const messages = decode(joined(...streams.map((id) => request(id, 'application/json'))), joined(frame(1, 4, 1, [ok]), frame(0, 1, 1, [0x7b, 0x7d]), frame(1, 4, 2199, [ok]), frame(0, 1, 2199, [0x7b, 0x7d])));
    assert.equal(messages.at(-1)?.summary, 'DATA 2 bytes, end · stream 2199');
    assert.equal(messages.at(-1)?.answers, messages.find(({ stream }) => stream === 2199)?.index);
  });
});
