// The cursor never reads past its end, and helpers agree on where a text stands.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anyCaseTextAt, byteAt, Cursor, fromHex, latin1, textAt, toHex, u24LittleAt, u32At } from '../../src/core/bytes.js';

suite('bytes', () => {
  test('a cursor reads big-endian numbers, and stays where it is when they are cut', () => {
    const cursor = new Cursor(Uint8Array.of(1, 2, 3, 0xff, 0xff, 0xff, 0xff, 9));
    assert.deepEqual([cursor.u8(), cursor.u16(), cursor.u32(), cursor.u16(), cursor.left, cursor.u8(), cursor.u8()], [1, 0x0203, 0xffffffff, undefined, 1, 9, undefined]);
  });

  test('an inner cursor ends where it was told, and the outer one goes on behind it', () => {
    const outer = new Cursor(Uint8Array.of(1, 2, 3, 4));
    const inner = outer.within(2);
    assert.deepEqual([inner?.u24(), inner?.u16(), inner?.left, outer.u8(), outer.within(2), outer.skip(2), outer.take(1)?.[0]], [undefined, 0x0102, 0, 3, undefined, false, 4]);
  });

  test('whatever is asked, nothing beyond the end is read', () => {
    const ask = fc.constantFrom('u8', 'u16', 'u24', 'u32', 'take', 'within', 'skip');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), fc.array(fc.tuple(ask, fc.integer({ min: -2, max: 9 })), { maxLength: 12 }), fc.nat(14), (bytes, asks, end) => {
      const cursor = new Cursor(bytes, 0, end);
      for (const [what, count] of asks) {
        const before = cursor.left;
        const answer = what === 'take' || what === 'within' || what === 'skip' ? cursor[what](count) : cursor[what]();
        assert.ok(0 <= cursor.left && cursor.position <= Math.min(end, bytes.length));
        if (answer === undefined || answer === false) assert.equal(cursor.left, before);
      }
    }));
  });

  test('texts stand whole, in part, or not', () => {
    const bytes = Uint8Array.from(Buffer.from('GET /'));
    assert.deepEqual([textAt(bytes, 0, 'GET'), textAt(bytes, 4, '/x'), textAt(bytes, 0, 'get'), anyCaseTextAt(bytes, 0, 'get'), textAt(bytes, 5, 'x')], ['whole', 'part', 'not', 'whole', 'part']);
  });

  test('numbers and single bytes', () => {
    const bytes = Uint8Array.of(0x80, 0, 0, 1);
    assert.deepEqual([u32At(bytes, 0), u24LittleAt(bytes, 1), byteAt(bytes, 3), byteAt(bytes, 4)], [0x80000001, 0x010000, 1, -1]);
  });

  test('hex goes both ways; spaces, colons and 0x are allowed', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromHex(toHex(bytes)), Uint8Array.from(bytes))));
    assert.deepEqual(fromHex('0x47 45:54'), Uint8Array.of(0x47, 0x45, 0x54));
    assert.deepEqual([fromHex('4'), fromHex('zz')], [undefined, undefined]);
  });

  test('latin1 has one character per byte, however many there are', () => {
    const bytes = Uint8Array.from({ length: 10000 }, (_, i) => i % 256);
    assert.equal(latin1(bytes), Buffer.from(bytes).toString('latin1'));
    assert.equal(latin1(bytes, 65, 68), 'ABC');
  });
});
