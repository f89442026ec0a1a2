// Bytes as rows of text: every byte in exactly one row, wherever lines, characters, gaps and blocks end.
import assert from 'node:assert/strict';
import type { Range } from '../../src/shared/message.js';
import { drawText, layoutText, type TextEncoding, type TextPiece } from '../../webview/inspector/bytes/textLayout.js';
import { BlockWindow } from '../../webview/widgets/blockWindow.js';
import { visibleText } from '../../webview/widgets/visibleText.js';

const none = { selected: undefined, lit: undefined };

function rows(text: string | Uint8Array, width = 80, encoding: TextEncoding = 'utf-8', range?: Range, gaps: Range[] = []): string[] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const piece: TextPiece = { bytes, offset: 0, gaps };
  return layoutText(piece, range ?? { start: 0, end: bytes.length }, encoding, width).map((row) => (row.isGap === true ? `gap ${row.start}-${row.end}` : drawText(piece, row, encoding, none).runs.map((run) => run.text).join('')));
}

suite('bytes as text', () => {
  test('a row ends where its line ends, and shows how', () => {
    assert.deepEqual(rows('GET / HTTP/1.1\r\nhost: a\n\n'), ['GET / HTTP/1.1\\r↵', 'host: a↵', '↵']);
    assert.deepEqual(rows('no end'), ['no end']);
    assert.deepEqual(rows(''), []);
  });

  test('long lines are wrapped, wide characters counted as two', () => {
    assert.deepEqual(rows('a'.repeat(25), 10), ['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]);
    assert.deepEqual(rows('漢字漢字漢字', 8), ['漢字漢字', '漢字']);
    assert.deepEqual(rows('a\tb', 10), ['a→   b']);
  });

  test('a line of ten million bytes is many rows that hold all of it', () => {
    const bytes = new Uint8Array(10_000_000).fill(0x61);
    const piece: TextPiece = { bytes, offset: 0, gaps: [] };
    let at = 0;
    for (const row of layoutText(piece, { start: 0, end: bytes.length }, 'utf-8', 120)) {
      assert.equal(row.start, at);
      at = row.end;
    }
    assert.equal(at, bytes.length);
  });

  test('hostile text is shown, not carried out', () => {
    assert.deepEqual(rows('a\u0000b\u001b[31mc'), ['a\\0b\\e[31mc']);
    assert.deepEqual(rows('\u202egnp.exe'), ['\\u202egnp.exe']);
    assert.equal(visibleText('x\u200by\u2028z\u0085'), 'x\\u200by\\u2028z\\x85');
    assert.deepEqual(rows('<b>&amp;'), ['<b>&amp;']);
  });

  test('what is no UTF-8 is marked byte by byte, and text in Latin-1', () => {
    assert.deepEqual(rows(Uint8Array.of(0x41, 0xff, 0xc3, 0x28, 0xe9)), ['A\ufffd\ufffd(\ufffd']);
    assert.deepEqual(rows(Uint8Array.of(0x41, 0xe9, 0x80), 80, 'latin1'), ['Aé\\x80']);
    assert.deepEqual(rows(Uint8Array.of(0xed, 0xa0, 0x80)), ['\ufffd\ufffd\ufffd'], 'a surrogate is no character');
    assert.deepEqual(rows(Uint8Array.of(0xc0, 0x80)), ['\ufffd\ufffd'], 'an overlong zero');
  });

  test('wherever a block ends, no character is lost or told twice', () => {
    const text = 'aé漢😀\u0301z'.repeat(7);
    const bytes = new TextEncoder().encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parts = [...rows(bytes, 500, 'utf-8', { start: 0, end: cut }), ...rows(bytes, 500, 'utf-8', { start: cut, end: bytes.length })];
      assert.equal(parts.join(''), text, `cut at ${cut}`);
    }
  });

  test('what was overwritten is a row of its own', () => {
    assert.deepEqual(rows('abcdefghij', 80, 'utf-8', undefined, [{ start: 2, end: 6 }]), ['ab', 'gap 2-6', 'ghij']);
    assert.deepEqual(rows('abcdef', 80, 'utf-8', { start: 0, end: 6 }, [{ start: 0, end: 100 }]), ['gap 0-6']);
  });

  test('a selection marks whole characters, and each character knows its byte', () => {
    const bytes = new TextEncoder().encode('aé\u0000b');
    const piece: TextPiece = { bytes, offset: 100, gaps: [] };
    const drawn = drawText(piece, { start: 100, end: 105 }, 'utf-8', { selected: { start: 102, end: 103 }, lit: { start: 100, end: 101 } });
    assert.deepEqual(drawn.runs.map(({ kind, text }) => `${kind} ${text}`), ['lit a', 'selected é', 'control \\0', 'plain b']);
    assert.deepEqual(drawn.offsets, [100, 101, 103, 103, 104]);
  });
});

suite('a window of blocks', () => {
  const block = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name}${at}`);
  const all = (window: BlockWindow<string>): string[] => Array.from({ length: window.rowCount }, (_, at) => window.rowAt(at) ?? '?');

  test('grows at either end, and knows where its blocks begin', () => {
    const window = new BlockWindow<string>();
    window.reset(5);
    window.append(block('f', 2));
    window.append(block('g', 0));
    window.append(block('h', 3));
    window.prepend(block('e', 1));
    assert.deepEqual(all(window), ['e0', 'f0', 'f1', 'h0', 'h1', 'h2']);
    assert.deepEqual([window.first, window.end], [4, 8]);
    assert.deepEqual([4, 5, 6, 7, 8].map((at) => window.startOf(at)), [0, 1, 3, 3, undefined]);
  });

  test('lets go of the far end, and says how many rows went', () => {
    const window = new BlockWindow<string>();
    for (const name of ['a', 'b', 'c', 'd']) window.append(block(name, 10));
    assert.equal(window.trim(25, 'front'), 20);
    assert.deepEqual([window.first, window.rowCount, window.rowAt(0)], [2, 20, 'c0']);
    assert.equal(window.trim(5, 'end'), 0);
    assert.deepEqual([window.first, window.end, window.rowCount], [2, 3, 10], 'the last block stays');
  });

  test('its last block may be told again, longer', () => {
    const window = new BlockWindow<string>();
    window.append(block('a', 1));
    window.append(block('b', 1));
    window.replace(1, block('b', 3));
    assert.deepEqual(all(window), ['a0', 'b0', 'b1', 'b2']);
  });
});
