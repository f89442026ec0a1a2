// Lists in the order of a column: right whatever the values, stable, and kept so while messages come.
import assert from 'node:assert/strict';
import { compareKeys, sorted } from '../../src/core/lens/views/sorting.js';
import type { SortKey } from '../../src/core/lens/views/columns.js';
import { rowsIn } from '../../src/shared/rowSet.js';
import { ViewsDesk } from './viewsDesk.js';

/** Sorts keys of rows 0, 1, 2... in steps, and holds the result against the plain way. */
function check(keys: readonly SortKey[]): void {
  for (const isDescending of [false, true]) {
    const steps = sorted(Uint32Array.from(keys.keys()), (row) => keys[row], isDescending);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const expected = [...keys.keys()].sort((a, b) => compareKeys(keys[a], keys[b], isDescending) || a - b);
    assert.deepEqual([...step.value], expected);
  }
}

/** Numbers that look random and are the same in every run. */
function scattered(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => (state = (state * 48_271) % 2_147_483_647));
}

suite('views: sorting', () => {
  test('numbers of either sign, zero, infinities and fractions', () => {
    check([3, -1, 0, -0, Infinity, 0.5, -Infinity, 1e300, -1e-300, 3, 2 ** 53, 1_700_000_000_000.25, 1_700_000_000_000.5]);
    check(scattered(5000).map((number) => (number % 1000) - 500));
    check(scattered(120_000).map((number) => number / 1000));
  });

  test('texts by their characters, the shorter first', () => {
    check(['b', 'a', '', 'ab', 'aa', 'a\0', 'a', 'é', 'z', '\uffff', '\ufffe', '日本', '😀']);
    check(scattered(5000).map((number) => `get /orders/${number % 3000}/items/${number % 7}`));
    check(scattered(20_000).map((number) => (number % 2 === 0 ? 'the very same text of forty characters..' : `select ${number % 5}`)));
    check(scattered(3000).map((number) => 'a'.repeat(number % 9)));
    check(Array<string>(3000).fill('one text'));
  });

  test('numbers before texts, and what has no value last, in either direction', () => {
    check(scattered(4000).map((number) => [undefined, number % 50, `t${number % 50}`][number % 3]));
    check([]);
    check([undefined, undefined]);
  });
});

suite('views: sorted lists', () => {
  let desk: ViewsDesk;
  setup(() => {
    desk = new ViewsDesk(100_000);
  });
  teardown(() => {
    desk.dispose();
    assert.deepEqual(desk.faults, []);
  });

  const sortedBy = (column: string, isDescending = false): { sort: { column: string; isDescending: boolean } } => ({ sort: { column, isDescending } });

  test('by every column', async () => {
    const { ledger, source } = desk;
    source.flow(2, { upstream: '127.0.0.1:1', route: 'a', process: { pid: 3, name: 'curl', commandLine: 'curl' } });
    source.flow(1, { upstream: '127.0.0.1:2', route: 'B' });
    ledger.addExchange({ flow: 1, protocol: 'redis', summary: 'get b', at: 3000, bytes: 5, fields: { key: 'b' } }, { at: 3100, summary: 'z' });
    ledger.addExchange({ flow: 2, protocol: 'http1', summary: 'GET a', at: 1000, bytes: 9, stream: 1 }, { at: 1200, summary: 'Y' });
    ledger.add({ flow: 1, protocol: 'redis', summary: 'Ping', at: 2000, bytes: 50, fields: { key: 'A' } });
    const order = async (column: string, isDescending = false): Promise<string> => {
      const view = desk.open(sortedBy(column, isDescending));
      await desk.done(view);
      return desk.numbers(view).join(' ');
    };
    assert.equal(await order('time'), '2 4 0');
    assert.equal(await order('time', true), '0 4 2');
    assert.equal(await order('waterfall'), '2 4 0');
    assert.equal(await order('message'), '2 0 4');
    assert.equal(await order('answer'), '2 0 4');
    assert.equal(await order('answer', true), '0 2 4');
    assert.equal(await order('took'), '0 2 4');
    assert.equal(await order('took', true), '2 0 4');
    assert.equal(await order('bytes'), '0 2 4');
    assert.equal(await order('protocol', true), '0 4 2');
    assert.equal(await order('flow'), '0 4 2');
    assert.equal(await order('stream'), '2 0 4');
    assert.equal(await order('upstream'), '2 0 4');
    assert.equal(await order('route'), '2 0 4');
    assert.equal(await order('program'), '2 0 4');
    assert.equal(await order('redis.key'), '4 0 2');
  });

  test('a row that comes is put in its place', async () => {
    for (const at of [50, 10, 40, 20]) desk.ledger.add({ kind: 'notice', at });
    const view = desk.open(sortedBy('time'));
    await desk.done(view);
    desk.ledger.add({ kind: 'notice', at: 30 });
    desk.ledger.add({ kind: 'notice', at: 5 });
    assert.equal(desk.page(view).isDone, false);
    desk.time += 1000;
    await desk.done(view);
    assert.deepEqual(desk.rows(view).map(({ startedAt }) => startedAt), [5, 10, 20, 30, 40, 50]);
    assert.equal(desk.views.positionOf({ view, row: 4 }), 3);
    // The rows from one to another are those that stand between them here, not those whose numbers lie between.
    const between = (one: number, other: number): number[] => [...rowsIn(desk.views.between({ view, range: { one, other } }))];
    assert.deepEqual(between(1, 3), [1, 3]);
    assert.deepEqual(between(3, 5), [1, 3, 5]);
    assert.deepEqual(between(2, 999), [2]);
    assert.deepEqual([...rowsIn(desk.views.between({ view }))], [0, 1, 2, 3, 4, 5]);
  });

  test('a batch that comes is put in its place among many, and rows whose value changed move', async () => {
    const { ledger } = desk;
    const times = scattered(40_000, 7);
    for (const time of times) ledger.add({ at: time });
    const view = desk.open(sortedBy('took', true));
    await desk.done(view);
    assert.deepEqual(desk.numbersAt(view, 0).slice(0, 3), [0, 1, 2]);
    for (let row = 0; row < 1000; row++) ledger.add({ kind: 'answer', answers: row * 7, at: times[row * 7]! + ((row * 31) % 1000) });
    desk.page(view, 0, 0);
    desk.time += 1000;
    await desk.done(view);
    const rows = desk.page(view, 0, 1000).rows;
    assert.equal(desk.page(view).total, 40_000);
    assert.deepEqual(rows.map(({ latencyMs }) => latencyMs), Array.from({ length: 1000 }, (_, number) => 999 - number));
  });

  test('breakpoints that become known later put rows elsewhere', async () => {
    const { ledger, source, views } = desk;
    ledger.addExchange({ flow: 1, at: 0 }, { at: 100 });
    ledger.addExchange({ flow: 1, at: 1000 }, { at: 1300 });
    const view = desk.open(sortedBy('took', true));
    await desk.done(view);
    assert.deepEqual(desk.numbers(view), [2, 0]);
    source.pauses.set(1, { from: 1010, to: 1290 });
    views.sessionsChanged();
    while (desk.numbers(view)[0] !== 0) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(desk.rows(view).map(({ latencyMs, pausedMs }) => [latencyMs, pausedMs]), [[100, undefined], [20, 280]]);
  });

  test('rows that leave and rows that were forgotten are gone', async () => {
    const { ledger, source } = desk;
    source.filters.set('waiting', ({ isWaiting }) => isWaiting);
    for (let number = 0; number < 100; number++) ledger.add({ at: 1000 - number });
    const view = desk.open({ filter: 'waiting', ...sortedBy('time') });
    await desk.done(view);
    ledger.forget(10);
    assert.equal(desk.page(view).total, 90);
    assert.equal(desk.rows(view).at(-1)?.row, 10);
    ledger.add({ kind: 'answer', answers: 99 });
    desk.page(view);
    desk.time += 1000;
    await desk.done(view);
    assert.deepEqual(desk.numbers(view).slice(0, 3), [98, 97, 96]);
    assert.equal(desk.page(view).total, 89);
  });

  test('the end of a long ledger is shown in order before all is', async () => {
    desk.lookMs = 0.2;
    for (const time of scattered(60_000)) desk.ledger.add({ kind: 'notice', at: time });
    const view = desk.open(sortedBy('time'));
    while (desk.page(view, 0, 1).total === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const page = desk.page(view, 0, 1000);
    assert.equal(page.total, 20_000);
    assert.equal(page.isDone, false);
    const times = page.rows.map(({ startedAt }) => startedAt);
    assert.deepEqual(times, [...times].sort((a, b) => a - b));
    await desk.done(view);
    assert.equal(desk.page(view).total, 60_000);
  });
});
