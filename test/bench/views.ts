// A million messages: how soon a filter shows its first rows and when it is done, how long sorting takes, and how long a page waits meanwhile.

import { glob } from '../../src/core/match/glob.js';
import type { ViewQuery } from '../../src/shared/inspect.js';
import { Slices } from '../../src/core/lens/views/slices.js';
import { Views } from '../../src/core/lens/views/views.js';
import { SyntheticLedger, SyntheticSource } from '../unit/syntheticLedger.js';
import { spreadOf, type Line } from './figures.js';
import type { BenchContext } from './rounds.js';

const rowCount = 1_000_000;
const flowCount = 2000;
const goalFirstMs = 200;
const goalDoneMs = 3000;
const goalSortMs = 2000;
const goalPageMs = 50;
const pageRows = 100;

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
  { name: 'sort by time, latest first', query: { sort: { column: 'time', isDescending: true } }, goalMs: goalSortMs },
  { name: 'sort by took', query: { sort: { column: 'took', isDescending: true } }, goalMs: goalSortMs },
  { name: 'sort by message', query: { sort: { column: 'message', isDescending: false } }, goalMs: goalSortMs },
  { name: 'sort all messages by message', query: { listing: 'messages', sort: { column: 'message', isDescending: false } }, goalMs: goalSortMs },
];

export async function views(context: BenchContext): Promise<Line[]> {
  context.say(`views: filling ${rowCount} rows`);
  const source = millionRows();
  const lines: Line[] = [];
  for (const one of cases) {
    const first: number[] = [];
    const done: number[] = [];
    const pages: number[] = [];
    for (let round = 0; round < context.rounds; round++) {
      context.say(`views: ${one.name}, round ${round + 1} of ${context.rounds}`);
      const sample = await measure(source, { filter: '', listing: 'exchanges', ...one.query });
      first.push(sample.firstMs);
      done.push(sample.doneMs);
      pages.push(sample.slowestPageMs);
    }
    const note = `${(rowCount / 1e6).toFixed(0)},000,000 messages`;
    lines.push(
      { row: `${one.name}: first rows`, unit: 'ms', ours: spreadOf(first), goal: { of: 'figure', sense: 'atMost', value: goalFirstMs }, note },
      { row: `${one.name}: done`, unit: 'ms', ours: spreadOf(done), goal: { of: 'figure', sense: 'atMost', value: one.goalMs }, note },
      { row: `${one.name}: slowest page meanwhile`, unit: 'ms', ours: spreadOf(pages), goal: { of: 'figure', sense: 'atMost', value: goalPageMs }, note: `${pageRows} rows, asked for without a break` },
    );
  }
  return lines;
}

async function measure(source: SyntheticSource, query: ViewQuery): Promise<{ firstMs: number; doneMs: number; slowestPageMs: number }> {
  const slices = new Slices(source.now, (fault) => {
    throw fault;
  });
  const views = new Views(source, slices, () => undefined);
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
      slices.dispose();
      views.dispose();
      return { firstMs: firstMs ?? now - startedAt, doneMs: now - startedAt, slowestPageMs };
    }
  }
}

/** Half a million exchanges of HTTP, Redis and PostgreSQL, as programs that talk at the same time leave them. */
function millionRows(): SyntheticSource {
  const ledger = new SyntheticLedger(rowCount);
  const source = new SyntheticSource(ledger);
  for (let id = 1; id <= flowCount; id++) source.flow(id, { upstream: `127.0.0.1:${6000 + (id % 5)}` });
  for (let number = 0; number < rowCount / 2; number++) {
    const flow = 1 + ((number * 7919) % flowCount);
    const at = 1_700_000_000_000 + number;
    const tookMs = ((number * 2_654_435_761) % 10_000) / 100;
    if (number % 3 === 0) {
      ledger.addExchange({ flow, at, protocol: 'http1', summary: `GET /orders/${(number * 48_271) % 1_000_003}`, fields: { method: 'GET', host: 'api.test' } }, { protocol: 'http1', flow, at: at + tookMs, summary: '200 OK · json · 480 bytes', bytes: 480, fields: { status: number % 100 === 0 ? 503 : 200 } });
    } else if (number % 3 === 1) {
      ledger.addExchange({ flow, at, protocol: 'redis', summary: `GET order:${number}`, fields: { command: 'GET', key: `order:${number}` } }, { protocol: 'redis', flow, at: at + tookMs, summary: '"paid"' });
    } else {
      ledger.addExchange({ flow, at, protocol: 'postgres', summary: `SELECT * FROM orders WHERE id = ${(number * 16_807) % 1_000_003}`, fields: { query: 'SELECT' } }, { protocol: 'postgres', flow, at: at + tookMs, summary: '1 row' });
    }
  }
  const matches = glob('*order*7', true);
  const status = { key: 'http1 status', matches: (protocol: string, path: string): boolean => protocol === 'http1' && path === 'status' };
  source.filters.set('protocol == redis', (subject) => subject.protocols.includes('redis'));
  source.filters.set('http.status >= 500', (subject) => subject.someField(status, (_, value) => typeof value === 'number' && 500 <= value));
  source.filters.set('summary ~ "*order*7"', (subject) => subject.summaries.some(matches));
  source.selectorOf = (name) => (name === 'http.status' ? status : undefined);
  source.now = () => performance.now();
  return source;
}
