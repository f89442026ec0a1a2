// Which rows are chosen: the set of their numbers, and what clicks and keys make of it.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RowSet, rowsIn } from '../../src/shared/rowSet.js';
import { RowSelection } from '../../webview/inspector/rowSelection.js';
import { keyInList } from '../../webview/widgets/listReach.js';

suite('a set of rows', () => {
  test('holds what was put in and not taken out, in rising order, and crosses a border whole', () => {
    const row = fc.integer({ min: 0, max: 3_000_000 });
    fc.assert(fc.property(fc.array(row, { maxLength: 200 }), fc.array(row, { maxLength: 50 }), (put, taken) => {
      const expected = new Set(put);
      const set = RowSet.of(put);
      for (const one of [...taken, ...put.slice(0, 5)]) assert.equal(set.delete(one), expected.delete(one));
      const rows = [...expected].sort((a, b) => a - b);
      assert.deepEqual([...set.values()], rows);
      assert.equal(set.size, rows.length);
      assert.deepEqual([...RowSet.from(set.pack()).values()], rows);
      for (const one of put) assert.equal(set.has(one), expected.has(one));
    }));
  });

  test('a million rows take 150 KB, wherever the numbers begin', () => {
    const set = new RowSet();
    for (let row = 7_000_000; row < 8_000_000; row++) set.add(row);
    const { first, bits } = set.pack();
    assert.ok(bits.length < 150_000, `${bits.length} bytes`);
    assert.equal(first % 8, 0);
    assert.equal([...rowsIn({ first, bits })].length, 1_000_000);
  });
});

interface ListHarness {
  selection: RowSelection;
  rows: number[];
  /** how often rows between two were asked for */
  asked: number;
  chosen(): number[];
  settle(): Promise<void>;
}

/** A list whose rows have numbers of their own, of which only some are in the page. */
function listOf(rows: number[], here = { start: 0, end: rows.length }): ListHarness {
  const harness: ListHarness = {
    rows, asked: 0,
    chosen: () => [...harness.selection.values()],
    settle: () => new Promise<void>((resolve) => setImmediate(resolve)),
    selection: new RowSelection({
      rowAt: (index) => (here.start <= index && index < here.end ? harness.rows[index] : undefined),
      indexOf: (row) => {
        const index = harness.rows.indexOf(row);
        return here.start <= index && index < here.end ? index : undefined;
      },
      between: (range) => {
        harness.asked++;
        const ends = range === undefined ? [0, harness.rows.length - 1] : [harness.rows.indexOf(range.one), harness.rows.indexOf(range.other)].sort((a, b) => a - b);
        return Promise.resolve(RowSet.of(harness.rows.slice(ends[0], ends[1]! + 1)).pack());
      },
      changed: () => undefined,
      report: (fault) => { throw fault; },
    }),
  };
  return harness;
}

suite('a selection of rows', () => {
  test('a click chooses one, Ctrl adds and takes away, Shift goes from the one to the other', () => {
    const { selection, chosen } = listOf([10, 20, 30, 40, 50]);
    selection.reach(20, 'only');
    selection.reach(40, 'toggle');
    assert.deepEqual(chosen(), [20, 40]);
    selection.reach(20, 'toggle');
    assert.deepEqual([chosen(), selection.current], [[40], 20]);
    selection.reach(30, 'only');
    selection.reach(50, 'range');
    assert.deepEqual(chosen(), [30, 40, 50]);
    selection.reach(10, 'range');
    assert.deepEqual([chosen(), selection.current], [[10, 20, 30], 10]);
  });

  test('Ctrl and Shift together add a range; moving alone chooses nothing', () => {
    const { selection, chosen } = listOf([1, 2, 3, 4, 5, 6]);
    selection.reach(1, 'only');
    selection.reach(4, 'move');
    assert.deepEqual([chosen(), selection.current], [[1], 4]);
    selection.reach(4, 'toggle');
    selection.reach(6, 'further');
    assert.deepEqual(chosen(), [1, 4, 5, 6]);
  });

  test('the menu of a chosen row is about all of them, that of another row about it alone', () => {
    const { selection, chosen } = listOf([1, 2, 3, 4]);
    selection.reach(1, 'only');
    selection.reach(3, 'range');
    selection.reach(2, 'menu');
    assert.deepEqual([chosen(), selection.current], [[1, 2, 3], 2]);
    selection.reach(4, 'menu');
    assert.deepEqual(chosen(), [4]);
  });

  test('a sorted list is chosen in its own order, and the rows stay chosen in another', () => {
    const harness = listOf([30, 10, 50, 20]);
    harness.selection.reach(10, 'only');
    harness.selection.reach(20, 'range');
    assert.deepEqual(harness.chosen(), [10, 20, 50]);
    harness.rows.sort((a, b) => a - b);
    assert.deepEqual([10, 20, 30, 50].map((row) => harness.selection.has(row)), [true, true, false, true]);
  });

  test('rows that are not in the page are asked for, and a step that comes later wins', async () => {
    const harness = listOf(Array.from({ length: 100_000 }, (_, at) => at * 2), { start: 0, end: 100 });
    harness.selection.reach(0, 'only');
    harness.selection.reach(199_998, 'range');
    harness.selection.reach(6, 'only');
    await harness.settle();
    assert.deepEqual([harness.chosen(), harness.asked], [[6], 1]);
    harness.selection.reach(199_998, 'range');
    await harness.settle();
    assert.deepEqual([harness.selection.size, harness.selection.has(199_998), harness.selection.has(4)], [99_997, true, false]);
  });

  test('what was chosen elsewhere is what is selected; without details only several rows are', () => {
    const { selection } = listOf([1, 2, 3]);
    selection.reach(1, 'only');
    assert.deepEqual([selection.sizeWith(1), selection.sizeWith(3), selection.sizeWith(null)], [1, 1, 0]);
    assert.deepEqual([selection.hasWith(1, 1), selection.hasWith(1, 3), selection.hasWith(3, 3), selection.hasWith(1, null)], [true, false, true, false]);
    selection.reach(2, 'range');
    assert.deepEqual([selection.sizeWith(2), selection.sizeWith(null), selection.hasWith(1, null)], [2, 2, true]);
  });

  test('all rows, and back to the one that has the keyboard', async () => {
    const harness = listOf([1, 2, 3, 4]);
    harness.selection.reach(3, 'only');
    harness.selection.all();
    await harness.settle();
    assert.deepEqual([harness.selection.size, harness.selection.current], [4, 3]);
    assert.equal(harness.selection.toOne(), true);
    assert.deepEqual(harness.chosen(), [3]);
    assert.equal(harness.selection.toOne(), false);
  });

  test('what leaves the list leaves the selection, what comes is not in it', async () => {
    const harness = listOf([1, 2, 3, 4]);
    harness.selection.reach(1, 'only');
    harness.selection.reach(4, 'range');
    harness.rows = [2, 4, 5];
    assert.equal(await harness.selection.keepListed(), 2);
    assert.deepEqual(harness.chosen(), [2, 4]);
  });

  test('a small selection outlives a hidden page, a scattered large one does not', () => {
    const harness = listOf([1, 2, 3, 7, 8, 20]);
    harness.selection.reach(1, 'only');
    harness.selection.reach(8, 'range');
    harness.selection.reach(20, 'toggle');
    const runs = harness.selection.remembered();
    assert.deepEqual(runs, [1, 3, 7, 2, 20, 1]);
    const later = listOf([1, 2, 3, 7, 8, 20]);
    later.selection.restore(runs!, 20);
    assert.deepEqual([later.chosen(), later.selection.current], [[1, 2, 3, 7, 8, 20], 20]);
    const scattered = listOf(Array.from({ length: 400 }, (_, at) => at * 2));
    scattered.selection.reach(0, 'only');
    scattered.selection.reach(798, 'range');
    assert.equal(scattered.selection.remembered(), undefined);
  });
});

suite('keys of a list', () => {
  const place = { at: 5, pageRows: 10, count: 100, isMulti: true };
  const key = (name: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent => ({ key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more }) as KeyboardEvent;

  test('move, extend, or move alone', () => {
    assert.deepEqual(keyInList(key('ArrowDown'), place), { to: 6, reach: 'only' });
    assert.deepEqual(keyInList(key('PageUp', { shiftKey: true }), place), { to: 0, reach: 'range' });
    assert.deepEqual(keyInList(key('End', { ctrlKey: true }), place), { to: 99, reach: 'move' });
    assert.deepEqual(keyInList(key('Home', { metaKey: true, shiftKey: true }), place), { to: 0, reach: 'further' });
    assert.deepEqual(keyInList(key(' ', { ctrlKey: true }), place), { to: 5, reach: 'toggle' });
    assert.equal(keyInList(key(' '), place), 'open');
    assert.equal(keyInList(key('a', { ctrlKey: true }), place), 'all');
    assert.equal(keyInList(key('Escape'), place), 'one');
  });

  test('a list of which one row is chosen at most knows no Ctrl and no Shift', () => {
    const single = { ...place, isMulti: false };
    assert.deepEqual(keyInList(key('ArrowDown', { shiftKey: true }), single), { to: 6, reach: 'only' });
    assert.equal(keyInList(key('a', { ctrlKey: true }), single), undefined);
    assert.equal(keyInList(key('Escape'), single), undefined);
  });
});
