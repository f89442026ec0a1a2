// What lens makes of a flow's bytes when somebody looks: messages, in pages, while the flow goes on.
import assert from 'node:assert/strict';
import { bareContext } from '../../src/core/dissectors/dissector.js';
import { FlowDissector } from '../../src/core/dissectors/index.js';
import { Lens } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import type { MessagePage } from '../../src/shared/protocol.js';
import { CaptureFeed } from './captureFeed.js';

const ping = '*1\r\n$4\r\nPING\r\n';
const pong = '+PONG\r\n';

/** @param clock milliseconds that pass with every look at it: a slice ends by it */
function looking(feed: CaptureFeed, clock = 0): { lens: Lens; push(): void; list(start?: number, count?: number): MessagePage } {
  let now = 0;
  const lens = new Lens({ classify, now: () => (now += clock) });
  const push = (): void => lens.ingest(feed.take());
  push();
  return { lens, push, list: (start = 0, count = 100) => lens.listMessages({ flow: 1, start, count }) };
}

function words(page: MessagePage): string[] {
  return page.rows.map((row) => `${row.from} ${row.kind} ${row.summary}`);
}

suite('lens: messages', () => {
  test('a flow is told as messages with who, what and how long the answer took', () => {
    const { list, lens } = looking(new CaptureFeed().open(1).says(1, 'client', ping, 2000).says(1, 'upstream', pong, 2005).close(1));
    const page = list();
    assert.deepEqual(words(page), ['client request PING', 'upstream answer PONG']);
    assert.deepEqual(page.layers, ['redis']);
    assert.equal(page.rows[1]?.answers, 0);
    assert.equal(page.rows[1]?.latencyMs, 5);
    assert.equal(lens.getMessage({ flow: 1, index: 0 })?.fields[1]?.text, 'PING');
    assert.equal(lens.getMessage({ flow: 1, index: 2 }), null);
  });

  test('what is not whole yet is listed as open, and told as a whole when it is', () => {
    const feed = new CaptureFeed().open(1).says(1, 'client', ping).says(1, 'upstream', pong).says(1, 'client', '*1\r\n$4\r\nPI');
    const { list, push } = looking(feed);
    assert.deepEqual(words(list()), ['client request PING', 'upstream answer PONG', 'client undecoded 10 bytes of an incomplete message']);
    assert.equal(list().rows[2]?.isOpen, true);
    feed.says(1, 'client', 'NG\r\n').says(1, 'upstream', pong);
    push();
    assert.deepEqual(words(list()), ['client request PING', 'upstream answer PONG', 'client request PING', 'upstream answer PONG']);
    assert.deepEqual(list(1, 2).rows.map(({ index }) => index), [1, 2]);
  });

  test('bytes that were not kept are a gap, and reading goes on behind it', () => {
    const feed = new CaptureFeed().open(1).says(1, 'client', ping).says(1, 'upstream', pong).says(1, 'client', ping, 2000, false).says(1, 'client', ping);
    assert.deepEqual(words(looking(feed).list()), ['client request PING', 'upstream answer PONG', 'client gap 14 bytes are missing', 'client request PING']);
  });

  test('a long flow is decoded slice by slice, and says that there is more to come', async () => {
    const feed = new CaptureFeed().open(1);
    for (let i = 0; i < 50; i++) feed.says(1, 'client', ping).says(1, 'upstream', pong);
    const { lens, list } = looking(feed, 5);
    const first = list();
    assert.equal(first.isCaughtUp, false);
    assert.ok(first.total < 100);
    await new Promise<void>((resolve) => {
      lens.onChanged(() => {
        if (list().isCaughtUp) resolve();
      });
    });
    assert.equal(list().total, 100);
  });

  test('a flow whose beginning is gone is read by what it was known to be', () => {
    const known = new FlowDissector(bareContext, 'redis');
    const messages = [...known.gap('client', 0, 100, 1), ...known.step({ from: 'client', offset: 100, bytes: Buffer.from(`ING\r\n${ping}`), at: 2 })];
    assert.deepEqual(messages.map(({ kind, range }) => [kind, range.start, range.end]), [['gap', 0, 100], ['undecoded', 100, 105], ['request', 105, 119]]);
  });
});

suite('lens: protobuf types', () => {
  test('files that arrive later name the fields of what was decoded before', () => {
    const proto = 'syntax = "proto3"; package shop; service Stock { rpc Reserve (Ask) returns (Ask); } message Ask { string sku = 1; }';
    const { lens } = looking(new CaptureFeed().open(1).says(1, 'client', ping));
    assert.deepEqual(lens.setSchemas([{ name: 'broken.proto', text: 'message {' }, { name: 'stock.proto', text: proto }]).problems.map(({ file }) => file), ['broken.proto']);
    assert.equal(lens.listMessages({ flow: 1, start: 0, count: 10 }).total, 1);
  });
});
