// Columns of the message list: which fit, how they are moved, sized and sorted by; the time scale of the waterfall.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExchangeRow } from '../../src/shared/inspect.js';
import {
  askedColumns, columnGapPx, columnsFrom, movedColumn, nextSort, placeColumns, rowPaddingPx, shiftedColumn, sizedColumn, usualColumns, withColumn, withoutColumn,
} from '../../webview/inspector/columns.js';
import { phasesOf, scaleOf, shareOf } from '../../webview/inspector/waterfall.js';

const ids = (columns: readonly { id: string }[]): string => columns.map(({ id }) => id).join(' ');
const taken = (columns: readonly { widthPx: number }[]): number => columns.reduce((sum, { widthPx }) => sum + widthPx + columnGapPx, 2 * rowPaddingPx - columnGapPx);

suite('columns of the message list', () => {
  test('fill the list, and the message gets most of what is left', () => {
    const placed = placeColumns(usualColumns(), 1024);
    assert.equal(ids(placed), 'time protocol message answer took bytes waterfall');
    assert.ok(1024 - taken(placed) <= 2 && taken(placed) <= 1024);
    const width = (id: string): number => placed.find((column) => column.id === id)?.widthPx ?? 0;
    assert.ok(width('message') > width('answer') && width('answer') > width('took'));
  });

  test('leave one by one in a narrow list, and the message stays however narrow it is', () => {
    assert.equal(ids(placeColumns(usualColumns(), 670)), 'time protocol message answer took bytes');
    assert.equal(ids(placeColumns(usualColumns(), 420)), 'protocol message answer');
    assert.equal(ids(placeColumns(usualColumns(), 50)), 'message');
  });

  test('that fit are never wider than the list', () => {
    fc.assert(fc.property(fc.integer({ min: 200, max: 4000 }), fc.uniqueArray(fc.constantFrom('time', 'answer', 'took', 'flow', 'client', 'http.status', 'waterfall'), { maxLength: 7 }), (width, others) => {
      const placed = placeColumns([{ id: 'message' }, ...others.map((id) => ({ id }))], width);
      assert.ok(taken(placed) <= width, `${ids(placed)} take ${taken(placed)} of ${width}`);
    }));
  });

  test('a decoded field goes before the waterfall, and its value is asked for by name', () => {
    const columns = withColumn(withColumn(usualColumns(), 'http.status'), 'client');
    assert.equal(ids(columns), 'time protocol message answer took bytes http.status client waterfall');
    assert.deepEqual(askedColumns(columns), ['http.status', 'client']);
    assert.deepEqual(placeColumns(columns, 2000).map(({ cell }) => cell).filter((cell) => cell !== undefined), [0, 1]);
    assert.equal(ids(withColumn(columns, 'client')), ids(columns), 'no column twice');
  });

  test('the last one cannot be taken away', () => {
    assert.equal(ids(withoutColumn([{ id: 'took' }, { id: 'message' }], 'took')), 'message');
    assert.equal(ids(withoutColumn([{ id: 'message' }], 'message')), 'message');
  });

  test('are moved before another one, to the end, and by one place', () => {
    const columns = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    assert.equal(ids(movedColumn(columns, 'c', 'a')), 'c a b');
    assert.equal(ids(movedColumn(columns, 'a', undefined)), 'b c a');
    assert.equal(ids(movedColumn(columns, 'a', 'a')), 'a b c');
    assert.equal(ids(shiftedColumn(columns, columns, 'b', 1)), 'a c b');
    assert.equal(ids(shiftedColumn(columns, columns, 'b', -1)), 'b a c');
    assert.equal(ids(shiftedColumn(columns, columns, 'a', -1)), 'a b c');
    // b has no room on the screen: one place on means behind what is seen.
    assert.equal(ids(shiftedColumn(columns, [{ id: 'a' }, { id: 'c' }], 'a', 1)), 'b c a');
  });

  test('keep the width that they were given, within reason, and find back to the usual one', () => {
    const wide = sizedColumn(usualColumns(), 'message', 300.4);
    assert.equal(wide.find(({ id }) => id === 'message')?.widthPx, 300);
    assert.equal(placeColumns(wide, 2000).find(({ id }) => id === 'message')?.widthPx, 300);
    assert.ok((sizedColumn(usualColumns(), 'took', 1).find(({ id }) => id === 'took')?.widthPx ?? 0) >= 20);
    assert.deepEqual(sizedColumn(wide, 'message', undefined), usualColumns());
  });

  test('sort up, down, and then in the order of arrival again', () => {
    const up = nextSort(undefined, 'took');
    const down = nextSort(up, 'took');
    assert.deepEqual([up, down, nextSort(down, 'took')], [{ column: 'took', isDescending: false }, { column: 'took', isDescending: true }, undefined]);
    assert.deepEqual(nextSort(down, 'bytes'), { column: 'bytes', isDescending: false });
  });

  test('of another time are taken as far as they are any', () => {
    assert.deepEqual(columnsFrom([{ id: 'time', widthPx: 80 }, { id: 'time' }, { id: 7 }, null, { id: 'http.status', widthPx: 'wide' }]), [{ id: 'time', widthPx: 80 }, { id: 'http.status' }]);
    for (const nothing of [undefined, null, 'time', [], [{}]]) assert.equal(columnsFrom(nothing), undefined);
  });
});

suite('waterfall', () => {
  const base: ExchangeRow = { row: 0, flow: 1, index: 0, from: 'client', protocol: 'http1', kind: 'request', range: { start: 0, end: 1 }, startedAt: 1000, endedAt: 1002, summary: '', bytes: 1, cells: [] };
  const answered: ExchangeRow = { ...base, connectMs: 3, pausedMs: 20, latencyMs: 5, answer: { row: 1, index: 1, summary: '', startedAt: 1027, endedAt: 1030, count: 1 } };

  test('the phases follow each other from connecting to the last byte of the answer', () => {
    assert.deepEqual(phasesOf(answered).map(({ kind, from, to }) => `${kind} ${from}-${to}`), ['connect 997-1000', 'send 1000-1002', 'paused 1002-1022', 'wait 1022-1027', 'transfer 1027-1030']);
  });

  test('a message without an answer is its own bytes', () => {
    assert.deepEqual(phasesOf(base), [{ kind: 'send', from: 1000, to: 1002 }]);
  });

  test('an answer that began before its request was over leaves no time to wait', () => {
    const early = { ...answered, pausedMs: undefined, answer: { row: 1, index: 1, summary: '', startedAt: 1001, endedAt: 1030, count: 1 } };
    assert.deepEqual(phasesOf(early).map(({ kind }) => kind), ['connect', 'send', 'transfer']);
  });

  test('all rows in view lie on the scale, and every bar within its column', () => {
    const rows = [answered, { ...base, startedAt: 5000, endedAt: 5000 }];
    const scale = scaleOf(rows, undefined);
    assert.ok(scale !== undefined);
    for (const phase of rows.flatMap(phasesOf)) {
      const { left, width } = shareOf(scale, phase);
      assert.ok(0 < left && 0 <= width && left + width < 1);
    }
  });

  test('the scale stays while the rows in view still fill it, and follows them when they do not', () => {
    const scale = scaleOf([answered, { ...base, startedAt: 2000, endedAt: 2000 }], undefined);
    assert.equal(scaleOf([answered, { ...base, startedAt: 1600, endedAt: 1600 }], scale), scale);
    assert.notEqual(scaleOf([answered], scale), scale);
    assert.notEqual(scaleOf([{ ...base, startedAt: 2500, endedAt: 2500 }], scale), scale);
    assert.equal(scaleOf([], scale), scale, 'no rows yet say nothing');
  });
});
