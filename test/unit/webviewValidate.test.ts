// What a page may send: anything else is refused before it reaches lens, engine or files.

import assert from 'node:assert/strict';
import * as validate from '../../src/host/panels/validate.js';
import * as inspect from '../../src/host/panels/validateInspect.js';

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

suite('questions of a page about messages', () => {
  test('a view keeps what it knows and drops the rest', () => {
    const query = { filter: 'protocol == redis', listing: 'exchanges', flow: 3, from: 1.5, to: 2.5, session: 's', sort: { column: 'took', isDescending: true } };
    assert.deepEqual(inspect.viewQuery({ ...query, extra: 1 }), query);
    assert.deepEqual(inspect.viewQuery({ filter: '', listing: 'messages' }), { filter: '', listing: 'messages' });
    refuses(inspect.viewQuery, { filter: '', listing: 'all' }, { filter: 'x'.repeat(20_000), listing: 'messages' }, { filter: '', listing: 'messages', from: NaN }, { filter: '', listing: 'messages', sort: { column: 1, isDescending: true } }, { filter: '', listing: 'messages', sort: { column: 'time' } });
  });

  test('rows come by the thousand at most, with columns by name', () => {
    assert.deepEqual(inspect.viewRows({ view: 1, start: 0, count: 100, columns: ['http.status'] }), { view: 1, start: 0, count: 100, columns: ['http.status'] });
    refuses(inspect.viewRows, { view: 1, start: 0, count: 5000, columns: [] }, { view: 1, start: 0, count: 1, columns: 'time' }, { view: 1, start: 0, count: 1, columns: Array.from({ length: 100 }, () => 'x') });
  });

  test('marks and colour rules name colours that exist', () => {
    assert.deepEqual(inspect.marks({ rows: [1, 2], color: 'red' }), { rows: [1, 2], color: 'red' });
    assert.deepEqual(inspect.marks({ rows: [1], color: null }), { rows: [1], color: null });
    assert.deepEqual(inspect.colors({ rules: [{ filter: 'problem', color: 'blue' }] }), { rules: [{ filter: 'problem', color: 'blue' }] });
    refuses(inspect.marks, { rows: [1], color: 'url(x)' }, { rows: 'all', color: null });
    refuses(inspect.colors, { rules: [{ filter: 'problem', color: '' }] });
  });

  test('statistics and throughput have bounds', () => {
    assert.deepEqual(inspect.statsQuery({ by: 'operation', filter: '', from: 1 }), { by: 'operation', filter: '', from: 1 });
    assert.deepEqual(inspect.throughputQuery({ buckets: 300 }), { buckets: 300 });
    refuses(inspect.statsQuery, { by: 'colour', filter: '' });
    refuses(inspect.throughputQuery, { buckets: 1e6 }, { buckets: 10, from: '0' });
  });
});
