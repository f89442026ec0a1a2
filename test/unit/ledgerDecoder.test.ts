// Decoding along with the traffic: the order over flows, what it costs nobody to leave out, what is missing, and what clearing takes away.
import assert from 'node:assert/strict';
import { Ledger } from '../../src/core/lens/ledger/ledger.js';
import { Lens, type LensOptions } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import { CaptureFeed } from './captureFeed.js';

const ping = '*1\r\n$4\r\nPING\r\n';
const pong = '+PONG\r\n';
const get = (key: string): string => `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;

/** An exchange by which it is known what a flow speaks. */
function hello(feed: CaptureFeed, ...flows: number[]): CaptureFeed {
  for (const id of flows) feed.open(id).says(id, 'client', ping, 1).says(id, 'upstream', pong, 1);
  return feed;
}

/** Its rows. */
function helloOf(id: number): string[] {
  return [`${id}/0 request PING`, `${id}/1 answer PONG`];
}

interface Desk {
  lens: Lens;
  push(): void;
  /** decodes all that was recorded, as somebody who watches would have it */
  decode(): void;
  rows(): string[];
}

function desk(feed: CaptureFeed, options: Partial<LensOptions> = {}): Desk {
  const lens = new Lens({ classify, now: () => 0, ...options });
  const { ledger, decoder } = lens.messages;
  const push = (): void => lens.ingest(feed.take());
  push();
  return {
    lens,
    push,
    decode: () => {
      while (!decoder.isCaughtUp) decoder.advance();
    },
    rows: () => Array.from({ length: ledger.end - ledger.first }, (_, at) => ledger.first + at).filter((row) => !ledger.isForgotten(row)).map((row) => `${ledger.flow(row)}/${ledger.index(row)} ${ledger.kind(row)} ${ledger.summary(row)}`),
  };
}

suite('ledger: decoding along', () => {
  test('messages of all flows stand in the order in which they became complete, answers tied to their requests', () => {
    const feed = hello(new CaptureFeed(), 1, 2);
    feed.says(1, 'client', ping, 2).says(2, 'client', get('a'), 3).says(2, 'upstream', '$1\r\nx\r\n', 4).says(1, 'client', '*2\r\n$3\r\nGE', 5).says(2, 'client', ping, 6).says(1, 'client', 'T\r\n$1\r\nb\r\n', 7).says(1, 'upstream', `${pong}$-1\r\n`, 9);
    const { decode, rows, lens } = desk(feed);
    decode();
    assert.deepEqual(rows(), [...helloOf(1), ...helloOf(2), '1/2 request PING', '2/2 request GET a', '2/3 answer "x"', '2/4 request PING', '1/3 request GET b', '1/4 answer PONG', '1/5 answer (nil)']);
    const { ledger } = lens.messages;
    assert.deepEqual([4, 5, 7, 8].map((row) => ledger.firstAnswer(row)), [9, 6, -1, 10]);
    assert.deepEqual([ledger.latencyMs(9), ledger.latencyMs(6)], [7, 1]);
    assert.deepEqual([ledger.expectsAnswer(7), ledger.answerCount(7)], [true, 0]);
    assert.equal(lens.summary().messages, 11);
    assert.ok(0 < lens.summary().memoryBytes);
  });

  test('a request that nobody answers is told after a while, though its answer could have said more of what is spoken', async () => {
    const feed = new CaptureFeed().open(1).says(1, 'client', 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    const { lens, decode, rows, push } = desk(feed);
    const isTold = new Promise<void>((resolve) => lens.onChanged(() => 0 < rows().length && resolve()));
    decode();
    await isTold;
    assert.deepEqual(rows(), ['1/0 request GET /slow']);
    assert.equal(lens.messages.ledger.expectsAnswer(0), true);
    assert.equal(lens.getMessage({ flow: 1, index: 0 })?.fields[0]?.text, 'GET');
    feed.says(1, 'upstream', 'HTTP/1.1 204 No Content\r\n\r\n');
    push();
    decode();
    assert.deepEqual(rows(), ['1/0 request GET /slow', '1/1 answer 204 No Content']);
    lens.dispose();
  });

  test('nothing is decoded while nobody watches, and everything once somebody does', async () => {
    const feed = new CaptureFeed().open(1).says(1, 'client', ping).says(1, 'upstream', pong);
    const { lens, rows, push } = desk(feed);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(rows(), []);
    assert.equal(lens.messages.decoder.undecodedBytes, 21);
    const isDecoded = new Promise<void>((resolve) => lens.onChanged(() => lens.messages.decoder.isCaughtUp && resolve()));
    const watching = lens.messages.decoder.watch();
    await isDecoded;
    assert.equal(rows().length, 2);
    assert.equal(lens.messages.decoder.undecodedBytes, 0);
    watching.dispose();
    feed.says(1, 'client', ping);
    push();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(rows().length, 2);
    lens.dispose();
  });

  test('a flow that ended tells what stayed incomplete, whenever its end is heard of', () => {
    const feed = hello(new CaptureFeed(), 1).says(1, 'client', '*1\r\n$4\r\nPI');
    const { decode, rows, push } = desk(feed);
    decode();
    assert.deepEqual(rows(), helloOf(1));
    feed.close(1);
    push();
    decode();
    assert.deepEqual(rows(), [...helloOf(1), '1/2 undecoded 10 bytes of an incomplete message']);
  });

  test('bytes that are missing side by side are one gap', () => {
    const feed = hello(new CaptureFeed(), 1);
    for (let i = 0; i < 5; i++) feed.says(1, 'client', ping, 2000, false);
    feed.says(1, 'client', get('k'));
    const { decode, rows } = desk(feed);
    decode();
    assert.deepEqual(rows(), [...helloOf(1), '1/2 gap 70 bytes are missing', '1/3 request GET k']);
  });

  test('missing bytes at the end are told as soon as nothing else is left to decode', () => {
    const { decode, rows } = desk(hello(new CaptureFeed(), 1).says(1, 'client', ping, 2000, false));
    decode();
    assert.deepEqual(rows(), [...helloOf(1), '1/2 gap 14 bytes are missing']);
  });

  test('when the ring of chunks goes past it, it says what is missing and goes on', () => {
    const feed = hello(new CaptureFeed(), 1, 2);
    const { decode, rows, push, lens } = desk(feed, { maxChunks: 10 });
    decode();
    for (let i = 0; i < 12; i++) feed.says(2, 'client', ping);
    feed.says(2, 'client', get('after'));
    push();
    assert.equal(lens.messages.decoder.undecodedBytes, 9 * 14 + get('after').length);
    decode();
    assert.deepEqual(rows().slice(0, 5), [...helloOf(1), ...helloOf(2), '2/2 gap 42 bytes are missing']);
    assert.equal(rows().length, 5 + 10);
    assert.equal(rows().at(-1), '2/12 request GET after');
  });

  test('a flow all of whose chunks are gone has a gap, and an end', () => {
    const feed = hello(new CaptureFeed(), 1, 2).says(1, 'client', '*1\r\n$4\r');
    const { decode, rows, push } = desk(feed, { maxChunks: 10 });
    decode();
    feed.says(1, 'client', '\nPING\r\n').close(1);
    for (let i = 0; i < 10; i++) feed.says(2, 'client', ping);
    push();
    decode();
    assert.deepEqual(rows().filter((row) => row.startsWith('1/')), [...helloOf(1), '1/2 undecoded 7 bytes of an incomplete message', '1/3 gap 7 bytes are missing']);
  });

  test('flows that have been idle are taken up where they were, in the middle of a message too', () => {
    const said = (bound: number | undefined): string[] => {
      const feed = new CaptureFeed();
      for (let id = 1; id <= 40; id++) feed.open(id).says(id, 'client', get(`key-${id}`).slice(0, 9));
      for (let id = 1; id <= 40; id++) feed.says(id, 'client', get(`key-${id}`).slice(9));
      for (let id = 40; 0 < id; id--) feed.says(id, 'upstream', '$-1\r\n').close(id);
      const { decode, rows } = desk(feed, bound === undefined ? {} : { maxLiveFlows: bound });
      decode();
      return rows();
    };
    assert.equal(said(undefined).length, 80);
    assert.deepEqual(said(3), said(undefined));
  });

  test('a fault of a dissector marks its flow, is logged, and keeps no other from being told', () => {
    const logged: string[] = [];
    const gzip = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc';
    const asks = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const feed = hello(new CaptureFeed(), 2).open(1).says(1, 'client', asks).says(1, 'upstream', 'HTTP/1.1 204 No Content\r\n\r\n').says(1, 'client', asks).says(1, 'upstream', gzip).says(2, 'client', ping).says(1, 'client', asks);
    const { decode, rows, lens } = desk(feed, {
      dissectContext: {
        decompress: () => {
          throw new Error('a bug');
        },
      },
    });
    lens.onLog(({ message }) => logged.push(message));
    decode();
    assert.deepEqual(rows(), [...helloOf(2), '1/0 request GET /', '1/1 answer 204 No Content', '1/2 request GET /', '1/3 undecoded not decoded any further', '2/2 request PING']);
    assert.equal(lens.messages.ledger.severity(5), 'error');
    assert.match(logged[0] ?? '', /flow 1 .*a bug/);
    const page = lens.listMessages({ flow: 1, start: 0, count: 10 });
    assert.deepEqual([page.total, page.isCaughtUp], [4, true]);
    assert.equal(lens.getMessage({ flow: 1, index: 3 })?.problems[0]?.severity, 'error');
  });

  test('clearing takes away the messages of closed flows, and leaves those of live ones', () => {
    const feed = hello(new CaptureFeed(), 1, 2).says(2, 'client', get('x')).close(1);
    const { decode, rows, lens, push } = desk(feed);
    decode();
    lens.clear();
    assert.deepEqual(rows(), [...helloOf(2), '2/2 request GET x']);
    feed.says(2, 'upstream', '$-1\r\n');
    push();
    decode();
    assert.deepEqual(rows(), [...helloOf(2), '2/2 request GET x', '2/3 answer (nil)']);
  });

  test('a flow that is asked for is told at once, though others come before it', () => {
    let now = 0;
    const feed = new CaptureFeed();
    hello(feed, 1);
    for (let i = 0; i < 200; i++) feed.says(1, 'client', ping);
    feed.open(2).says(2, 'client', get('late')).says(2, 'upstream', '$-1\r\n');
    const { lens, decode, rows } = desk(feed, { now: () => (now += 1) });
    const page = lens.listMessages({ flow: 2, start: 0, count: 10 });
    assert.deepEqual(page.rows.map(({ summary }) => summary), ['GET late', '(nil)']);
    assert.equal(page.isCaughtUp, true);
    assert.equal(lens.getMessage({ flow: 2, index: 0 })?.summary, 'GET late');
    assert.ok(rows().length < 200);
    decode();
    assert.equal(rows().at(-1), '2/1 answer (nil)');
    assert.deepEqual(lens.listMessages({ flow: 2, start: 0, count: 10 }).rows, page.rows);
  });

  test('of a flow whose oldest messages were forgotten, the others keep their indexes', () => {
    const feed = hello(new CaptureFeed(), 1);
    for (let i = 2; i < 9000; i++) feed.says(1, 'client', ping);
    const { lens, decode } = desk(feed, { ledger: new Ledger(8192) });
    decode();
    const page = lens.listMessages({ flow: 1, start: 0, count: 2 });
    assert.deepEqual([page.first, page.start, page.total, page.isCut], [4096, 4096, 9000, true]);
    assert.deepEqual(page.rows.map(({ index }) => index), [4096, 4097]);
    assert.equal(lens.getMessage({ flow: 1, index: 100 }), null);
    assert.equal(lens.getMessage({ flow: 1, index: 8999 })?.summary, 'PING');
  });
});
