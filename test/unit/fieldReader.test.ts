// What becomes of bytes that are shown as text.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bytesText, plainText } from '../../src/core/dissectors/fieldReader.js';

suite('bytes as text', () => {
  test('UTF-8 is text, everything that a strict decoder refuses is not', () => {
    const strict = new TextDecoder('utf-8', { fatal: true });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => new TextEncoder().encode(text)));
    fc.assert(fc.property(bytes, (view) => {
      if (view.some((byte) => (byte < 0x20 && ![9, 10, 13].includes(byte)) || byte === 0x7f)) return;
      let wanted: string | undefined;
      try {
        wanted = strict.decode(view);
      } catch {
        wanted = undefined;
      }
      // A decoder drops the mark of byte order; both do.
      assert.equal(plainText(view), wanted);
    }), { numRuns: 2000 });
  });

  test('binary is told by its first bytes', () => {
    assert.equal(bytesText(Uint8Array.of(0xab)), '1 byte ab');
    assert.equal(bytesText(new Uint8Array(40)), `40 bytes ${'00 '.repeat(32)}…`);
    assert.equal(bytesText(Buffer.from('a"b')), '"a\\"b"');
  });
});
