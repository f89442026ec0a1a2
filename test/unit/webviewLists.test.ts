// Long lists: where rows stand, which pages are asked for, how a flow is found.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FlowPage } from '../../src/shared/protocol.js';
import type { FlowRow } from '../../src/shared/flow.js';
import { contentTop, maxContentTop, maxElementHeightPx, rowsInView, scrollScale, scrollTopFor } from '../../webview/widgets/scrollScale.js';
import { formatBytes, formatDuration, formatEndpoint, formatOffset } from '../../webview/widgets/format.js';
import { PageCache, pageRows, type Page } from '../../webview/inspector/pageCache.js';
import { BytesCache, bytesPageBytes, readRange } from '../../webview/inspector/bytes/bytesCache.js';
import { findFlow } from '../../webview/inspector/findFlow.js';

suite('scroll scale', () => {
  test('a list that fits an element is not scaled', () => {
    const scale = scrollScale(1000, 22, 400);
    assert.equal(scale.isScaled, false);
    assert.equal(contentTop(scale, 1234), 1234);
    assert.equal(scrollTopFor(scale, 1234), 1234);
  });

  test('a gigabyte of hex rows stays within what a browser can draw, and its last row can be reached', () => {
    const rows = 1_000_000_000 / 16;
    const scale = scrollScale(rows, 20, 400);
    assert.equal(scale.elementPx, maxElementHeightPx);
    const top = contentTop(scale, scale.elementPx - scale.viewportPx);
    assert.equal(top, maxContentTop(scale));
    assert.equal(rowsInView(top, 400, 20, rows).end, rows);
    assert.equal(contentTop(scale, 0), 0);
  });

  test('scroll bar and content find each other again, whatever the sizes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 10, max: 60 }), fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, height, viewport, part) => {
      const scale = scrollScale(rows, height, viewport);
      const top = part * maxContentTop(scale);
      const back = contentTop(scale, scrollTopFor(scale, top));
      assert.ok(Math.abs(back - top) <= Math.max(1, scale.contentPx * 1e-9), `${top} came back as ${back}`);
      const { start, end } = rowsInView(top, viewport, height, rows);
      assert.ok(0 <= start && start <= end && end <= rows);
      assert.ok(end - start <= viewport / height + 2, 'no more rows than are seen');
    }));
  });
});

suite('pages of a long list', () => {
  interface Asked { start: number; answer: (rows: number[]) => void; fail: () => void }

  function harness(): { cache: PageCache<number>; asked: Asked[]; settle: () => Promise<void>; failures: number[] } {
    const asked: Asked[] = [];
    const failures: number[] = [];
    const cache = new PageCache<number>((start) => new Promise<Page<number>>((resolve, reject) => {
      asked.push({ start, answer: (rows) => resolve({ rows, start }), fail: () => reject(new Error('no')) });
    }), () => undefined, () => failures.push(1));
    // Promise callbacks run before the next turn of the event loop.
    return { cache, asked, settle: () => new Promise((resolve) => setImmediate(resolve)), failures };
  }

  test('asks for what is in view, once', async () => {
    const { cache, asked, settle } = harness();
    cache.want(0, 30);
    cache.want(0, 30);
    assert.deepEqual(asked.map(({ start }) => start), [0]);
    asked[0]?.answer(Array.from({ length: pageRows }, (_, index) => index));
    await settle();
    assert.equal(cache.row(29), 29);
    cache.want(0, 30);
    assert.equal(asked.length, 1);
  });

  test('keeps showing old rows while newer ones are on their way', async () => {
    const { cache, asked, settle } = harness();
    cache.want(0, 2);
    asked[0]?.answer([1, 2]);
    await settle();
    cache.markOld();
    assert.equal(cache.row(0), 1);
    assert.equal(asked.length, 2);
    asked[1]?.answer([7, 8]);
    await settle();
    assert.equal(cache.row(0), 7);
  });

  test('does not ask for the pages that a dragged thumb only passes', async () => {
    const { cache, asked, settle } = harness();
    for (let row = 0; row < 1_000_000; row += 5000) cache.want(row, row + 30);
    assert.ok(asked.length <= 2);
    for (const { answer } of [...asked]) answer([]);
    await settle();
    assert.equal(asked.at(-1)?.start, 995_000);
  });

  test('throws away what arrives for the list before this one', async () => {
    const { cache, asked, settle } = harness();
    cache.want(0, 1);
    cache.reset();
    asked[0]?.answer([1]);
    await settle();
    assert.equal(cache.row(0), undefined);
  });

  test('a host that fails is not asked in a loop', async () => {
    const { cache, asked, settle, failures } = harness();
    cache.want(0, 1);
    asked[0]?.fail();
    await settle();
    await settle();
    assert.equal(asked.length, 1);
    assert.equal(failures.length, 1);
    cache.want(0, 1);
    assert.equal(asked.length, 2, 'the next look asks again');
  });
});

suite('bytes of a flow', () => {
  const source = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  const read = (from: 'client' | 'upstream', start: number, length: number) =>
    Promise.resolve({ from, offset: start, bytes: source.slice(start, start + length), gaps: start < 40_000 ? [{ start: 0, end: 40_000 }] : [], total: source.length });

  test('asks again for a last page that has grown', async () => {
    const asked: number[] = [];
    const cache = new BytesCache('client', (from, start, length) => {
      asked.push(length);
      return read(from, start, length);
    }, () => undefined, (fault) => assert.fail(String(fault)));
    cache.setTotal(100);
    cache.want(0, 160);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(cache.view(96, 112)?.bytes.length, 4);
    cache.setTotal(bytesPageBytes + 5);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(cache.view(96, 112)?.bytes.length, 16);
    assert.deepEqual(asked, [100, bytesPageBytes]);
  });

  test('a range is read whole across pieces, with its gaps counted and its bound kept', async () => {
    const { bytes, gapBytes, isCut } = await readRange(read, 'client', 39_990, 50_000, 8_000);
    assert.deepEqual(bytes, source.slice(39_990, 47_990));
    assert.equal(gapBytes, 10);
    assert.equal(isCut, true);
  });
});

suite('finding a flow by id', () => {
  function list(ids: readonly number[]): { at: (index: number) => Promise<FlowPage>; requests: () => number } {
    let requests = 0;
    return {
      at: (index) => {
        requests++;
        const id = ids[index];
        return Promise.resolve({ rows: id === undefined ? [] : [{ id } as FlowRow], total: ids.length, start: index, revision: 0, forgotten: 0 });
      },
      requests: () => requests,
    };
  }

  test('in a list without gaps takes two requests', async () => {
    const { at, requests } = list(Array.from({ length: 100_000 }, (_, index) => index + 500));
    assert.equal(await findFlow(77_777, at), 77_277);
    assert.equal(requests(), 2);
  });

  test('in a list thinned by a filter finds every one, and only those', async () => {
    const ids = [3, 4, 9, 40, 41, 900, 901, 5000];
    for (const [index, id] of ids.entries()) assert.equal(await findFlow(id, list(ids).at), index);
    for (const id of [1, 5, 899, 6000]) assert.equal(await findFlow(id, list(ids).at), undefined);
    assert.equal(await findFlow(1, list([]).at), undefined);
  });
});

suite('numbers for people', () => {
  test('bytes', () => {
    const cases: [number, string][] = [[0, '0 B'], [318, '318 B'], [999, '999 B'], [1000, '1.0 KB'], [48_200, '48 KB'], [999_600, '1.0 MB'], [1_200_000_000, '1.2 GB']];
    for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
  });

  test('durations', () => {
    const cases: [number, string][] = [[-3, '0.0 ms'], [0.31, '0.3 ms'], [41, '41 ms'], [999.6, '1.0 s'], [3100, '3.1 s'], [59_990, '1 min 0 s'], [125_000, '2 min 5 s'], [8_000_000, '2 h 13 min']];
    for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
  });

  test('endpoints and offsets', () => {
    assert.equal(formatEndpoint({ host: '::1', port: 3000 }), '[::1]:3000');
    assert.equal(formatEndpoint({ host: '127.0.0.1', port: 1 }), '127.0.0.1:1');
    assert.equal(formatEndpoint({ path: '' }), 'unnamed socket');
    assert.equal(formatOffset(0x1a6), '000001a6');
    assert.equal(formatOffset(0x1_2345_6789), '123456789');
  });
});
