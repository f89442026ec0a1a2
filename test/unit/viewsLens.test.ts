// Views over what a lens really recorded and decoded, asked for as the inspector asks.
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { nodePort } from '../../src/core/engine/nodePort.js';
import { Lens } from '../../src/core/lens/lens.js';
import { LensServer } from '../../src/core/lens/server.js';
import { classify } from '../../src/core/protocols/index.js';
import type { ViewPage, ViewQuery } from '../../src/shared/inspect.js';
import { Owner, toDisposable } from '../../src/shared/lifecycle.js';
import type { LensContract, LensEvents } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { CaptureFeed } from './captureFeed.js';

const command = (...words: string[]): string => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

class Inspector extends Owner {
  readonly feed = new CaptureFeed();
  readonly lens = this.register(new Lens({ classify, now: () => 100_000 + performance.now(), maxClosedFlows: 3 }));
  private readonly host: Rpc<LensEvents, LensContract>;

  constructor() {
    super();
    const { port1, port2 } = new MessageChannel();
    this.register(toDisposable(() => port1.close()));
    this.host = this.register(new Rpc<LensEvents, LensContract>(nodePort(port1), (fault) => assert.fail(String(fault))));
    this.register(new LensServer(nodePort(port2), this.lens, false));
  }

  push(): void {
    this.lens.ingest(this.feed.take());
  }

  ask<K extends keyof LensContract['requests']>(name: K, params: LensContract['requests'][K]['params']): Promise<LensContract['requests'][K]['result']> {
    return this.host.request(name, params);
  }

  async open(query: Partial<ViewQuery> = {}): Promise<number> {
    const opened = await this.ask('view/open', { filter: '', listing: 'exchanges', ...query });
    assert.ok('view' in opened, JSON.stringify(opened));
    return opened.view;
  }

  /** The page once everything is decoded and judged. */
  async page(view: number, columns: string[] = []): Promise<ViewPage> {
    for (;;) {
      const page = await this.ask('view/rows', { view, start: 0, count: 100, columns });
      if (page.isDone && page.undecodedBytes === 0) return page;
    }
  }

  async told(view: number): Promise<string[]> {
    return (await this.page(view)).rows.map(({ flow, summary, answer }) => `${flow} ${summary} = ${answer?.summary ?? '-'}`);
  }
}

suite('views of a lens', () => {
  let inspector: Inspector;
  setup(() => {
    inspector = new Inspector();
  });
  teardown(() => inspector.dispose());

  test('rows of all connections, with cells, marks and colours, found by the filter language', async () => {
    const { feed } = inspector;
    feed.open(1, { upstream: '127.0.0.1:6379' }).says(1, 'client', command('GET', 'a'), 2000).says(1, 'upstream', '$1\r\n1\r\n', 2003);
    feed.open(2, { upstream: '127.0.0.1:6379' }).says(2, 'client', command('SET', 'b', '2'), 2010).says(2, 'upstream', '-ERR no\r\n', 2030);
    inspector.push();
    const all = await inspector.open();
    assert.deepEqual(await inspector.told(all), ['1 GET a = "1"', '2 SET b 2 = ERR no']);
    const { rows } = await inspector.page(all, ['redis.key', 'upstream']);
    assert.deepEqual(rows.map(({ cells, latencyMs, severity }) => [cells, latencyMs, severity]), [[['a', '127.0.0.1:6379'], 3, undefined], [['b', '127.0.0.1:6379'], 20, 'error']]);
    assert.deepEqual(await inspector.told(await inspector.open({ filter: 'redis.command == SET and latency > 5ms' })), ['2 SET b 2 = ERR no']);
    await inspector.ask('marks/set', { rows: [rows[0]!.row], color: 'yellow' });
    await inspector.ask('colors/set', { rules: [{ filter: 'problem', color: 'red' }] });
    assert.deepEqual((await inspector.page(all)).rows.map(({ color }) => color), ['yellow', 'red']);
    assert.equal((await inspector.told(await inspector.open({ filter: 'marked' }))).length, 1);
    const wrong = await inspector.ask('view/open', { filter: 'redis.command ==', listing: 'exchanges' });
    assert.ok('problem' in wrong && wrong.problem.end === 16);
  });

  test('an answer that comes later joins its request', async () => {
    const { feed } = inspector;
    feed.open(1).says(1, 'client', command('PING')).says(1, 'upstream', '+PONG\r\n').says(1, 'client', command('GET', 'a'));
    inspector.push();
    const view = await inspector.open();
    assert.deepEqual(await inspector.told(view), ['1 PING = PONG', '1 GET a = -']);
    feed.says(1, 'upstream', '$1\r\nx\r\n', 2500);
    inspector.push();
    assert.deepEqual(await inspector.told(view), ['1 PING = PONG', '1 GET a = "x"']);
    assert.equal((await inspector.page(await inspector.open({ listing: 'messages' }))).total, 4);
  });

  test('connections that are forgotten take their rows with them', async () => {
    const { feed } = inspector;
    for (let id = 1; id <= 4; id++) feed.open(id).says(id, 'client', command('GET', String(id))).says(id, 'upstream', '+OK\r\n');
    inspector.push();
    const view = await inspector.open();
    const sorted = await inspector.open({ sort: { column: 'message', isDescending: true } });
    assert.equal((await inspector.page(view)).total, 4);
    assert.equal((await inspector.page(sorted)).total, 4);
    feed.close(2);
    inspector.push();
    await inspector.ask('flows/clear', null);
    for (const list of [view, sorted]) while ((await inspector.page(list)).total !== 3);
    assert.deepEqual(await inspector.told(view), ['1 GET 1 = OK', '3 GET 3 = OK', '4 GET 4 = OK']);
    assert.deepEqual(await inspector.told(sorted), ['4 GET 4 = OK', '3 GET 3 = OK', '1 GET 1 = OK']);
  });

  test('a program that becomes known later is found, and so is a debug session', async () => {
    const { feed } = inspector;
    for (const id of [1, 2]) feed.open(id).says(id, 'client', command('GET', 'a')).says(id, 'upstream', '+OK\r\n');
    inspector.push();
    const byProgram = await inspector.open({ filter: 'flow.process ~ "node*"' });
    const bySession = await inspector.open({ session: 's1' });
    assert.deepEqual(await inspector.told(byProgram), []);
    feed.change(2, { process: { pid: 70, name: 'node', commandLine: 'node' } });
    inspector.push();
    assert.deepEqual(await inspector.told(byProgram), ['2 GET a = OK']);
    assert.deepEqual(await inspector.told(bySession), []);
    await inspector.ask('debug/set', { sessions: [{ id: 's1', name: 'Launch', type: 'node', pids: [70], startedAt: 0 }], pauses: [] });
    while ((await inspector.page(bySession)).total === 0);
    assert.deepEqual(await inspector.told(bySession), ['2 GET a = OK']);
  });

  test('breakpoints are taken off in rows, filters and statistics', async () => {
    inspector.feed.open(1, { process: { pid: 7, name: 'node', commandLine: 'node' } }).says(1, 'client', command('GET', 'a'), 2000).says(1, 'upstream', '+OK\r\n', 5000);
    inspector.push();
    await inspector.ask('debug/set', { sessions: [{ id: 's', name: 'Launch', type: 'node', pids: [7], startedAt: 0 }], pauses: [{ session: 's', pids: [], startedAt: 2500, endedAt: 4900, reason: 'breakpoint' }] });
    const [row] = (await inspector.page(await inspector.open({ filter: 'latency < 1s' }))).rows;
    assert.deepEqual([row?.latencyMs, row?.pausedMs], [600, 2400]);
    let table = await inspector.ask('stats/table', { by: 'operation', filter: '' });
    while ('rows' in table && !table.isDone) table = await inspector.ask('stats/table', { by: 'operation', filter: '' });
    assert.ok('rows' in table);
    assert.deepEqual(table.rows, [{ key: 'GET', count: 1, errors: 0, bytes: 25, p50: 600, p95: 600, p99: 600 }]);
  });

  test('prism and throughput tell what passed, and decoding goes on while somebody asks', async () => {
    const { feed } = inspector;
    feed.open(1, { upstream: '127.0.0.1:6379' }).says(1, 'client', command('GET', 'a'), 2000).says(1, 'upstream', '-ERR\r\n', 2300);
    inspector.push();
    for (;;) {
      const { paths } = await inspector.ask('prism/get', null);
      if (paths[0]?.messages !== 2) continue;
      const [{ bytesPerSecond, ...path }] = paths as [typeof paths[0] & object];
      assert.deepEqual(path, { listener: 'dev', protocol: 'redis', upstream: '127.0.0.1:6379', live: 1, flows: 1, messages: 2, errors: 1, p95: 300 });
      assert.equal(bytesPerSecond, 26 / 2 / 1);
      break;
    }
    const { from, to, client, upstream } = await inspector.ask('throughput/get', { buckets: 4 });
    assert.deepEqual([from, to, [...client], [...upstream]], [2000, 2400, [20, 0, 0, 0], [0, 0, 0, 6]]);
  });

  test('a closed list is an error a person can read, and memory counts in', async () => {
    const view = await inspector.open();
    await inspector.ask('view/close', { view });
    await assert.rejects(inspector.ask('view/rows', { view, start: 0, count: 1, columns: [] }), { code: 'unknownView' });
    assert.ok(1_000_000 < (await inspector.ask('lens/summary', null)).memoryBytes);
  });
});
