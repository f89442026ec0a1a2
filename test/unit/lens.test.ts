import assert from 'node:assert/strict';
import { segmentBytes } from '../../src/core/capture/store.js';
import { Lens, type LensOptions } from '../../src/core/lens/lens.js';
import type { Classified } from '../../src/core/protocols/index.js';
import type { FlowQuery, LensEvents } from '../../src/shared/protocol.js';
import type { FlowFacts } from '../../src/shared/flow.js';
import { CaptureFeed as Feed } from './captureFeed.js';

type FlowEvent = LensEvents['notifications']['lens/flow'];

/** Names what the bytes spell, so that tests see what lens asked about. */
function classify(client: Uint8Array, server: Uint8Array, first?: 'client' | 'server'): Classified {
  const asked = Buffer.from(client).toString('latin1');
  const answered = Buffer.from(server).toString('latin1');
  const isAnswered = answered !== '';
  if (asked.startsWith('GET ') && answered.startsWith('HTTP/1.1 101')) return { protocol: 'websocket', layers: ['http1', 'websocket'], by: 'both', why: 'it upgraded', isSettled: true };
  if (asked.startsWith('GET ')) return { protocol: 'http1', layers: ['http1'], by: isAnswered ? 'both' : 'client', why: 'GET', isSettled: isAnswered };
  if (answered.startsWith('220 ') && first === 'server') return { protocol: 'smtp', layers: ['smtp'], by: 'server', why: 'banner', isSettled: false };
  return { protocol: 'unknown', layers: [], by: 'none', why: 'no protocol says so', isSettled: false };
}

function lensOn(feed: Feed, options: Partial<LensOptions> = {}): { lens: Lens; push(): Lens; events: FlowEvent[] } {
  const lens = new Lens({ classify, now: () => 10_000, ...options });
  const events: FlowEvent[] = [];
  lens.onFlow((event) => events.push(event));
  return { lens, events, push: () => (lens.ingest(feed.take()), lens) };
}

const everything: FlowQuery = { order: 'opened', start: 0, count: 1000 };

function idsOf(lens: Lens, query: Partial<FlowQuery>): number[] {
  return lens.listFlows({ ...everything, ...query }).rows.map((row) => row.id);
}

suite('lens: bytes', () => {
  test('puts together what each side said, over chunk borders and from the middle', () => {
    const feed = new Feed().open(1).says(1, 'client', 'GET /').says(1, 'upstream', 'HTTP/1.1 ').says(1, 'client', ' more').says(1, 'upstream', '200 OK');
    const lens = lensOn(feed).push();
    const piece = lens.readBytes({ flow: 1, from: 'upstream', start: 5, length: 8 });
    assert.equal(Buffer.from(piece.bytes).toString(), '1.1 200 ');
    assert.deepEqual({ ...piece, bytes: undefined }, { from: 'upstream', offset: 5, bytes: undefined, gaps: [], total: 15 });
    assert.equal(Buffer.from(lens.readBytes({ flow: 1, from: 'client', start: 0, length: 1000 }).bytes).toString(), 'GET / more');
  });

  test('says exactly which bytes were never kept, and leaves them zero', () => {
    const feed = new Feed().open(1).says(1, 'client', 'abc').says(1, 'client', 'lost', 2000, false).says(1, 'client', 'gone', 2000, false).says(1, 'client', 'xyz');
    const lens = lensOn(feed).push();
    const piece = lens.readBytes({ flow: 1, from: 'client', start: 1, length: 100 });
    assert.equal(Buffer.from(piece.bytes).toString('latin1'), 'bc\0\0\0\0\0\0\0\0xyz');
    assert.deepEqual(piece.gaps, [{ start: 3, end: 11 }]);
    assert.deepEqual(lens.getFlow(1).fromClient, { total: 14, kept: 6, dropped: 8 });
  });

  test('counts as dropped what passed while capture was off, and shows it as a gap', () => {
    const lens = lensOn(new Feed().open(1).counts(1, 'upstream', 5000)).push();
    assert.deepEqual(lens.getFlow(1).fromUpstream, { total: 5000, kept: 0, dropped: 5000 });
    assert.deepEqual(lens.readBytes({ flow: 1, from: 'upstream', start: 0, length: 10 }).gaps, [{ start: 0, end: 10 }]);
    assert.equal(lens.summary().droppedBytes, 5000);
  });

  test('a flow that had moved 5 GB before lens came has one gap of that size', () => {
    const feed = new Feed().open(1);
    const { lens, push } = lensOn(feed);
    const batch = feed.take();
    lens.ingest({ ...batch, chunks: Float64Array.of(2, 2000, 5e9, -1), totals: Float64Array.of(1, 5e9, 0) });
    feed.says(1, 'client', 'now');
    push();
    assert.equal(lens.getFlow(1).fromClient.kept, 3);
    const piece = lens.readBytes({ flow: 1, from: 'client', start: 5e9 - 2, length: 10 });
    assert.deepEqual([...piece.bytes], [0, 0, ...Buffer.from('now')]);
    assert.deepEqual(piece.gaps, [{ start: 5e9 - 2, end: 5e9 }]);
  });

  test('tells overwritten bytes from kept ones, byte for byte', () => {
    const feed = new Feed(2).open(1);
    const half = segmentBytes / 2;
    for (let part = 0; part < 8; part++) feed.says(1, part % 2 === 0 ? 'client' : 'upstream', new Uint8Array(half).fill(part + 1));
    const { lens, push } = lensOn(feed);
    push();
    // Eight halves in two segments: the last four are there.
    assert.deepEqual(lens.getFlow(1).fromClient, { total: 4 * half, kept: 2 * half, dropped: 2 * half });
    assert.equal(lens.summary().keptBytes, 2 * segmentBytes);
    assert.equal(lens.summary().droppedBytes, 2 * segmentBytes);
    const piece = lens.readBytes({ flow: 1, from: 'client', start: 2 * half - 3, length: 6 });
    assert.deepEqual([...piece.bytes], [0, 0, 0, 5, 5, 5]);
    assert.deepEqual(piece.gaps, [{ start: 2 * half - 3, end: 2 * half }]);
    assert.deepEqual(lens.listChunks({ flow: 1, start: 2, count: 3 }).rows.map((row) => row.missing), [half, half, 0]);
  });

  test('notices that bytes were overwritten after the batch that announced them', () => {
    const feed = new Feed(1).open(1).says(1, 'client', 'early');
    const { lens, push } = lensOn(feed);
    push();
    assert.equal(lens.getFlow(1).fromClient.kept, 5);
    feed.store.append(new Uint8Array(segmentBytes - 2));
    const piece = lens.readBytes({ flow: 1, from: 'client', start: 0, length: 5 });
    assert.deepEqual([...piece.bytes], [0, 0, 0, 0, 0]);
    assert.deepEqual(piece.gaps, [{ start: 0, end: 5 }]);
    assert.deepEqual(lens.getFlow(1).fromClient, { total: 5, kept: 0, dropped: 5 });
  });

  test('answers at most 256 KiB at a time, and nothing beyond the end', () => {
    const feed = new Feed().open(1).says(1, 'client', new Uint8Array(600_000).fill(7));
    const lens = lensOn(feed).push();
    assert.equal(lens.readBytes({ flow: 1, from: 'client', start: 0, length: 1e9 }).bytes.length, 256 * 1024);
    assert.equal(lens.readBytes({ flow: 1, from: 'client', start: 599_990, length: 100 }).bytes.length, 10);
    const beyond = lens.readBytes({ flow: 1, from: 'client', start: 700_000, length: 100 });
    assert.deepEqual([beyond.offset, beyond.bytes.length, beyond.gaps.length], [600_000, 0, 0]);
  });

  test('a flow that is not kept is an error a person can read', () => {
    const lens = lensOn(new Feed()).push();
    assert.throws(() => lens.getFlow(77), { code: 'unknownFlow' });
    assert.throws(() => lens.readBytes({ flow: 77, from: 'client', start: 0, length: 1 }), { code: 'unknownFlow' });
  });
});

suite('lens: chunks', () => {
  test('lists both speakers in the order read, with offset, time and preview', () => {
    const feed = new Feed().open(1).says(1, 'client', 'PING\r\n', 2000.25).says(1, 'upstream', '+PONG\r\n', 2001.5).says(1, 'client', 'QUIT', 2002);
    const lens = lensOn(feed).push();
    assert.deepEqual(lens.listChunks({ flow: 1, start: 0, count: 10 }), {
      rows: [
        { index: 0, from: 'client', offset: 0, length: 6, at: 2000.25, missing: 0, preview: 'PING..' },
        { index: 1, from: 'upstream', offset: 0, length: 7, at: 2001.5, missing: 0, preview: '+PONG..' },
        { index: 2, from: 'client', offset: 6, length: 4, at: 2002, missing: 0, preview: 'QUIT' },
      ],
      first: 0,
      total: 3,
    });
  });

  test('finds any page and any offset of 10,000 interleaved chunks', () => {
    const feed = new Feed(8).open(1).open(2);
    for (let index = 0; index < 10_000; index++) {
      const flow = 1 + (index % 3 === 0 ? 1 : 0);
      feed.says(flow, index % 5 === 0 ? 'upstream' : 'client', `<${index}>`);
    }
    const lens = lensOn(feed).push();
    const all = Array.from({ length: 7 }, (_, page) => lens.listChunks({ flow: 1, start: page * 1000, count: 1000 }).rows).flat();
    assert.equal(all.length, 6666);
    assert.equal(all[4321]!.index, 4321);
    for (const row of [all[0]!, all[63]!, all[64]!, all[65]!, all[4321]!, all.at(-1)!]) {
      const page = lens.listChunks({ flow: 1, start: row.index, count: 1 }).rows;
      assert.deepEqual(page, [row]);
      const piece = lens.readBytes({ flow: 1, from: row.from, start: row.offset, length: row.length });
      assert.equal(Buffer.from(piece.bytes).toString(), row.preview);
    }
  });

  test('lets the oldest chunks go when the index is full, keeps offsets right and counts the bytes', () => {
    const feed = new Feed().open(1).open(2);
    for (let index = 0; index < 1000; index++) feed.says(1 + (index % 2), index % 4 < 2 ? 'client' : 'upstream', String(index).padStart(4, '0'));
    const { lens, push } = lensOn(feed, { maxChunks: 200 });
    push();
    const { first, total, rows } = lens.listChunks({ flow: 1, start: 0, count: 1000 });
    assert.deepEqual([first, total, rows.length], [400, 500, 100]);
    assert.equal(rows[0]!.preview, '0800');
    assert.equal(rows[0]!.offset, 800);
    assert.deepEqual(lens.getFlow(1).fromClient, { total: 1000, kept: 200, dropped: 800 });
    const piece = lens.readBytes({ flow: 1, from: 'client', start: 796, length: 12 });
    assert.equal(Buffer.from(piece.bytes).toString('latin1'), '\0\0\0\x0008000804');
    assert.deepEqual(piece.gaps, [{ start: 796, end: 800 }]);
    assert.equal(lens.summary().keptBytes + lens.summary().droppedBytes, 4000);
  });

  test('a flow whose chunks are all gone still answers, and goes on', () => {
    const feed = new Feed().open(1).open(2).says(1, 'client', 'old');
    for (let index = 0; index < 300; index++) feed.says(2, 'client', 'x');
    const { lens, push } = lensOn(feed, { maxChunks: 100 });
    push();
    assert.deepEqual(lens.listChunks({ flow: 1, start: 0, count: 5 }), { rows: [], first: 1, total: 1 });
    assert.deepEqual(lens.readBytes({ flow: 1, from: 'client', start: 0, length: 3 }).gaps, [{ start: 0, end: 3 }]);
    feed.says(1, 'client', 'new');
    push();
    assert.deepEqual(lens.listChunks({ flow: 1, start: 0, count: 5 }).rows.map((row) => [row.index, row.offset, row.preview]), [[1, 3, 'new']]);
    assert.equal(Buffer.from(lens.readBytes({ flow: 1, from: 'client', start: 3, length: 3 }).bytes).toString(), 'new');
  });
});

suite('lens: flows', () => {
  test('lists live flows first, newest on top, then closed ones, last closed first', () => {
    const feed = new Feed().open(1).open(2).open(3).open(4).open(5).close(2, 9001).close(4, 9000);
    const lens = lensOn(feed).push();
    assert.deepEqual(idsOf(lens, { order: 'liveFirst' }), [5, 3, 1, 2, 4]);
    assert.deepEqual(idsOf(lens, { order: 'opened' }), [1, 2, 3, 4, 5]);
  });

  test('pages without gap or overlap, and says how many there are', () => {
    const feed = new Feed();
    for (let id = 1; id <= 25; id++) feed.open(id);
    const lens = lensOn(feed).push();
    assert.deepEqual(idsOf(lens, { start: 10, count: 10 }), [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    const page = lens.listFlows({ ...everything, start: 20, count: 10 });
    assert.deepEqual([page.rows.length, page.total, page.start], [5, 25, 20]);
    assert.deepEqual(idsOf(lens, { start: 99 }), []);
  });

  test('filters by listener and by text in protocol, route, upstream, program and client address', () => {
    const feed = new Feed()
      .open(1, { listenerId: 'rules/other' })
      .open(2, { route: 'Cache', upstream: '127.0.0.1:6379' })
      .open(3, { process: { pid: 7, name: 'curl', commandLine: 'curl http://x' } })
      .open(4, { client: { host: '10.1.2.3', port: 5 } })
      .open(5)
      .says(5, 'client', 'GET / HTTP/1.1\r\n');
    const lens = lensOn(feed).push();
    assert.deepEqual(idsOf(lens, { listenerId: 'rules/other' }), [1]);
    for (const [text, ids] of [['cache', [2]], [':6379', [2]], ['CURL', [3]], ['10.1.2', [4]], ['http1', [5]], ['no such', []], ['  ', [1, 2, 3, 4, 5]]] as const) {
      assert.deepEqual(idsOf(lens, { text }), [...ids], text);
    }
  });

  test('finds a flow by what became known after it was listed', () => {
    const feed = new Feed().open(1);
    const { lens, push } = lensOn(feed);
    push();
    assert.deepEqual(idsOf(lens, { text: 'api' }), []);
    feed.change(1, { route: 'api' });
    push();
    assert.deepEqual(idsOf(lens, { text: 'api' }), [1]);
  });

  test('names the state of a flow', () => {
    const feed = new Feed().open(1).open(2, { route: 'api', decidedAt: 1005 }).open(3, { route: 'api', decidedAt: 1005, connectedAt: 1006 }).open(4).close(4);
    const lens = lensOn(feed).push();
    assert.deepEqual(lens.listFlows(everything).rows.map((row) => row.state), ['inspecting', 'connecting', 'open', 'closed']);
  });

  test('forgets the oldest closed flows past its bound, with a count, and never a live one', () => {
    const feed = new Feed();
    const { lens, push } = lensOn(feed, { maxClosedFlows: 50_000 });
    feed.open(1).says(1, 'client', 'still here');
    for (let id = 2; id <= 100_001; id++) {
      feed.open(id).says(id, 'client', 'ab').close(id, 2000 + id);
      if (id % 10_000 === 0) push();
    }
    push();
    const page = lens.listFlows({ order: 'opened', start: 0, count: 2 });
    assert.deepEqual([page.total, page.forgotten], [50_001, 50_000]);
    assert.deepEqual(page.rows.map((row) => row.id), [1, 50_002]);
    assert.throws(() => lens.getFlow(50_001), { code: 'unknownFlow' });
    const summary = lens.summary();
    assert.deepEqual([summary.liveFlows, summary.totalFlows, summary.keptBytes, summary.droppedBytes], [1, 100_001, 100_010, 100_000]);
    assert.equal(Buffer.from(lens.readBytes({ flow: 100_001, from: 'client', start: 0, length: 9 }).bytes).toString(), 'ab');
  });

  test('clearing forgets closed flows and keeps live ones with their bytes', () => {
    const feed = new Feed().open(1).says(1, 'client', 'one').open(2).says(2, 'client', 'second').close(2);
    const { lens, push } = lensOn(feed);
    push();
    const before = lens.summary().revision;
    lens.clear();
    assert.deepEqual(idsOf(lens, {}), [1]);
    const summary = lens.summary();
    assert.deepEqual([summary.totalFlows, summary.keptBytes, summary.droppedBytes], [1, 3, 0]);
    assert.ok(before < summary.revision);
    feed.says(1, 'client', ' more');
    push();
    assert.equal(Buffer.from(lens.readBytes({ flow: 1, from: 'client', start: 0, length: 99 }).bytes).toString(), 'one more');
  });
});

suite('lens: what a flow speaks', () => {
  test('judges from both sides, and again when the protocol changes inside the connection', () => {
    const feed = new Feed().open(1).says(1, 'client', 'GE');
    const { lens, push } = lensOn(feed);
    push();
    assert.equal(lens.getFlow(1).classification.protocol, 'unknown');
    feed.says(1, 'client', 'T / HTTP/1.1\r\n\r\n');
    push();
    assert.deepEqual(lens.getFlow(1).classification, { protocol: 'http1', layers: ['http1'], by: 'client', why: 'GET' });
    feed.says(1, 'upstream', 'HTTP/1.1 101 Switching Protocols\r\n');
    push();
    assert.deepEqual(lens.getFlow(1).classification.layers, ['http1', 'websocket']);
  });

  test('tells the judge who spoke first', () => {
    const lens = lensOn(new Feed().open(1).says(1, 'upstream', '220 hello').says(1, 'client', 'EHLO x')).push();
    assert.equal(lens.getFlow(1).classification.protocol, 'smtp');
  });

  test('says when there was nothing to judge by, and does not wait for more', () => {
    const feed = new Feed().open(1, { route: 'api' }).counts(1, 'client', 100);
    const { lens, events, push } = lensOn(feed);
    push();
    assert.match(lens.getFlow(1).classification.why, /not kept/);
    assert.deepEqual(events.map(({ event }) => event), ['opened', 'classified']);
  });

  test('looks at no more than the first 4 KiB of each side, and stops there', () => {
    const lengths: [number, number][] = [];
    const feed = new Feed().open(1);
    const { push } = lensOn(feed, {
      classify: (client, server) => {
        lengths.push([client.length, server.length]);
        return classify(client, server, 'client');
      },
    });
    feed.says(1, 'client', new Uint8Array(20_000));
    push();
    feed.says(1, 'upstream', new Uint8Array(20_000));
    push();
    feed.says(1, 'client', 'GET /');
    push();
    assert.deepEqual(lengths, [[4096, 0], [4096, 4096]]);
  });

  test('judges a flow that talks byte by byte a bounded number of times', () => {
    let rounds = 0;
    const feed = new Feed().open(1);
    const { push } = lensOn(feed, { classify: (client, server, first) => (rounds++, classify(client, server, first)) });
    for (let index = 0; index < 5000; index++) {
      feed.says(1, 'client', 'x');
      push();
    }
    assert.ok(rounds < 50, `${rounds} rounds`);
  });
});

suite('lens: flow events', () => {
  const routed: Partial<FlowFacts> = { route: 'api', upstream: '127.0.0.1:8080', decidedAt: 2000 };
  const told = (events: readonly FlowEvent[]): string[] => events.map(({ event, flow, classification }) => `${flow.id} ${event} ${classification.protocol}`);

  test('come once each and in order, all in one batch too', () => {
    const feed = new Feed().open(1).says(1, 'client', 'GET /').says(1, 'upstream', 'HTTP/1.1 200').change(1, routed).close(1);
    const { events, push } = lensOn(feed);
    push();
    assert.deepEqual(told(events), ['1 opened http1', '1 classified http1', '1 closed http1']);
    assert.deepEqual(events.at(-1)!.totals, { client: 5, upstream: 12 });
    feed.change(1, {});
    push();
    assert.equal(events.length, 3);
  });

  test('flows of one batch are told in the order it happened', () => {
    const feed = new Feed().open(1, { openedAt: 1000 }).open(2, { openedAt: 3000 }).close(1, 2000).close(2, 4000);
    const { events, push } = lensOn(feed);
    push();
    assert.deepEqual(events.map(({ event, flow, at }) => `${flow.id} ${event} ${at}`), ['1 opened 1000', '1 classified 2000', '1 closed 2000', '2 opened 3000', '2 classified 4000', '2 closed 4000']);
  });

  test('classified waits for the route, and for the upstream to answer', () => {
    const feed = new Feed().open(1).says(1, 'client', 'GET /');
    const { lens, events, push } = lensOn(feed);
    push();
    feed.change(1, routed);
    push();
    assert.deepEqual(told(events), ['1 opened http1']);
    feed.says(1, 'upstream', 'HTTP/1.1 101');
    push();
    assert.deepEqual(told(events).slice(1), ['1 classified websocket']);
    lens.dispose();
  });

  test('classified does not wait for an upstream that stays silent', async () => {
    const feed = new Feed().open(1, routed).says(1, 'client', 'GET /');
    const lens = new Lens({ classify, now: () => performance.now() });
    const classified = new Promise<FlowEvent>((resolve) => lens.onFlow((event) => event.event === 'classified' && resolve(event)));
    lens.ingest(feed.take());
    const event = await classified;
    assert.deepEqual([event.classification.protocol, event.flow.route], ['http1', 'api']);
    lens.dispose();
  });

  test('a flow that never said what it is, is classified unknown before it closes', () => {
    const feed = new Feed().open(1);
    const { events, push } = lensOn(feed);
    push();
    feed.close(1);
    push();
    assert.deepEqual(told(events), ['1 opened unknown', '1 classified unknown', '1 closed unknown']);
  });

  test('when another engine follows, flows of the one before are closed and can still be read', () => {
    const feed = new Feed().open(1).says(1, 'client', 'GET /');
    const { lens, events, push } = lensOn(feed);
    const read = (flow: number): string => Buffer.from(lens.readBytes({ flow, from: 'client', start: 0, length: 99 }).bytes).toString();
    push();
    lens.endEngine();
    assert.equal(events.at(-1)!.flow.endReason, 'engineFailed');
    assert.equal(lens.firstFreeFlowId, 2);
    lens.ingest(new Feed().open(2).says(2, 'client', 'other').take());
    assert.deepEqual([read(1), read(2)], ['GET /', 'other']);
    assert.equal(lens.summary().keptBytes, 10);
    assert.equal(lens.summary().liveFlows, 1);
  });

  test('keeps the bytes of two engines at most, and counts those of earlier ones as dropped', () => {
    const lens = new Lens({ classify, now: () => 0 });
    for (const id of [1, 2, 3]) {
      lens.ingest(new Feed().open(id).says(id, 'client', `flow ${id}`).take());
      lens.endEngine();
    }
    const kept = [1, 2, 3].map((id) => lens.getFlow(id).fromClient);
    assert.deepEqual(kept, [{ total: 6, kept: 0, dropped: 6 }, { total: 6, kept: 6, dropped: 0 }, { total: 6, kept: 6, dropped: 0 }]);
    lens.dispose();
  });
});
