// Finding bytes: what a pattern means, and where it is found across pieces, around the end, and not in what was overwritten.
import assert from 'node:assert/strict';
import type { BytesPiece } from '../../src/shared/flow.js';
import { maxReadBytes, type ReadBytes } from '../../webview/inspector/bytes/bytesCache.js';
import { findBytes, type Found } from '../../webview/inspector/bytes/findBytes.js';
import { findBackward, findForward, hexPattern, textPattern, type SearchPattern } from '../../webview/inspector/bytes/searchPattern.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function pattern(found: SearchPattern | { problem: string }): SearchPattern {
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

function places(bytes: Uint8Array, wanted: SearchPattern): number[] {
  const found: number[] = [];
  for (let at = findForward(bytes, wanted, 0); at >= 0; at = findForward(bytes, wanted, at + 1)) found.push(at);
  const back: number[] = [];
  for (let at = findBackward(bytes, wanted, bytes.length); at >= 0; at = findBackward(bytes, wanted, at)) back.unshift(at);
  assert.deepEqual(back, found, 'the same places from either side');
  return found;
}

suite('patterns to find', () => {
  test('hex digits, however they are written', () => {
    for (const text of ['500d', '50 0D', '0x50, 0x0d', '\\x50\\x0d', '50:0d', '50-0d']) {
      assert.deepEqual(pattern(hexPattern(text)), { values: Uint8Array.of(0x50, 0x0d), masks: Uint8Array.of(0xff, 0xff) }, text);
    }
  });

  test('a question mark stands for any byte, or for half of one', () => {
    const bytes = Uint8Array.of(0x50, 0x01, 0x00, 0x50, 0xff, 0x00, 0x5a, 0x50);
    assert.deepEqual(places(bytes, pattern(hexPattern('50 ?? 00'))), [0, 3]);
    assert.deepEqual(places(bytes, pattern(hexPattern('5?'))), [0, 3, 6, 7]);
    assert.deepEqual(places(bytes, pattern(hexPattern('?0'))), [0, 2, 3, 5, 7]);
    assert.deepEqual(places(bytes, pattern(hexPattern('??50'))), [2, 6]);
  });

  test('says what is wrong with a pattern', () => {
    const problem = (text: string): string | undefined => {
      const found = hexPattern(text);
      return 'problem' in found ? found.problem : undefined;
    };
    assert.equal(problem(''), 'empty');
    assert.equal(problem('  '), 'empty');
    assert.equal(problem('5g'), 'digit');
    assert.equal(problem('500'), 'half');
    assert.equal(problem('?? ??'), 'wild');
  });

  test('text in any case of its ASCII letters, or exactly as typed', () => {
    const bytes = encode('Insert INSERT insert @INSER[');
    assert.deepEqual(places(bytes, pattern(textPattern('insert', false))), [0, 7, 14]);
    assert.deepEqual(places(bytes, pattern(textPattern('INSERT', true))), [7]);
    assert.deepEqual(places(encode('[{'), pattern(textPattern('{', false))), [1], 'only letters have a case');
    assert.deepEqual(places(encode('Käse käse'), pattern(textPattern('käse', false))), [0, 6]);
  });

  test('a fit that runs over the end is none', () => {
    assert.deepEqual(places(encode('ababab'), pattern(textPattern('bab', true))), [1, 3]);
    assert.deepEqual(places(encode('ba'), pattern(textPattern('bab', true))), []);
  });
});

suite('finding in bytes that are read by piece', () => {
  const total = maxReadBytes * 3 + 10;
  // The needle lies across the border of two pieces, and at both ends.
  const needles = [0, maxReadBytes - 3, maxReadBytes * 2 + 1000, total - 6];
  const all = new Uint8Array(total).fill(0x2e);
  for (const at of needles) all.set(encode('needle'), at);
  const needle = pattern(textPattern('needle', true));

  function reader(gaps: BytesPiece['gaps'] = []): ReadBytes & { asked: number } {
    const read = ((from, start, length) => {
      read.asked++;
      const bytes = all.slice(start, start + length);
      for (const gap of gaps) bytes.fill(0, Math.max(0, gap.start - start), Math.max(0, gap.end - start));
      return Promise.resolve({ from, offset: start, bytes, gaps, total });
    }) as ReadBytes & { asked: number };
    read.asked = 0;
    return read;
  }

  const find = (start: number, direction: 'next' | 'previous', read: ReadBytes = reader(), wanted = needle, first = 0): Promise<Found | undefined> =>
    findBytes(read, { from: 'client', first, total, pattern: wanted, start, direction }, () => undefined, new AbortController().signal);

  test('forward and around the end', async () => {
    assert.deepEqual(await find(0, 'next'), { at: 0, hasWrapped: false });
    assert.deepEqual(await find(1, 'next'), { at: needles[1], hasWrapped: false });
    assert.deepEqual(await find(needles[1]! + 1, 'next'), { at: needles[2], hasWrapped: false });
    assert.deepEqual(await find(needles[3]! + 1, 'next'), { at: 0, hasWrapped: true });
  });

  test('backward and around the start', async () => {
    assert.deepEqual(await find(total, 'previous'), { at: needles[3], hasWrapped: false });
    assert.deepEqual(await find(needles[2]!, 'previous'), { at: needles[1], hasWrapped: false });
    assert.deepEqual(await find(needles[1]!, 'previous'), { at: 0, hasWrapped: false });
    assert.deepEqual(await find(0, 'previous'), { at: needles[3], hasWrapped: true });
  });

  test('the only one is found again from itself', async () => {
    const only = pattern(textPattern('needle.', true));
    const once = needles[0]!;
    assert.deepEqual(await find(once + 1, 'next', reader([{ start: 100, end: total }]), only), { at: once, hasWrapped: true });
  });

  test('what was overwritten is not found, though it reads as zeros', async () => {
    const zeros = pattern(hexPattern('00 00'));
    assert.equal(await find(0, 'next', reader([{ start: 100, end: 5000 }]), zeros), undefined);
    assert.deepEqual(await find(0, 'next', reader([{ start: 0, end: 50 }])), { at: needles[1], hasWrapped: false });
  });

  test('tells how far it is, and stops when it is told to', async () => {
    const shares: number[] = [];
    const stop = new AbortController();
    const read = reader();
    const found = await findBytes(read, { from: 'client', first: 0, total, pattern: pattern(hexPattern('ff fe')), start: 0, direction: 'next' }, (share) => {
      shares.push(share);
      if (shares.length === 2) stop.abort();
    }, stop.signal);
    assert.equal(found, undefined);
    assert.equal(read.asked, 2);
    assert.ok(shares[0]! > 0.3 && shares[0]! < shares[1]! && shares[1]! < 0.7, shares.join(' '));
  });
});
