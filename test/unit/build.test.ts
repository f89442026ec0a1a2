// Shapes of first bytes that matchers are put together from: each refuses at the first byte that contradicts it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allOf, anyOf, bigEndian, byteIn, firstWord, littleEndian, magic, printable, text } from '../../src/core/protocols/build.js';
import type { Judge } from '../../src/core/protocols/protocol.js';
import { ascii } from './samples.js';

/** Verdicts at each length, from none of the bytes to all. */
function verdicts(judge: Judge, bytes: Uint8Array): string {
  return Array.from({ length: bytes.length + 1 }, (_, length) => judge(bytes.subarray(0, length))).join(' ');
}

suite('shapes', () => {
  const cases: [string, Judge, Uint8Array, string][] = [
    ['magic with a gap', magic('80 ?? 01'), Uint8Array.of(0x80, 7, 1), 'more more more match'],
    ['magic, contradicted', magic('80 ?? 01'), Uint8Array.of(0x80, 7, 2), 'more more more no'],
    ['magic further on', magic('05', 1), Uint8Array.of(9, 5), 'more more match'],
    ['text', text('ab'), ascii('ac'), 'more more no'],
    ['a byte of a set', byteIn(0, 1, [8, 9]), Uint8Array.of(9), 'more match'],
    ['a byte of none', byteIn(0, 1, [8, 9]), Uint8Array.of(7), 'more no'],
    ['all parts', allOf(magic('01'), byteIn(1, 2)), Uint8Array.of(1, 2), 'more more match'],
    ['all parts, the later one first', allOf(byteIn(1, 2), magic('01')), Uint8Array.of(3, 2), 'more no no'],
    ['any part', anyOf(text('ab'), text('ac')), ascii('ac'), 'more more match'],
    ['a word and what follows it', firstWord(['get', 'gets']), ascii('gets '), 'more more more more more match'],
    ['a word in any case', firstWord(['user'], { anyCase: true }), ascii('UsEr\r'), 'more more more more more match'],
    ['a word that nothing need follow', firstWord(['ok'], { followers: '' }), ascii('ok'), 'more more match'],
    ['a longer word', firstWord(['get']), ascii('getx'), 'more more more more no'],
    ['printable', printable(1, 3), Uint8Array.of(0, 0x41, 7), 'more more more no'],
  ];
  for (const [name, judge, bytes, wanted] of cases) test(name, () => assert.equal(verdicts(judge, bytes), wanted));

  test('a number is refused as soon as no further bytes could bring it into its range, and not before', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.uint8Array({ minLength: 3, maxLength: 3 }), fc.nat(0xffffff), fc.nat(0xffffff), (size, bytes, a, b) => {
      const most = 256 ** size - 1;
      const [least, greatest] = [Math.min(a, b) % (most + 1), Math.max(a, b) % (most + 1)];
      fc.pre(least <= greatest);
      for (let length = 0; length <= size; length++) {
        const rest = 256 ** (size - length);
        let high = 0;
        let low = 0;
        for (let i = 0; i < length; i++) {
          high = high * 256 + (bytes[i] ?? 0);
          low += (bytes[i] ?? 0) * 256 ** i;
        }
        const bigCan = high * rest <= greatest && least <= high * rest + rest - 1;
        assert.equal(bigEndian(0, size, least, greatest)(bytes.subarray(0, length)), !bigCan ? 'no' : length === size ? 'match' : 'more');
        const little = littleEndian(0, size, least, greatest)(bytes.subarray(0, length));
        if (length === size) assert.equal(little, least <= low && low <= greatest ? 'match' : 'no');
        else if (greatest < low) assert.equal(little, 'no');
      }
    }));
  });
});
