// The hex view's pure parts: rows, selection, offsets, values, copies.

import assert from 'node:assert/strict';
import { columnAtHex, columnAtText, fittingColumns, hexRow, hexWidth, rowCount, type Run } from '../../webview/inspector/bytes/hexRows.js';
import { moveSelection, parseOffset, selectedRange, selectionOf, type HexMove } from '../../webview/inspector/bytes/hexSelection.js';
import { toBase64, toHexText, toText } from '../../webview/inspector/bytes/literals.js';
import { byteValues } from '../../webview/inspector/bytes/byteValues.js';

const insert = new TextEncoder().encode('INSERT INTO ords');

function plainText(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join('');
}

function ofKind(runs: readonly Run[], kind: Run['kind']): string[] {
  return runs.filter((run) => run.kind === kind).map(({ text }) => text);
}

suite('hex rows', () => {
  test('shows sixteen bytes in two groups, and their characters', () => {
    const row = hexRow({ offset: 0, length: 16, bytes: insert, gaps: [] }, undefined);
    assert.equal(plainText(row.hex), '49 4e 53 45 52 54 20 49  4e 54 4f 20 6f 72 64 73');
    assert.equal(plainText(row.text), 'INSERT INTO ords');
    assert.equal(row.hex.length, 1, 'one run: no element per byte');
  });

  test('shows what is not printable ASCII as a dot', () => {
    const row = hexRow({ offset: 0, length: 5, bytes: Uint8Array.from([0x00, 0x1f, 0x7f, 0xe9, 0x7e]), gaps: [] }, undefined);
    assert.equal(plainText(row.text), '....~');
  });

  test('a selection is one run from its first digit to its last, across the gap between groups', () => {
    const row = hexRow({ offset: 0x10, length: 16, bytes: insert, gaps: [] }, { start: 0x16, end: 0x1a });
    assert.deepEqual(ofKind(row.hex, 'selected'), ['20 49  4e 54']);
    assert.deepEqual(ofKind(row.text, 'selected'), [' INT']);
    assert.equal(plainText(row.hex), '49 4e 53 45 52 54 20 49  4e 54 4f 20 6f 72 64 73');
  });

  test('a selection that goes past the row selects all of it', () => {
    const row = hexRow({ offset: 16, length: 16, bytes: insert, gaps: [] }, { start: 0, end: 1000 });
    assert.equal(row.hex.length, 1);
    assert.equal(row.hex[0]?.kind, 'selected');
  });

  test('shows overwritten bytes as dots in both columns, selected or not', () => {
    const row = hexRow({ offset: 32, length: 16, bytes: insert, gaps: [{ start: 0, end: 36 }] }, { start: 34, end: 38 });
    assert.deepEqual(ofKind(row.hex, 'gap'), ['·· ··']);
    assert.deepEqual(ofKind(row.hex, 'selectedGap'), ['·· ··']);
    assert.deepEqual(ofKind(row.text, 'gap'), ['··']);
    assert.equal(plainText(row.hex).startsWith('·· ·· ·· ·· 52'), true);
  });

  test('keeps columns in place while bytes are on their way and in a short last row', () => {
    assert.equal(plainText(hexRow({ offset: 0, length: 16, bytes: undefined, gaps: [] }, undefined).hex).length, 48);
    assert.equal(plainText(hexRow({ offset: 0, length: 3, bytes: insert.subarray(0, 3), gaps: [] }, undefined).hex), '49 4e 53');
  });

  test('finds the byte under the pointer', () => {
    for (const columns of [8, 16, 32]) {
      const bytes = Uint8Array.from({ length: columns }, (_, at) => at + 0x80);
      const text = plainText(hexRow({ offset: 0, length: columns, bytes, gaps: [] }, undefined).hex);
      assert.equal(text.length, hexWidth(columns));
      for (const [column, byte] of bytes.entries()) {
        const at = text.indexOf(byte.toString(16));
        assert.equal(columnAtHex(at + 0.5, columns), column, `left digit of column ${column} of "${text}"`);
        assert.equal(columnAtHex(at + 1.5, columns), column, `right digit of column ${column}`);
        assert.equal(columnAtText(column + 0.5, columns), column);
      }
      assert.equal(columnAtHex(-5, columns), 0);
      assert.equal(columnAtHex(500, columns), columns - 1);
      assert.equal(columnAtText(99, columns), columns - 1);
    }
  });

  test('takes as many bytes per row as fit', () => {
    assert.deepEqual([20, 50, 76, 77, 140, 145, 300].map(fittingColumns), [8, 8, 16, 16, 16, 32, 32]);
  });

  test('bytes of the field that is pointed at are lit; of a selection around them, or in them, the shorter one is seen', () => {
    const inside = hexRow({ offset: 0, length: 16, bytes: insert, gaps: [] }, { start: 0, end: 100 }, { start: 7, end: 11 });
    assert.deepEqual(inside.text.map(({ text, kind }) => `${kind} ${text}`), ['selected INSERT ', 'lit INTO', 'selected  ords']);
    const row = hexRow({ offset: 0, length: 16, bytes: insert, gaps: [] }, { start: 2, end: 4 }, { start: 0, end: 6 });
    assert.deepEqual(row.text.map(({ text, kind }) => `${kind} ${text}`), ['lit IN', 'selected SE', 'lit RT', 'plain  INTO ords']);
  });

  test('counts rows of any size', () => {
    assert.deepEqual([0, 1, 16, 17, 2 ** 40].map((total) => rowCount(total, 16)), [0, 1, 1, 2, 2 ** 36]);
  });
});

suite('copies of bytes', () => {
  test('as hex, text and Base64', () => {
    const bytes = Uint8Array.from([0x50, 0x00, 0xc3, 0xa9]);
    assert.equal(toHexText(bytes), '50 00 c3 a9');
    assert.equal(toText(bytes), 'P\u0000é');
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
  });

  test('Base64 of a megabyte is the same as Node makes it', () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 7) % 256);
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
  });

  test('text that is not UTF-8 becomes replacement characters, never an error', () => {
    assert.equal(toText(Uint8Array.from([0x41, 0xff, 0x42])), 'A\ufffdB');
  });
});

suite('hex selection', () => {
  function check(from: number, move: HexMove, total: number, expected: number, pageRows = 4): void {
    assert.equal(moveSelection({ anchor: from, cursor: from }, move, false, total, { columns: 16, pageRows })?.cursor, expected, `${move} from ${from} of ${total}`);
  }

  test('arrows move by byte and by row, and stop at the ends', () => {
    check(0, 'left', 100, 0);
    check(5, 'left', 100, 4);
    check(99, 'right', 100, 99);
    check(20, 'up', 100, 4);
    check(4, 'up', 100, 4);
    check(20, 'down', 100, 36);
    check(97, 'down', 100, 97);
  });

  test('down into a shorter last row goes to its last byte', () => {
    check(47, 'down', 50, 49);
  });

  test('page keys move by what is shown and keep the column at the start', () => {
    check(70, 'pageDown', 1000, 134);
    check(70, 'pageUp', 1000, 6);
    check(22, 'pageUp', 1000, 6);
    check(990, 'pageDown', 1000, 999);
  });

  test('Home and End go to the ends of the row, with Ctrl to the ends of all', () => {
    check(21, 'rowStart', 100, 16);
    check(21, 'rowEnd', 100, 31);
    check(98, 'rowEnd', 100, 99);
    check(50, 'start', 100, 0);
    check(50, 'end', 100, 99);
  });

  test('Shift keeps the anchor, also when the cursor passes it', () => {
    const grown = moveSelection({ anchor: 20, cursor: 20 }, 'right', true, 100, { columns: 16, pageRows: 4 });
    assert.deepEqual(grown, { anchor: 20, cursor: 21 });
    const turned = moveSelection({ anchor: 20, cursor: 20 }, 'up', true, 100, { columns: 16, pageRows: 4 });
    assert.deepEqual(turned, { anchor: 20, cursor: 4 });
    assert.deepEqual(turned === undefined ? undefined : selectedRange(turned), { start: 4, end: 21 });
  });

  test('the first key selects the first byte, and nothing where there is nothing', () => {
    assert.deepEqual(moveSelection(undefined, 'down', false, 100, { columns: 16, pageRows: 4 }), { anchor: 0, cursor: 0 });
    assert.equal(moveSelection(undefined, 'down', false, 0, { columns: 16, pageRows: 4 }), undefined);
  });

  test('a range and its selection are each other', () => {
    assert.deepEqual(selectedRange(selectionOf(7, 19)), { start: 7, end: 19 });
    assert.deepEqual(selectedRange(selectionOf(7, 7)), { start: 7, end: 8 });
  });
});

suite('offsets as people type them', () => {
  function check(text: string, expected: number | undefined): void {
    assert.equal(parseOffset(text, 100, 1000), expected, text);
  }

  test('reads hex, decimal and steps from the cursor', () => {
    check('0x1a6', 0x1a6);
    check('1A6h', 0x1a6);
    check('$10', 16);
    check('422', 422);
    check(' 1,0 ', 10);
    check('+16', 116);
    check('-0x10', 84);
  });

  test('says no to what is no offset, or none of these bytes', () => {
    check('', undefined);
    check('abc', undefined);
    check('1000', undefined);
    check('-200', undefined);
    check('0x', undefined);
  });
});

suite('values of selected bytes', () => {
  function values(bytes: readonly number[], isSingle: boolean): Record<string, string> {
    return Object.fromEntries(byteValues(Uint8Array.from(bytes), isSingle).map(({ name, value }) => [name, value]));
  }

  test('four bytes as number in both orders and as text', () => {
    assert.deepEqual(values([0x49, 0x4e, 0x53, 0x45], false), { 'uint32 BE': '1229869893', LE: '1163087433', 'float BE': String(Number(new DataView(Uint8Array.from([0x49, 0x4e, 0x53, 0x45]).buffer).getFloat32(0).toPrecision(7))), text: '"INSE"' });
  });

  test('one byte, with what follows it', () => {
    const found = values([0xff, 0x01, 0x02, 0x03], true);
    assert.equal(found['uint8'], '255 (int8 -1)');
    assert.equal(found['bits'], '11111111');
    assert.equal(found['uint16 BE'], '65281');
    assert.equal(found['uint32 BE'], '4278256131');
    assert.equal(found['text'], undefined, 'a lone 0xff is no text');
  });

  test('text shows line ends, keeps control characters out, and is cut', () => {
    assert.equal(values([0x41, 0x0d, 0x0a, 0x42, 0x43], false)['text'], '"A\\r\\nBC"');
    assert.equal(values([0x41, 0x1b, 0x5b, 0x42, 0x43], false)['text'], undefined);
    assert.equal(values(Array.from({ length: 40 }, () => 0x61), false)['text'], `"${'a'.repeat(24)}"…`);
  });

  test('a view into a larger buffer reads its own bytes', () => {
    const found = byteValues(Uint8Array.from([9, 9, 0x12, 0x34, 9]).subarray(2, 4), false);
    assert.equal(found.find(({ name }) => name === 'uint16 BE')?.value, String(0x1234));
  });

  test('odd widths are read as one number', () => {
    assert.equal(values([1, 0, 0], false)['uint24 BE'], '65536');
    assert.equal(values([0x31, 0, 0, 0, 4], false)['uint40 BE'], '210453397508');
  });

  test('no bytes, no values', () => assert.deepEqual(byteValues(new Uint8Array(0), false), []));
});
