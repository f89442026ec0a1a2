// Bodies of HTTP/1 beyond what is held back, and what hostile ones may cost: too large for the conformance pages, which are run byte by byte.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { http1 } from '../../src/core/dissectors/http1.js';
import type { Message } from '../../src/shared/message.js';
import type { Saying } from '../conformance/conversations.js';
import { run, runnerOf } from '../conformance/decoding.js';

const ask = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';

function decode(client: string, upstream: string, cut = 0): Message[] {
  const sayings: Saying[] = [{ from: 'client', bytes: new TextEncoder().encode(client) }, { from: 'upstream', bytes: new TextEncoder().encode(upstream) }];
  return run(runnerOf(http1), sayings, cut);
}

function linesOf(messages: readonly Message[]): string[] {
  return messages.map(({ from, range, answers, summary }) => `${from} ${range.start}-${range.end}${answers === undefined ? '' : ` to ${answers}`}: ${summary}`);
}

/** Whole, and cut as TCP, TLS and a slow reader cut it. */
function check(client: string, upstream: string, lines: string[]): void {
  for (const cut of [0, 1460, 16384, 65536, -1_000_000]) assert.deepEqual(linesOf(decode(client, upstream, cut)), lines, `cut ${cut}`);
}

suite('large bodies of HTTP/1', () => {
  test('of known length: one message, shown by its beginning', () => {
    check(ask + ask, `HTTP/1.1 200 OK\r\nContent-Length: 1200000\r\n\r\n${'x'.repeat(1_200_000)}HTTP/1.1 204 No Content\r\n\r\n`, [
      'client 0-28: GET /a',
      'client 28-56: GET /a',
      'upstream 0-1200044 to 0: 200 OK · text · 1.1 MB',
      'upstream 1200044-1200071 to 1: 204 No Content',
    ]);
  });

  test('in chunks: a head, then pieces of 256 KiB', () => {
    check(ask, `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n${'x'.repeat(1 << 20)}\r\n2\r\nhi\r\n0\r\n\r\n`, [
      'client 0-28: GET /a',
      'upstream 0-47 to 0: 200 OK · body follows',
      'upstream 47-262191 to 0: body from byte 0 · text · 256 KB',
      'upstream 262191-524335 to 0: body from byte 262136 · text · 256 KB',
      'upstream 524335-786479 to 0: body from byte 524280 · text · 256 KB',
      'upstream 786479-1048623 to 0: body from byte 786424 · text · 256 KB',
      'upstream 1048623-1048640 to 0: body from byte 1048568 · text · 10 bytes',
      'upstream 1048640-1048645 to 0: end of the body, 1 MB',
    ]);
  });

  test('up to the end of the connection: a head, then pieces', () => {
    check(ask, `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_100_000)}`, [
      'client 0-28: GET /a',
      'upstream 0-19 to 0: 200 OK · body follows',
      ...[0, 1, 2, 3].map((i) => `upstream ${19 + i * 262144}-${19 + (i + 1) * 262144} to 0: body from byte ${i * 262144} · text · 256 KB`),
      'upstream 1048595-1100019 to 0: body from byte 1048576 · text · 50.2 KB',
    ]);
  });

  test('an event that never ends is told in pieces', () => {
    check(ask, `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ${'x'.repeat(300_000)}\n\n`, [
      'client 0-28: GET /a',
      'upstream 0-52 to 0: 200 OK · events',
      `upstream 52-262196 to 0: message ${'x'.repeat(291)}…`,
      'upstream 262196-300060 to 0: body from byte 262144 · text · 37 KB',
    ]);
  });

  test('a head that has no end is given up', () => {
    const [first] = decode(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}`, '');
    assert.equal(first?.kind, 'undecoded');
    assert.match(first?.problems[0]?.text ?? '', /^the head has more than/);
  });

  test('a body that is a bomb is named as one and stays compressed', () => {
    // deflate of zeros: 1,000 to 1. The decompressor refuses; the message is told all the same.
    const runner = runnerOf(http1);
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    const [message] = run(runner, [{ from: 'upstream', bytes: Uint8Array.from([...head, ...bomb]) }], 0);
    assert.match(message?.problems[0]?.text ?? '', /more than \d+ bytes when decompressed/);
  });
});
