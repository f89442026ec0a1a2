// A million messages: how soon a filter shows its first rows and when it is done, how long sorting takes, and how long a page waits meanwhile.

import { ChunkIndex } from '../../src/core/lens/chunkIndex.js';
import { DebugSessions } from '../../src/core/lens/debug/debugSessions.js';
import { FlowRecord } from '../../src/core/lens/flowTable.js';
import type { FlowRows } from '../../src/core/lens/ledger/flowRows.js';
import { Ledger } from '../../src/core/lens/ledger/ledger.js';
import { lensSource, type LensParts } from '../../src/core/lens/views/lensSource.js';
import { Prism } from '../../src/core/lens/views/prism.js';
import { RunningStatistics } from '../../src/core/lens/views/runningStatistics.js';
import { Slices } from '../../src/core/lens/views/slices.js';
import { Throughput } from '../../src/core/lens/views/throughput.js';
import type { ViewSource } from '../../src/core/lens/views/viewSource.js';
import { Views } from '../../src/core/lens/views/views.js';
import type { FlowFacts } from '../../src/shared/flow.js';
import type { ViewQuery } from '../../src/shared/inspect.js';
import { formatNumber, spreadOf, type Line } from './figures.js';
import type { BenchContext } from './rounds.js';

const rowCount = 1_000_000;
const flowCount = 2000;
const goalFirstMs = 200;
const goalDoneMs = 3000;
const goalSortMs = 2000;
const goalPageMs = 50;
const pageRows = 100;
const prismFlows = 50_000;
const millionNote = '1,000,000 messages';

interface Case {
  name: string;
  query: Partial<ViewQuery>;
  goalMs: number;
}

const cases: readonly Case[] = [
  { name: 'no filter', query: {}, goalMs: goalDoneMs },
  { name: 'protocol == redis', query: { filter: 'protocol == redis' }, goalMs: goalDoneMs },
  { name: 'http.status >= 500', query: { filter: 'http.status >= 500' }, goalMs: goalDoneMs },
  { name: 'summary ~ "*order*7"', query: { filter: 'summary ~ "*order*7"' }, goalMs: goalDoneMs },
  { name: 'text ~ /order\\D?\\d*7/', query: { filter: 'text ~ /order\\D?\\d*7/' }, goalMs: goalDoneMs },
  { name: 'sort by time, latest first', query: { sort: { column: 'time', isDescending: true } }, goalMs: goalSortMs },
  { name: 'sort by took', query: { sort: { column: 'took', isDescending: true } }, goalMs: goalSortMs },
  { name: 'sort by message', query: { sort: { column: 'message', isDescending: false } }, goalMs: goalSortMs },
  { name: 'sort all messages by message', query: { listing: 'messages', sort: { column: 'message', isDescending: false } }, goalMs: goalSortMs },
];

export async function views(context: BenchContext): Promise<Line[]> {
  context.say(`views: filling ${rowCount} rows`);
  const { source, memoryBytes } = millionRows();
  const lines: Line[] = [{ row: 'the ledger', unit: 'MB', ours: spreadOf([memoryBytes / 1e6]), note: millionNote }];
  for (const one of cases) {
    const first: number[] = [];
    const done: number[] = [];
    const pages: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < context.rounds; round++) {
      context.say(`views: ${one.name}, round ${round + 1} of ${context.rounds}`);
      const sample = await measure(source, { filter: '', listing: 'exchanges', ...one.query });
      first.push(sample.firstMs);
      done.push(sample.doneMs);
      pages.push(sample.slowestPageMs);
      cpu.push(sample.cpuMs);
    }
    lines.push(
      { row: `${one.name}: first rows`, unit: 'ms', ours: spreadOf(first), goal: { of: 'figure', sense: 'atMost', value: goalFirstMs }, note: millionNote },
      { row: `${one.name}: done`, unit: 'ms', ours: spreadOf(done), goal: { of: 'figure', sense: 'atMost', value: one.goalMs }, note: `${millionNote}, ${formatNumber(spreadOf(cpu).median)} ms of CPU time` },
      { row: `${one.name}: slowest page meanwhile`, unit: 'ms', ours: spreadOf(pages), goal: { of: 'figure', sense: 'atMost', value: goalPageMs }, note: `${pageRows} rows, asked for without a break` },
    );
  }
  return [...lines, ...overview(context, source)];
}

async function measure(source: ViewSource, query: ViewQuery): Promise<{ firstMs: number; doneMs: number; slowestPageMs: number; cpuMs: number }> {
  const slices = new Slices(() => source.now(), (fault) => {
    throw fault;
  });
  const views = new Views(source, slices, () => undefined);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const opened = views.open(query);
  if (!('view' in opened)) throw new Error(opened.problem.message);
  let firstMs: number | undefined;
  let slowestPageMs = 0;
  for (;;) {
    const askedAt = performance.now();
    // As a message from the host: it waits for the slice that is under way.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { total, isDone } = views.page({ view: opened.view, start: 0, count: 0, columns: [] });
    views.page({ view: opened.view, start: Math.max(0, total - pageRows), count: pageRows, columns: ['http.status', 'client'] });
    const now = performance.now();
    slowestPageMs = Math.max(slowestPageMs, now - askedAt);
    if (0 < total) firstMs ??= now - startedAt;
    if (isDone) {
      const { user, system } = process.cpuUsage(cpuBefore);
      const cpuMs = (user + system) / 1000;
      slices.dispose();
      views.dispose();
      return { firstMs: firstMs ?? now - startedAt, doneMs: now - startedAt, slowestPageMs, cpuMs };
    }
  }
}

/** Statistics, prism and throughput, as the overview asks for them. */
function overview(context: BenchContext, source: ViewSource): Line[] {
  const counted: number[] = [];
  const countedCpu: number[] = [];
  const table: number[] = [];
  const prismMs: number[] = [];
  const throughputMs: number[] = [];
  for (let round = 0; round < context.rounds; round++) {
    context.say(`views: overview, round ${round + 1} of ${context.rounds}`);
    const running = new RunningStatistics(source, () => undefined, () => undefined);
    const before = process.cpuUsage();
    counted.push(timed(() => running.advance(Infinity)));
    countedCpu.push(process.cpuUsage(before).user / 1000);
    table.push(timed(() => running.rows('operation')));
    const prism = new Prism(() => performance.now());
    const classification = { protocol: 'redis', layers: [], by: 'client' as const, why: '' };
    for (let id = 1; id <= prismFlows; id++) prism.note({ facts: factsOf(id), classification, isClosed: false, totals: [id, id] });
    prismMs.push(timed(() => prism.get()));
    const throughput = new Throughput();
    for (let second = 0; second < 86_400; second++) throughput.add(second * 1000, 0, second);
    throughputMs.push(timed(() => throughput.get({ buckets: 1000 })));
  }
  return [
    { row: 'statistics: all messages counted', unit: 'ms', ours: spreadOf(counted), goal: { of: 'figure', sense: 'atMost', value: goalDoneMs }, note: `${millionNote}, ${formatNumber(spreadOf(countedCpu).median)} ms of CPU time` },
    { row: 'statistics: table of operations', unit: 'ms', ours: spreadOf(table), goal: { of: 'figure', sense: 'atMost', value: goalPageMs }, note: 'counted already' },
    { row: 'prism', unit: 'ms', ours: spreadOf(prismMs), goal: { of: 'figure', sense: 'atMost', value: goalPageMs }, note: `${prismFlows} flows` },
    { row: 'throughput', unit: 'ms', ours: spreadOf(throughputMs), goal: { of: 'figure', sense: 'atMost', value: goalPageMs }, note: 'a day in 1,000 buckets' },
  ];
}

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function factsOf(id: number): FlowFacts {
  return { id, listenerId: 'bench/dev', listenerName: 'dev', openedAt: 0, client: { host: '127.0.0.1', port: 1024 + id }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [], upstream: `127.0.0.1:${6000 + (id % 5)}` };
}

/** Half a million exchanges of HTTP, Redis and PostgreSQL, as programs that talk at the same time leave them. */
function millionRows(): { source: ViewSource; memoryBytes: number } {
  const ledger = new Ledger();
  const index = new ChunkIndex(1);
  const flows = new Map<number, FlowRecord>();
  const rows = new Map<number, FlowRows>();
  for (let id = 1; id <= flowCount; id++) {
    flows.set(id, new FlowRecord(factsOf(id), index.open(id)));
    rows.set(id, ledger.open(id));
  }
  for (let number = 0; number < rowCount / 2; number++) {
    const flow = rows.get(1 + ((number * 7919) % flowCount))!;
    const at = 1_700_000_000_000 + number;
    const tookMs = ((number * 2_654_435_761) % 10_000) / 100;
    const say = (kind: 'request' | 'answer', protocol: string, summary: string, fields: Record<string, string | number>): void => {
      const isAnswer = kind === 'answer';
      const range = { start: flow.nextIndex * 100, end: flow.nextIndex * 100 + 100 };
      const startedAt = isAnswer ? at + tookMs : at;
      ledger.append(flow, {
        index: flow.nextIndex, from: isAnswer ? 'upstream' : 'client', protocol, range, startedAt, endedAt: startedAt, kind, summary, problems: [],
        fields: Object.entries(fields).map(([name, value]) => ({ name, range, text: String(value), ...(typeof value === 'number' ? { value } : {}) })),
        ...(isAnswer ? { answers: flow.nextIndex - 1, latencyMs: tookMs } : { expectsAnswer: true }),
      });
    };
    if (number % 3 === 0) {
      say('request', 'http1', `GET /orders/${(number * 48_271) % 1_000_003}`, { method: 'GET', target: '/orders', version: 'HTTP/1.1' });
      say('answer', 'http1', '200 OK · json · 480 bytes', { version: 'HTTP/1.1', status: number % 100 === 0 ? 503 : 200, reason: 'OK' });
    } else if (number % 3 === 1) {
      say('request', 'redis', `GET order:${number}`, { command: 'GET', key: `order:${number}` });
      say('answer', 'redis', '"paid"', { value: 'paid' });
    } else {
      say('request', 'postgres', `SELECT * FROM orders WHERE id = ${(number * 16_807) % 1_000_003}`, { query: 'SELECT' });
      say('answer', 'postgres', '1 row', { rows: 1 });
    }
  }
  const parts = {
    messages: { ledger, decoder: { undecodedBytes: 0 } },
    index,
    store: { read: () => false },
    debug: new DebugSessions(),
    flow: (id: number) => flows.get(id),
    isMarked: () => false,
    now: () => performance.now(),
  };
  return { source: lensSource(parts as unknown as LensParts), memoryBytes: ledger.memoryBytes };
}
