// The list of row numbers under every view, held against a plain array through thousands of changes.
import assert from 'node:assert/strict';
import { RowList } from '../../src/core/lens/views/rowList.js';

function scattered(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

function holds(list: RowList, expected: readonly number[]): void {
  assert.equal(list.count, expected.length);
  assert.deepEqual([...list.toArray()], expected);
}

suite('views: list of rows', () => {
  test('rows that come in the middle, leave, and are forgotten', () => {
    for (const seed of [1, 2, 3]) {
      const next = scattered(seed);
      const list = new RowList();
      let plain: number[] = [];
      let end = 0;
      for (let round = 0; round < 40; round++) {
        for (let count = next() % 2000; 0 < count; count--) {
          end += 1 + (next() % 3);
          list.push(end);
          plain.push(end);
        }
        for (let count = next() % 200; 0 < count; count--) {
          const row = next() % (end + 1);
          const isNew = !plain.includes(row);
          assert.equal(list.has(row), !isNew);
          if (next() % 2 === 0) {
            assert.equal(list.insert(row), isNew);
            if (isNew) plain = [...plain.filter((one) => one < row), row, ...plain.filter((one) => row < one)];
          } else {
            assert.equal(list.delete(row), !isNew);
            if (!isNew) plain = plain.filter((one) => one !== row);
          }
        }
        end = Math.max(end, plain.at(-1) ?? 0);
        if (round % 5 === 4) {
          const first = plain[next() % plain.length]! + (next() % 2);
          const kept = plain.filter((row) => first <= row);
          assert.equal(list.dropBelow(first), plain.length - kept.length);
          plain = kept;
        }
        holds(list, plain);
        for (let look = 0; look < 20 && 0 < plain.length; look++) {
          const position = next() % plain.length;
          assert.equal(list.at(position), plain[position]);
          assert.equal(list.positionOf(plain[position]!), position);
        }
        assert.equal(list.positionOf(end + 1), -1);
      }
    }
  });

  test('a sweep goes through every row once, however many leave', () => {
    for (const leaves of [(row: number) => row % 3 === 0, (row: number) => 5000 <= row && row < 15_000, () => true, () => false]) {
      const list = new RowList();
      for (let row = 0; row < 20_000; row++) list.push(row);
      const removed: number[] = [];
      for (let from: number | undefined = 0; from !== undefined; ) from = list.sweep(from, (row) => !leaves(row), (row) => removed.push(row));
      const all = Array.from({ length: 20_000 }, (_, row) => row);
      holds(list, all.filter((row) => !leaves(row)));
      assert.deepEqual(removed, all.filter(leaves));
    }
  });

  test('takes over what was listed apart', () => {
    const [list, later] = [new RowList(), new RowList()];
    for (let row = 0; row < 100; row++) list.push(row);
    for (let row = 200; row < 10_000; row++) later.push(row);
    list.append(later);
    assert.equal(list.at(100), 200);
    assert.equal(list.insert(150), true);
    list.push(10_000);
    assert.equal(list.positionOf(10_000), 9901);
    assert.equal(later.count, 0);
  });
});
