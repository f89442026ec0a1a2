import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { CaptureStore } from '../../src/core/capture/store.js';
import { nodePort } from '../../src/core/engine/nodePort.js';
import { Lens } from '../../src/core/lens/lens.js';
import { LensServer } from '../../src/core/lens/server.js';
import { classify } from '../../src/core/protocols/index.js';
import type { FilterAnswer } from '../../src/shared/inspect.js';
import { Rpc } from '../../src/shared/rpc.js';
import { Owner, toDisposable } from '../../src/shared/lifecycle.js';
import type { CaptureAckContract, CaptureFeedContract, LensContract, LensEvents, LensSummary } from '../../src/shared/protocol.js';

/** The host's and the engine's ends of a lens that is served over ports, as in its worker. */
class Desk extends Owner {
  readonly lens = this.register(new Lens({ classify, now: () => performance.now() }));
  readonly host: Rpc<LensEvents, LensContract>;
  readonly faults: unknown[] = [];
  readonly store = new CaptureStore(2);

  constructor(flowEvents = true) {
    super();
    const { port1, port2 } = this.channel();
    this.host = this.register(new Rpc<LensEvents, LensContract>(nodePort(port1), (fault) => this.faults.push(fault)));
    this.register(new LensServer(nodePort(port2), this.lens, flowEvents));
  }

  async engine(): Promise<{ rpc: Rpc<CaptureAckContract, CaptureFeedContract>; port: MessagePort; acks: number[]; modes: boolean[] }> {
    const { port1, port2 } = this.channel();
    const rpc = this.register(new Rpc<CaptureAckContract, CaptureFeedContract>(nodePort(port1), (fault) => this.faults.push(fault)));
    const acks: number[] = [];
    const modes: boolean[] = [];
    rpc.on('capture/ack', ({ batches }) => acks.push(batches));
    rpc.on('capture/mode', ({ waitsForLens }) => modes.push(waitsForLens));
    await this.host.request('lens/attach', { port: port2 }, [port2]);
    return { rpc, port: port1, acks, modes };
  }

  batch(says: string): CaptureFeedContract['notifications']['capture/batch'] {
    const bytes = Buffer.from(says);
    const position = this.store.append(bytes);
    return {
      segments: this.store.takeNewSegments(),
      header: this.store.header,
      flows: [{ id: 1, listenerId: 'r/dev', listenerName: 'dev', openedAt: 1, client: { host: '127.0.0.1', port: 5 }, local: { host: '127.0.0.1', port: 6 }, failedUpstreams: [], notes: [], route: 'web' }],
      chunks: Float64Array.of(2, 2, bytes.length, position),
      totals: Float64Array.of(1, bytes.length, 0),
    };
  }

  private channel(): MessageChannel {
    const channel = new MessageChannel();
    this.register(toDisposable(() => channel.port1.close()));
    return channel;
  }
}

suite('lens server', () => {
  let desk: Desk;
  setup(() => {
    desk = new Desk();
  });
  teardown(() => desk.dispose());

  test('takes in what the engine tells, acknowledges it, and answers about it', async () => {
    const engine = await desk.engine();
    const changed = new Promise<LensSummary>((resolve) => desk.host.on('lens/changed', resolve));
    engine.rpc.notify('capture/batch', desk.batch('GET / HTTP/1.1\r\n\r\n'));
    assert.equal((await changed).liveFlows, 1);
    const piece = await desk.host.request('bytes/read', { flow: 1, from: 'client', start: 4, length: 10 });
    assert.equal(Buffer.from(piece.bytes).toString(), '/ HTTP/1.1');
    assert.equal((await desk.host.request('flows/list', { order: 'opened', start: 0, count: 10 })).rows[0]!.classification.protocol, 'http1');
    assert.equal((await desk.host.request('chunks/list', { flow: 1, start: 0, count: 10 })).rows.length, 1);
    assert.deepEqual(engine.acks, [1]);
    await assert.rejects(desk.host.request('flows/get', { id: 9 }), { code: 'unknownFlow' });
    assert.deepEqual(desk.faults, []);
  });

  test('a hundred batches in a row make a few pushes, the last of which is up to date', async () => {
    const engine = await desk.engine();
    const heard: number[] = [];
    const upToDate = new Promise<void>((resolve) => desk.host.on('lens/changed', ({ revision }) => (heard.push(revision), revision === 100 && resolve())));
    for (let index = 0; index < 100; index++) engine.rpc.notify('capture/batch', { ...desk.batch('x'), header: undefined });
    await upToDate;
    assert.ok(heard.length < 20, `${heard.length} pushes`);
    assert.equal(engine.acks.length, 100);
  });

  test('a batch that cannot be taken in is reported and acknowledged all the same', async () => {
    const engine = await desk.engine();
    const logged = new Promise<string>((resolve) => desk.host.on('lens/log', ({ message }) => resolve(message)));
    engine.port.postMessage({ kind: 'notification', name: 'capture/batch', payload: { flows: 'no list' } });
    await logged;
    await desk.host.request('lens/summary', null);
    assert.deepEqual(engine.acks, [1]);
  });

  test('says when the engine closed its end, after everything it had told', async () => {
    const engine = await desk.engine();
    const order: string[] = [];
    desk.host.on('lens/flow', ({ event }) => order.push(event));
    const detached = new Promise<void>((resolve) => desk.host.on('lens/detached', () => resolve()));
    const batch = desk.batch('x');
    engine.rpc.notify('capture/batch', { ...batch, flows: batch.flows.map((flow) => ({ ...flow, closedAt: 5, endReason: 'stopped' as const })) });
    engine.port.close();
    await detached;
    assert.deepEqual(order, ['opened', 'classified', 'closed']);
  });

  test('a later engine replaces the earlier one, whose flows are over and stay known', async () => {
    const first = await desk.engine();
    // Told in the same breath as the next engine comes: it must not be lost in the port.
    first.rpc.notify('capture/batch', desk.batch('one'));
    const closed = once(first.port, 'close');
    const second = await desk.engine();
    await closed;
    second.rpc.notify('capture/batch', { ...desk.batch('two'), flows: [], chunks: new Float64Array(0), totals: new Float64Array(0) });
    await once(second.port, 'message');
    const { rows } = await desk.host.request('flows/list', { order: 'opened', start: 0, count: 9 });
    assert.deepEqual(rows.map(({ id, endReason }) => [id, endReason]), [[1, 'engineFailed']]);
    const piece = await desk.host.request('bytes/read', { flow: 1, from: 'client', start: 0, length: 9 });
    assert.equal(Buffer.from(piece.bytes).toString(), 'one');
  });

  test('a recording makes the engine wait for lens, an engine that comes later too', async () => {
    const engine = await desk.engine();
    await desk.host.request('record/start', { file: process.platform === 'win32' ? '\\\\.\\NUL' : '/dev/null' });
    const later = await desk.engine();
    await desk.host.request('record/stop', null);
    await desk.host.request('lens/summary', null);
    assert.deepEqual([engine.modes, later.modes], [[true], [true, false]]);
  });

  test('tells nobody of flows who does not want to hear', async () => {
    const quiet = new Desk(false);
    const engine = await quiet.engine();
    const heard: unknown[] = [];
    quiet.host.on('lens/flow', (event) => heard.push(event));
    engine.rpc.notify('capture/batch', quiet.batch('GET / HTTP/1.1\r\n\r\n'));
    await new Promise<void>((resolve) => quiet.host.on('lens/changed', () => resolve()));
    quiet.dispose();
    assert.deepEqual(heard, []);
  });

  test('a filter is judged, told in the words that were set up, and completed from what was captured', async () => {
    const { rpc } = await desk.engine();
    const isThere = new Promise<void>((resolve) => desk.host.on('lens/changed', () => resolve()));
    rpc.notify('capture/batch', desk.batch('GET /'));
    await isThere;
    const check = (text: string): Promise<FilterAnswer> => desk.host.request('filter/check', { text, caret: text.length });
    assert.deepEqual((await check('flow.listener == ')).completions.items, [{ text: 'dev', kind: 'value', detail: 'seen once' }]);
    assert.equal((await check('latency > 5ms')).words, 'messages slower than 5 ms');
    assert.deepEqual((await check('latency > 5')).problem?.start, 10);
    await desk.host.request('filter/setup', { strings: { messages: '消息', '{0} {1}': '{0}：{1}', 'slower than {0}': '应答慢于 {0}' } });
    await desk.host.request('filter/setup', { saved: [{ name: 'slow', filter: 'latency > 1s' }] });
    assert.equal((await check('latency > 5ms')).words, '消息：应答慢于 5 ms');
    assert.deepEqual((await check('slo')).completions.items, [{ text: 'latency > 1s', kind: 'saved', detail: 'slow' }]);
  });
});
