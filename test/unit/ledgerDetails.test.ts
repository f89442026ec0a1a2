// Whole messages of flows that were decoded long ago, and what a filter sees of a row.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlowDissector } from '../../src/core/dissectors/index.js';
import { decompress } from '../../src/core/lens/decompress.js';
import type { FieldSelector } from '../../src/core/lens/filter/subject.js';
import { Checkpoints } from '../../src/core/lens/ledger/checkpoints.js';
import { Lens } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import type { Speaker } from '../../src/shared/flow.js';
import type { Message } from '../../src/shared/message.js';
import { conversationsOf } from '../conformance/conversations.js';
import { CaptureFeed } from './captureFeed.js';

const pages = join(__dirname, '..', '..', '..', 'test', 'conformance');

interface Said {
  from: Speaker;
  bytes: Uint8Array;
}

function text(from: Speaker, said: string): Said {
  return { from, bytes: Uint8Array.from(Buffer.from(said, 'latin1')) };
}

function recorded(said: readonly Said[], segments = 8): { lens: Lens; feed: CaptureFeed; decode(): void } {
  const feed = new CaptureFeed(segments).open(1);
  let at = 1000;
  for (const { from, bytes } of said) feed.says(1, from, bytes, at++);
  const lens = new Lens({ classify, now: () => 0 });
  lens.ingest(feed.take());
  const decode = (): void => {
    while (!lens.messages.decoder.isCaughtUp) lens.messages.decoder.advance();
  };
  return { lens, feed, decode };
}

/** As they are told from the first byte on, without anything kept. */
function straight(said: readonly Said[]): Message[] {
  const flow = new FlowDissector({ decompress });
  const offsets = { client: 0, upstream: 0 };
  let at = 1000;
  return said.flatMap(({ from, bytes }) => {
    const messages = flow.step({ from, offset: offsets[from], bytes, at: at++ });
    offsets[from] += bytes.length;
    return messages;
  });
}

function long(exchanges: number): Said[] {
  return Array.from({ length: exchanges }, (_, number) => [
    text('client', `POST /orders/${number} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: ${`{"n":${number}}`.length}\r\n\r\n{"n":${number}}`),
    text('upstream', `HTTP/1.1 201 Created\r\nContent-Length: 0\r\nX-Number: ${number}\r\n\r\n`),
  ]).flat();
}

suite('ledger: details', () => {
  for (const page of readdirSync(pages).filter((name) => name.endsWith('.md'))) {
    const vectors = conversationsOf(page.slice(0, -3), readFileSync(join(pages, page), 'utf8')).filter(({ sayings }) => sayings.every((saying) => 'bytes' in saying));
    if (vectors.length === 0) continue;
    test(`of every message of ${page} are the same when they are asked for later`, () => {
      for (const { title, sayings } of vectors) {
        const said = sayings as Said[];
        const { lens, decode } = recorded(said);
        decode();
        const told = straight(said);
        assert.deepEqual(told.map(({ index }) => lens.getMessage({ flow: 1, index })), told, title);
        const { rows } = lens.listMessages({ flow: 1, start: 0, count: told.length });
        assert.deepEqual(rows.map(({ summary, kind, range, answers }) => ({ summary, kind, range, answers })), told.map(({ summary, kind, range, answers }) => ({ summary, kind, range, answers })), title);
      }
    });
  }

  test('of a long flow are the same as decoding from its start tells them, wherever one asks', () => {
    const said = long(3000);
    const { lens, decode } = recorded(said);
    decode();
    const told = straight(said);
    for (const index of [5999, 0, 2999, 3000, 255, 256, 257, 511, 512, 5998, 4097]) assert.deepEqual(lens.getMessage({ flow: 1, index }), told[index], `message ${index}`);
    assert.equal(lens.getMessage({ flow: 1, index: 6000 }), null);
  });

  test('are found from what is left, when the beginning of their flow is overwritten', () => {
    const said = long(8000);
    const { lens, feed, decode } = recorded(said, 2);
    decode();
    feed.open(2).says(2, 'client', new Uint8Array(1 << 20), 9000);
    lens.ingest(feed.take());
    const told = straight(said);
    for (const index of [15_999, 15_000]) assert.deepEqual(lens.getMessage({ flow: 1, index }), told[index], `message ${index}`);
    assert.equal(lens.getMessage({ flow: 1, index: 0 })?.isOverwritten, true);
  });

  test('of overwritten bytes are what was kept of them, and say so', () => {
    const { lens, feed, decode } = recorded([text('client', 'GET /gone HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer x\r\nAccept: */*\r\n\r\n'), text('upstream', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')], 1);
    decode();
    const whole = lens.getMessage({ flow: 1, index: 1 });
    assert.equal(whole?.isOverwritten, undefined);
    feed.open(2).says(2, 'client', new Uint8Array(1 << 20), 9000);
    lens.ingest(feed.take());
    lens.messages.details.clear();
    const left = lens.getMessage({ flow: 1, index: 0 });
    assert.equal(left?.isOverwritten, true);
    assert.equal(left?.summary, 'GET /gone');
    const headers = left?.fields.find(({ name }) => name === 'headers');
    assert.deepEqual(headers?.fields?.map(({ name, text: value }) => [name.toLowerCase(), value]).slice(0, 1), [['host', 'api']]);
    assert.equal(headers?.fields?.find(({ name }) => name.toLowerCase() === 'authorization')?.isSecret, true);
    assert.deepEqual(lens.listMessages({ flow: 1, start: 0, count: 9 }).rows.map(({ summary }) => summary).slice(0, 1), ['GET /gone']);
  });

  test('types that come later are in what was decoded before, in rows with numbers of their own', () => {
    const [vector] = conversationsOf('grpc', readFileSync(join(pages, 'grpc.md'), 'utf8')).filter(({ sayings }) => sayings.every((saying) => 'bytes' in saying));
    const { lens, decode } = recorded(vector!.sayings as Said[]);
    decode();
    const { ledger } = lens.messages;
    const [before, count] = [ledger.end, ledger.end - ledger.first];
    lens.setSchemas([{ name: 'a.proto', text: 'syntax = "proto3"; message A { string b = 1; }' }]);
    decode();
    assert.ok(before <= ledger.first);
    assert.equal(ledger.end - ledger.first, count);
    assert.equal(lens.summary().messages, count);
  });
});

suite('ledger: checkpoints', () => {
  test('are thinned out when they are too many, and those that stay still serve', () => {
    const said = long(4000);
    const feed = new CaptureFeed(8).open(1);
    let at = 1000;
    for (const { from, bytes } of said) feed.says(1, from, bytes, at++);
    const checkpoints = new Checkpoints(20_000);
    const lens = new Lens({ classify, now: () => 0, checkpoints });
    lens.ingest(feed.take());
    while (!lens.messages.decoder.isCaughtUp) lens.messages.decoder.advance();
    assert.ok(checkpoints.bytes <= 20_000);
    const told = straight(said);
    for (const index of [7999, 4000, 1]) assert.deepEqual(lens.getMessage({ flow: 1, index }), told[index]);
  });
});

suite('ledger: what a filter sees', () => {
  const header = (name: string): FieldSelector => ({ key: name, matches: (protocol, path) => protocol === 'http1' && path.toLowerCase() === `headers/${name}` });

  function exchange(): { lens: Lens; decode(): void; feed: CaptureFeed } {
    const feed = new CaptureFeed(2).open(1, { route: 'web', upstream: '127.0.0.1:8080', process: { pid: 7, name: 'node', commandLine: '/usr/bin/node /srv/shop.js' } });
    feed.says(1, 'client', 'GET /a HTTP/1.1\r\nHost: api\r\n\r\n', 1000).says(1, 'upstream', 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nX-Why: tired\r\n\r\nbusy', 1012).says(1, 'client', 'GET /b HTTP/1.1\r\nHost: api\r\n\r\n', 1020);
    const lens = new Lens({ classify, now: () => 0 });
    lens.ingest(feed.take());
    const decode = (): void => {
      while (!lens.messages.decoder.isCaughtUp) lens.messages.decoder.advance();
    };
    decode();
    return { lens, decode, feed };
  }

  test('a request and its answer are one, from either row', () => {
    const { lens } = exchange();
    const subject = lens.messages.subject({ isMarked: (row) => row === 0 });
    for (const row of [0, 1]) {
      subject.moveTo(row);
      assert.deepEqual(
        [subject.flowId, subject.protocols, subject.from, subject.kind, subject.latencyMs, subject.durationMs, subject.isWaiting, subject.isMarked, subject.head],
        [1, ['http1'], 'client', 'request', 12, 12, false, true, 0],
      );
      assert.deepEqual([subject.client, subject.upstream, subject.listener, subject.route, subject.pid], [['127.0.0.1:40001', '127.0.0.1'], ['127.0.0.1:8080', '127.0.0.1'], 'dev', 'web', 7]);
      assert.deepEqual(subject.program, ['shop.js', 'node', '/usr/bin/node /srv/shop.js']);
      assert.equal(subject.summaries.length, 2);
      assert.equal(subject.bytes, 30 + 73);
      assert.equal(subject.someField(header('x-why'), (value) => value === 'tired'), true);
      assert.equal(subject.someField(header('host'), (value) => value === 'api'), true);
      assert.equal(subject.someBytes((bytes) => Buffer.from(bytes).includes('busy')), true);
      assert.equal(subject.someBytes((bytes) => Buffer.from(bytes).includes('GET /b')), false);
    }
  });

  test('alone, an answer knows nothing of its request', () => {
    const { lens } = exchange();
    const subject = lens.messages.subject({}).moveTo(1, true);
    assert.deepEqual([subject.from, subject.kind, subject.summaries.length, subject.bytes, subject.latencyMs], ['upstream', 'answer', 1, 73, 12]);
    assert.equal(subject.someField(header('host'), () => true), false);
  });

  test('a request without its answer waits for it', () => {
    const { lens } = exchange();
    const subject = lens.messages.subject({}).moveTo(2);
    assert.deepEqual([subject.isWaiting, subject.latencyMs, subject.summaries.length], [true, undefined, 1]);
  });

  test('overwritten bytes are not searched', () => {
    const { lens, feed } = exchange();
    feed.open(2);
    for (let i = 0; i < 2; i++) feed.says(2, 'client', new Uint8Array(1 << 20));
    lens.ingest(feed.take());
    assert.equal(lens.messages.subject({}).moveTo(0).someBytes(() => true), false);
  });
});
