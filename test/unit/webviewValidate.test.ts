// What a page may send: anything else is refused before it reaches lens, engine or files.

import assert from 'node:assert/strict';
import * as validate from '../../src/host/panels/validate.js';

function refuses(check: (raw: unknown) => unknown, ...raws: unknown[]): void {
  for (const raw of raws) assert.throws(() => check(raw), /not allowed/, JSON.stringify(raw));
}

suite('messages of a page', () => {
  test('a list query keeps what it knows and drops the rest', () => {
    assert.deepEqual(validate.flowQuery({ order: 'opened', start: 0, count: 100, text: 'redis', extra: 1 }), { order: 'opened', start: 0, count: 100, text: 'redis' });
    refuses(validate.flowQuery, null, 'x', [], {}, { order: 'newest', start: 0, count: 1 }, { order: 'opened', start: -1, count: 1 }, { order: 'opened', start: 0, count: 1e9 }, { order: 'opened', start: 0.5, count: 1 }, { order: 'opened', start: 0, count: 1, text: 7 }, { order: 'opened', start: 0, count: 1, text: 'x'.repeat(2000) });
  });

  test('bytes are asked for by range, at most 256 KiB at once', () => {
    assert.deepEqual(validate.bytesQuery({ flow: 1, from: 'upstream', start: 5, length: 262144 }), { flow: 1, from: 'upstream', start: 5, length: 262144 });
    refuses(validate.bytesQuery, { flow: 1, from: 'server', start: 0, length: 1 }, { flow: 1, from: 'client', start: 0, length: 262145 }, { flow: NaN, from: 'client', start: 0, length: 1 }, { flow: '1', from: 'client', start: 0, length: 1 });
  });

  test('ids are whole numbers, and not too many', () => {
    assert.deepEqual(validate.flowIds({ ids: [1, 2] }), { ids: [1, 2] });
    refuses(validate.flowIds, { ids: [1, 'x'] }, { ids: 3 }, { ids: Array.from({ length: 5000 }, () => 1) });
    assert.equal(validate.selectedFlow({ flow: undefined }), undefined);
    assert.equal(validate.selectedFlow({ flow: 3 }), 3);
    refuses(validate.selectedFlow, { flow: -3 }, undefined);
  });

  test('a JSON path has names and indexes only', () => {
    assert.deepEqual(validate.jsonPath(['listeners', 0]), ['listeners', 0]);
    refuses(validate.jsonPath, 'listeners', [{}], [-1], Array.from({ length: 30 }, () => 0));
  });

  test('a rule is plain JSON, copied, and bounded in depth', () => {
    const value = { a: [1, null, true, 'x'] };
    const copy = validate.json(value);
    assert.deepEqual(copy, value);
    assert.notEqual(copy, value);
    let deep: unknown = 1;
    for (let level = 0; level < 100; level++) deep = [deep];
    refuses(validate.json, deep, { a: undefined }, { a: Infinity }, () => 1);
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    assert.throws(() => validate.json(cycle), /not allowed/);
  });

  test('bytes to try come as pairs of hex digits', () => {
    assert.deepEqual(validate.formTry({ path: [], value: {}, hex: '47450a' }).bytes, Uint8Array.from([0x47, 0x45, 0x0a]));
    refuses(validate.formTry, { path: [], value: {}, hex: '4' }, { path: [], value: {}, hex: 'zz' }, { path: [], value: {} });
  });

  test('the clipboard takes text of a bounded size', () => {
    assert.equal(validate.clipboardText({ text: 'x' }), 'x');
    refuses(validate.clipboardText, { text: 1 }, {});
  });
});
