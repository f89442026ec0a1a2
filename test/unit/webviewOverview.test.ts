// The prism and the chart over time: where things stand, and what a drag means.

import assert from 'node:assert/strict';
import type { PrismPath } from '../../src/shared/inspect.js';
import { brushed, curve, timeAt, xOf } from '../../webview/inspector/overview/chartScale.js';
import { prismLayout, thicknessOf } from '../../webview/inspector/overview/prismLayout.js';
import { sortedStats } from '../../webview/inspector/overview/statOrder.js';

function path(parts: Partial<PrismPath>): PrismPath {
  return { listener: 'dev', protocol: 'http1', upstream: '8080', live: 1, flows: 1, bytesPerSecond: 0, messages: 0, errors: 0, ...parts };
}

suite('the prism', () => {
  test('rows keep their places when rates change', () => {
    const order = (rates: number[]): string[] => prismLayout(['a', 'b', 'c'].map((protocol, index) => path({ protocol, bytesPerSecond: rates[index]! })), 120, 24).rows.map((row) => row.path.protocol);
    assert.deepEqual(order([1, 100, 10]), ['a', 'b', 'c']);
    assert.deepEqual(order([1000, 1, 0]), ['a', 'b', 'c']);
  });

  test('the busiest find room, the others are told as a number', () => {
    const paths = Array.from({ length: 9 }, (_, index) => path({ protocol: `p${index}`, messages: index }));
    const { rows, hidden } = prismLayout(paths, 120, 24);
    assert.deepEqual(rows.map((row) => row.path.protocol), ['p4', 'p5', 'p6', 'p7', 'p8']);
    assert.equal(hidden, 4);
  });

  test('ribbons leave a listener side by side, around its name', () => {
    const { rows, listeners } = prismLayout([path({ protocol: 'a', bytesPerSecond: 1e6 }), path({ protocol: 'b', bytesPerSecond: 1e3 })], 120, 24);
    const [first, second] = rows;
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(Math.abs(first.listenerY + first.thickness / 2 - (second.listenerY - second.thickness / 2)) < 1e-9, 'no gap between them');
    assert.equal(listeners[0]!.y, 60);
    assert.equal(listeners[0]!.live, 2);
  });

  test('more is thicker, and everything can be seen', () => {
    const thick = [0, 10, 1e3, 1e6, 1e9, 1e15].map(thicknessOf);
    assert.deepEqual(thick, [...thick].sort((a, b) => a - b));
    assert.ok(2 <= thick[0]! && thick.at(-1)! <= 14);
  });

  test('nothing at all is a picture too', () => {
    assert.deepEqual(prismLayout([], 120, 24), { rows: [], listeners: [], hidden: 0 });
  });
});

suite('bytes over time', () => {
  const scale = { from: 1000, to: 2000, widthPx: 100, heightPx: 50, highest: 10 };

  test('places are times, and times places', () => {
    assert.equal(xOf(scale, 1500), 50);
    assert.equal(timeAt(scale, 50), 1500);
    assert.equal(timeAt(scale, -20), 1000);
    assert.equal(timeAt(scale, 500), 2000);
  });

  test('a drag either way is a stretch, a click is none', () => {
    assert.deepEqual(brushed(scale, 20, 40), { from: 1200, to: 1400 });
    assert.deepEqual(brushed(scale, 40, 20), { from: 1200, to: 1400 });
    assert.equal(brushed(scale, 20, 21), undefined);
  });

  test('the highest bucket reaches the top', () => {
    assert.equal(curve(scale, [0, 10]), 'M25.0 50.0L75.0 0.0');
    assert.equal(curve(scale, []), '');
  });
});

suite('statistics in order', () => {
  const rows = [{ key: 'b', count: 1, errors: 0, bytes: 5, p95: 3 }, { key: 'a', count: 2, errors: 1, bytes: 5 }, { key: 'c', count: 2, errors: 0, bytes: 1, p95: 9 }];
  const keys = (column: 'key' | 'count' | 'p95' | 'bytes', isDescending: boolean): string => sortedStats(rows, column, isDescending).map(({ key }) => key).join('');

  test('by any column, equal ones by name, missing values last', () => {
    assert.equal(keys('key', false), 'abc');
    assert.equal(keys('count', true), 'acb');
    assert.equal(keys('p95', false), 'bca');
    assert.equal(keys('p95', true), 'cba');
    assert.equal(keys('bytes', true), 'abc');
  });
});
