// Tables, prism and throughput: what is counted, under which name, and how exact times are.
import assert from 'node:assert/strict';
import { Latencies } from '../../src/core/lens/views/latencies.js';
import { operationOf } from '../../src/core/lens/views/operations.js';
import { Prism } from '../../src/core/lens/views/prism.js';
import { Slices } from '../../src/core/lens/views/slices.js';
import { Statistics } from '../../src/core/lens/views/statistics.js';
import { Throughput } from '../../src/core/lens/views/throughput.js';
import type { FlowFacts } from '../../src/shared/flow.js';
import type { InspectRequests, StatRow } from '../../src/shared/inspect.js';
import { SyntheticLedger, SyntheticSource } from './syntheticLedger.js';

class StatisticsDesk {
  readonly ledger = new SyntheticLedger(50_000);
  readonly source = new SyntheticSource(this.ledger);
  readonly faults: unknown[] = [];
  time = 1000;
  readonly slices: Slices;
  readonly statistics: Statistics;

  constructor() {
    this.source.now = () => this.time;
    this.slices = new Slices(this.source.now, (fault) => this.faults.push(fault));
    this.statistics = new Statistics(this.source, this.slices, () => undefined, () => undefined);
    this.source.flow(1, { upstream: '127.0.0.1:6379', process: { pid: 1, name: 'redis-cli', commandLine: 'redis-cli' } });
    this.source.flow(2, { upstream: '127.0.0.1:8080' });
  }

  table(params: Partial<InspectRequests['stats/table']['params']> = {}): StatRow[] {
    const answer = this.statistics.table({ by: 'protocol', filter: '', ...params });
    assert.ok('rows' in answer, JSON.stringify(answer));
    assert.equal(answer.isDone, true);
    return answer.rows;
  }
}

suite('views: statistics', () => {
  let desk: StatisticsDesk;
  setup(() => {
    desk = new StatisticsDesk();
    const { ledger } = desk;
    ledger.addExchange({ flow: 1, summary: 'GET a:1', at: 0, bytes: 10 }, { at: 2, bytes: 5 });
    ledger.addExchange({ flow: 1, summary: 'GET a:2', at: 0, bytes: 10 }, { at: 4, bytes: 5, severity: 'error' });
    ledger.addExchange({ flow: 2, protocol: 'http1', summary: 'GET /orders/7', at: 100, bytes: 100 }, { at: 150, bytes: 900, summary: '503 Service Unavailable' });
    ledger.add({ flow: 1, kind: 'undecoded', bytes: 77 });
  });
  teardown(() => {
    desk.slices.dispose();
    assert.deepEqual(desk.faults, []);
  });

  test('counts exchanges, errors, times and bytes, the most frequent first', () => {
    assert.deepEqual(desk.table(), [
      { key: 'redis', count: 2, errors: 1, bytes: 30, p50: 2, p95: 4, p99: 4 },
      { key: 'http1', count: 1, errors: 1, bytes: 1000, p50: 50, p95: 50, p99: 50 },
    ]);
    assert.deepEqual(desk.table({ by: 'operation' }).map(({ key, count }) => [key, count]), [['GET', 2], ['GET /orders/:id', 1]]);
    assert.deepEqual(desk.table({ by: 'upstream' }).map(({ key, count }) => [key, count]), [['127.0.0.1:6379', 2], ['127.0.0.1:8080', 1]]);
    assert.deepEqual(desk.table({ by: 'program' }).map(({ key, count }) => [key, count]), [['redis-cli', 2], ['', 1]]);
  });

  test('goes on counting: an answer adds to its request, and one request fails once', () => {
    desk.table();
    const { ledger } = desk;
    const request = ledger.add({ flow: 1, summary: 'SCAN', at: 200, bytes: 1 });
    assert.deepEqual(desk.table()[0], { key: 'redis', count: 3, errors: 1, bytes: 31, p50: 2, p95: 4, p99: 4 });
    ledger.add({ flow: 1, kind: 'answer', answers: request, at: 230, bytes: 1, severity: 'error' });
    ledger.add({ flow: 1, kind: 'answer', answers: request, at: 260, bytes: 1, severity: 'error' });
    assert.deepEqual(desk.table()[0], { key: 'redis', count: 3, errors: 2, bytes: 33, p50: 4, p95: 30, p99: 30 });
  });

  test('a pause that becomes known after the answer is taken off the time that was counted, once', () => {
    assert.equal(desk.table({ by: 'operation' })[1]?.p50, 50);
    // Known so far up to the middle of the wait, then up to its end.
    for (const [to, ms] of [[120, 40], [145, 15]] as const) {
      desk.source.pauses.set(2, { from: 110, to });
      for (let i = 0; i < 2; i++) desk.statistics.sessionsChanged();
      for (const by of ['protocol', 'upstream', 'operation', 'program'] as const) assert.deepEqual(desk.table({ by }).map(({ p50, p99 }) => [p50, p99]), [[2, 4], [ms, ms]], by);
    }
  });

  test('of many times one is set right, too', () => {
    for (let i = 0; i < 2000; i++) desk.ledger.addExchange({ flow: 2, protocol: 'http1', summary: 'GET /', at: 1000 + i * 10 }, { at: 1005 + i * 10 });
    desk.ledger.addExchange({ flow: 1, protocol: 'amqp', summary: 'one', at: 0 }, { at: 1000 });
    assert.ok(Math.abs(desk.table({ by: 'upstream' }).find(({ key }) => key === '127.0.0.1:8080')!.p50! - 5) < 0.1);
    desk.source.pauses.set(2, { from: 0, to: 1_000_000 });
    desk.statistics.sessionsChanged();
    assert.ok(desk.table({ by: 'upstream' }).find(({ key }) => key === '127.0.0.1:8080')!.p99! < 0.01);
    assert.equal(desk.table().find(({ key }) => key === 'amqp')?.p50, 1000);
  });

  test('with a filter or a stretch of time, the same of what passes', () => {
    desk.source.filters.set('bytes > 50', ({ bytes }) => bytes !== undefined && 50 < bytes);
    assert.deepEqual(desk.table({ filter: 'bytes > 50' }), [{ key: 'http1', count: 1, errors: 1, bytes: 1000, p50: 50, p95: 50, p99: 50 }]);
    assert.deepEqual(desk.table({ from: 0, to: 100 }), [{ key: 'redis', count: 2, errors: 1, bytes: 30, p50: 2, p95: 4, p99: 4 }]);
    assert.deepEqual(desk.table({ from: 5, to: 100 }), []);
  });

  test('what passes is counted again when there is more, not at every question', () => {
    const query = { from: 0, to: 1000 };
    desk.table(query);
    desk.ledger.addExchange({ flow: 1, at: 300 });
    assert.equal(desk.table(query)[0]?.count, 2);
    desk.time += 3000;
    assert.equal(desk.table(query)[0]?.count, 3);
  });

  test('the time at a breakpoint is not counted', () => {
    desk.source.pauses.set(2, { from: 105, to: 145 });
    assert.equal(desk.table({ by: 'upstream' })[1]?.p50, 10);
  });

  test('a filter that is wrong says so', () => {
    assert.deepEqual(desk.statistics.table({ by: 'protocol', filter: 'nonsense' }), { problem: { message: 'There is no field "nonsense".', start: 0, end: 8 } });
  });

  test('keys are bounded: the rest is counted together, last', () => {
    for (let number = 0; number < 1100; number++) desk.ledger.add({ flow: 2, protocol: 'http1', summary: `GET /${'abcdefghijklmnopqrstuvwxyz'[number % 26]}${'x'.repeat(Math.floor(number / 26))}` });
    const rows = desk.table({ by: 'operation' });
    assert.equal(rows.length, 1001);
    assert.equal(rows.at(-1)?.key, '…');
    assert.equal(rows.reduce((sum, { count }) => sum + count, 0), 1103);
  });

  test('clearing begins from what is left', () => {
    desk.table();
    desk.ledger.forget(4);
    desk.statistics.clear();
    assert.deepEqual(desk.table().map(({ key, count }) => [key, count]), [['http1', 1]]);
  });
});

suite('views: percentiles', () => {
  test('are exact for few values, and within a percent for many', () => {
    const latencies = new Latencies();
    assert.equal(latencies.percentiles(), undefined);
    for (let number = 1; number <= 100; number++) latencies.add(number);
    assert.deepEqual(latencies.percentiles(), { p50: 50, p95: 95, p99: 99 });
    for (let number = 101; number <= 100_000; number++) latencies.add(number / 10);
    const told = latencies.percentiles()!;
    const values = Array.from({ length: 100_000 }, (_, at) => (at < 100 ? at + 1 : (at + 1) / 10)).sort((a, b) => a - b);
    for (const [part, got] of [[0.5, told.p50], [0.95, told.p95], [0.99, told.p99]] as const) {
      const exact = values[Math.ceil(part * values.length) - 1]!;
      assert.ok(Math.abs(got - exact) <= exact * 0.01, `p${part * 100} is ${got}, exactly ${exact}`);
    }
  });

  test('take any value', () => {
    const latencies = new Latencies();
    for (let number = 0; number < 1500; number++) latencies.add([0, 1e-9, 1e12, 5][number % 4]!);
    const { p50, p99 } = latencies.percentiles()!;
    assert.ok(p50 <= 0.002 && 900_000 <= p99, `${p50} ${p99}`);
  });
});

suite('views: operations', () => {
  const cases: readonly [protocol: string, summary: string, operation: string][] = [
    ['http1', 'GET /orders/17/items?page=2', 'GET /orders/:id/items'],
    ['http1', 'GET /a/550e8400-e29b-41d4-a716-446655440000/v1', 'GET /a/:id/v1'],
    ['http2', 'POST http://x.test/order-17 · stream 3', 'POST /:id'],
    ['http1', 'OPTIONS *', 'OPTIONS *'],
    ['grpc', 'shop.Stock/Reserve {1: "A-11", 2: 2}', 'shop.Stock/Reserve'],
    ['redis', 'GET "k 1"', 'GET'],
    ['postgres', 'select id from "orders" where id = 7', 'SELECT orders'],
    ['postgres', 'Execute s1, at most 5 rows: insert into shop.orders (a) values (1)', 'INSERT shop.orders'],
    ['postgres', 'Sync', 'Sync'],
    ['mysql', 'UPDATE `orders` SET a = 1', 'UPDATE orders'],
    ['mysql', 'COM_PING', 'COM_PING'],
    ['cassandra', 'EXECUTE SELECT name FROM orders WHERE id = ?', 'SELECT orders'],
    ['mongodb', 'find shop.orders {filter: {status: new}}', 'find shop.orders'],
    ['kafka', 'Produce v9 orders-2 · 2 records', 'Produce'],
    ['dns', 'AAAA a.test', 'AAAA'],
    ['thrift', 'getUser(1: 8812)', 'getUser'],
    ['imap', 'UID FETCH 1 BODY[]', 'UID FETCH'],
    ['mqtt', 'CONNECT abc as ada, keep alive 60 s', 'CONNECT'],
    ['smtp', 'MAIL FROM:<a@x>', 'MAIL'],
    ['http1', '', ''],
    ['redis', 'x'.repeat(300), `${'x'.repeat(120)}…`],
  ];
  for (const [protocol, summary, operation] of cases) {
    test(`${protocol} ${summary.slice(0, 60)}`, () => assert.equal(operationOf(protocol, summary), operation));
  }
});

suite('views: prism', () => {
  const facts = (id: number, more: Partial<FlowFacts> = {}): FlowFacts => ({ id, listenerId: 'rules/dev', listenerName: 'dev', openedAt: 0, client: { host: '::1', port: 1 }, local: { host: '::1', port: 2 }, failedUpstreams: [], notes: [], upstream: '127.0.0.1:1', ...more });
  const classification = { protocol: 'redis', layers: ['redis'], by: 'client' as const, why: '' };

  test('tells each path with its flows, and what passed in the last two seconds', () => {
    let now = 10_000;
    const prism = new Prism(() => now);
    const one = { facts: facts(1), classification, isClosed: false, totals: [0, 0] as [number, number] };
    prism.note(one);
    prism.note({ ...one, facts: facts(2, { upstream: '127.0.0.1:2' }) });
    one.totals = [1000, 3000];
    prism.note(one);
    const path = { listener: 'dev', protocol: 'redis', messages: 0, errors: 0 };
    assert.deepEqual(prism.get().paths, [
      { ...path, upstream: '127.0.0.1:1', live: 1, flows: 1, bytesPerSecond: 2000 },
      { ...path, upstream: '127.0.0.1:2', live: 1, flows: 1, bytesPerSecond: 0 },
    ]);
    now += 1500;
    one.totals = [1000, 3500];
    prism.note(one);
    assert.equal(prism.get().paths[0]?.bytesPerSecond, 2250);
    now += 1000;
    assert.equal(prism.get().paths[0]?.bytesPerSecond, 250);
    now += 60_000;
    assert.equal(prism.get().paths[0]?.bytesPerSecond, 0);
  });

  test('a flow moves when its protocol is known, ends, and is forgotten', () => {
    const prism = new Prism(() => 0);
    const flow = { facts: facts(1, { upstream: undefined } as Partial<FlowFacts>), classification: { ...classification, protocol: 'unknown' }, isClosed: false, totals: [1, 1] as [number, number] };
    const told = (): unknown[] => prism.get().paths.map(({ protocol, upstream, live, flows }) => [protocol, upstream, live, flows]);
    prism.note(flow);
    assert.deepEqual(told(), [['unknown', '', 1, 1]]);
    prism.note({ ...flow, facts: facts(1), classification });
    assert.deepEqual(told(), [['redis', '127.0.0.1:1', 1, 1]]);
    prism.note({ ...flow, facts: facts(1, { closedAt: 5 }), classification, isClosed: true });
    assert.deepEqual(told(), [['redis', '127.0.0.1:1', 0, 1]]);
    prism.forget(1);
    assert.deepEqual(told(), []);
  });

  test('upstreams without end share a path', () => {
    const prism = new Prism(() => 0);
    for (let id = 1; id <= 700; id++) prism.note({ facts: facts(id, { upstream: `host-${id}:80` }), classification, isClosed: false, totals: [0, 0] });
    const { paths } = prism.get();
    assert.equal(paths.length, 501);
    assert.equal(paths.find(({ upstream }) => upstream === '…')?.flows, 200);
  });
});

suite('views: throughput', () => {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

  test('bytes of each side per bucket, over all that is known', () => {
    const throughput = new Throughput();
    throughput.add(1_700_000_000_000, 0, 100);
    throughput.add(1_700_000_000_050, 1, 10);
    throughput.add(1_700_000_000_350, 1, 30);
    const told = throughput.get({ buckets: 4 });
    assert.deepEqual(told, { from: 1_700_000_000_000, to: 1_700_000_000_400, client: Float64Array.of(100, 0, 0, 0), upstream: Float64Array.of(10, 0, 0, 30) });
  });

  test('any stretch, and what lies in two buckets is shared by them', () => {
    const throughput = new Throughput();
    for (let at = 0; at < 10_000; at += 100) throughput.add(at, 0, 100);
    assert.deepEqual(throughput.get({ from: 1000, to: 2000, buckets: 2 }).client, Float64Array.of(500, 500));
    assert.deepEqual(throughput.get({ from: 1050, to: 1150, buckets: 1 }).client, Float64Array.of(100));
    assert.deepEqual(throughput.get({ from: 20_000, to: 30_000, buckets: 3 }).client, Float64Array.of(0, 0, 0));
    assert.equal(throughput.get({ from: 5, to: 5, buckets: 3 }).client.length, 3);
  });

  test('older than ten minutes it is told by the second, older than a day not at all', () => {
    const throughput = new Throughput();
    for (let second = 0; second < 90_000; second++) throughput.add(second * 1000, second % 2 === 0 ? 0 : 1, 1);
    const all = throughput.get({ buckets: 100 });
    assert.equal(all.from, 3_600_000);
    assert.equal(Math.round(sum(all.client) + sum(all.upstream)), 86_400);
    assert.equal(sum(throughput.get({ from: 10_000_000, to: 10_060_000, buckets: 60 }).client), 30);
    throughput.add(1000, 0, 1e9);
    assert.equal(Math.round(sum(throughput.get({ buckets: 10 }).client)), 43_200);
  });

  test('a pause of days leaves nothing old behind', () => {
    const throughput = new Throughput();
    throughput.add(0, 0, 5);
    throughput.add(10 * 86_400_000, 0, 7);
    assert.equal(sum(throughput.get({ buckets: 2 }).client), 7);
    assert.equal(new Throughput().get({ buckets: 3 }).client.length, 3);
  });
});
