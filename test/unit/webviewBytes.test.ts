// What bytes could be (data inspector), and what they are copied as.
import assert from 'node:assert/strict';
import { float16, inspectBytes, varint } from '../../webview/inspector/bytes/byteInspector.js';
import { copyText, hexDump } from '../../webview/inspector/bytes/literals.js';
import { isTextBody, prettyJson } from '../../webview/inspector/bytes/bodyText.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

suite('values at the cursor', () => {
  const hex = (digits: string): Uint8Array => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

  function check(digits: string, name: string, big: string | undefined, little?: string): void {
    const row = inspectBytes(hex(digits)).find((one) => one.name === name);
    assert.deepEqual([row?.big, row?.little], [big, little], `${name} of ${digits}`);
  }

  test('whole numbers in both orders', () => {
    check('ff', 'int8', '-1');
    check('ff', 'uint8', '255');
    check('fffe', 'int16', '-2', '-257');
    check('494e5345', 'uint32', '1229869893', '1163087433');
    check('ffffffffffffffff', 'int64', '-1', '-1');
    check('ffffffffffffffff', 'uint64', '18446744073709551615', '18446744073709551615');
  });

  test('too few bytes give no value', () => {
    check('ff', 'uint16', undefined, undefined);
    check('ffffff', 'uint32', undefined, undefined);
    assert.deepEqual(inspectBytes(new Uint8Array()), []);
  });

  test('floats of three sizes', () => {
    check('3f800000', 'float32', '1', '4.600603e-41');
    check('3ff8000000000000', 'float64', '1.5', '3.13984e-319');
    check('3c00', 'float16', '1', '0.000003576279');
    assert.equal(float16(0x7c00), Infinity);
    assert.equal(float16(0xfc00), -Infinity);
    assert.ok(Number.isNaN(float16(0x7e00)));
    assert.equal(float16(0x7bff), 65504);
    assert.equal(float16(0x0001), 2 ** -24);
    assert.equal(float16(0x8000), -0);
  });

  test('times: seconds, milliseconds, FILETIME', () => {
    check('00000000', 'Unix s', '1970-01-01 00:00:00', '1970-01-01 00:00:00');
    check('65920080', 'Unix s', '2024-01-01 00:00:00', '2038-01-19 13:38:45');
    check('0000018cc251f400', 'Unix ms', '2024-01-01 00:00:00', undefined);
    assert.equal(inspectBytes(hex('01da3c457689c000')).find(({ name }) => name === 'FILETIME')?.big, '2024-01-01 00:00:00');
  });

  test('identifiers and addresses', () => {
    check('00112233445566778899aabbccddeeff', 'UUID', '00112233-4455-6677-8899-aabbccddeeff', '33221100-5544-7766-8899-aabbccddeeff');
    check('7f000001', 'IPv4', '127.0.0.1', '1.0.0.127');
    check('00000000000000000000000000000001', 'IPv6', '::1');
    check('20010db8000000000001000000000001', 'IPv6', '2001:db8::1:0:0:1');
    check('20010db8000100020003000400050006', 'IPv6', '2001:db8:1:2:3:4:5:6');
  });

  test('variable length numbers, and their zigzag', () => {
    check('ac02', 'varint', '300');
    check('01', 'zigzag', '-1');
    check('04', 'zigzag', '2');
    assert.equal(varint(Uint8Array.of(0x80, 0x80)), undefined, 'it does not end');
    assert.equal(varint(new Uint8Array(11).fill(0xff)), undefined, 'longer than 64 bits');
    assert.equal(varint(Uint8Array.of(...new Array<number>(9).fill(0xff), 0x01)), 2n ** 64n - 1n);
    assert.equal(varint(Uint8Array.of(...new Array<number>(9).fill(0xff), 0x02)), undefined);
  });
});

suite('bytes copied as', () => {
  const bytes = Uint8Array.of(0x50, 0x00, 0x22, 0x5c, 0x0a, 0xe9);

  test('literals that give the same bytes back', () => {
    const javascript = copyText('javascript', bytes, 0);
    assert.deepEqual(new Uint8Array(JSON.parse(javascript.replace(/^new Uint8Array\(/, '').replace(/,?\s*\]\)$/, ']').replace(/0x[0-9a-f]+/g, (number) => String(Number(number)))) as number[]), bytes);
    assert.equal(copyText('python', bytes, 0), 'b"P\\x00\\"\\\\\\n\\xe9"');
    assert.equal(copyText('go', bytes, 0), '[]byte{\n\t0x50, 0x00, 0x22, 0x5c, 0x0a, 0xe9,\n}');
    assert.equal(copyText('c', bytes, 0), 'unsigned char bytes[6] = {\n    0x50, 0x00, 0x22, 0x5c, 0x0a, 0xe9,\n};');
    assert.equal(copyText('base64', bytes, 0), Buffer.from(bytes).toString('base64'));
    assert.equal(copyText('hex', bytes, 0), '50 00 22 5c 0a e9');
  });

  test('a long Python literal goes over lines inside parentheses', () => {
    const lines = copyText('python', new Uint8Array(70).fill(0x41), 0).split('\n');
    assert.deepEqual(lines, ['(', `    b"${'A'.repeat(32)}"`, `    b"${'A'.repeat(32)}"`, `    b"${'A'.repeat(6)}"`, ')']);
  });

  test('a dump says where it is from, and its columns stand below each other', () => {
    const lines = hexDump(encode('INSERT INTO orders (id)'), 0x1a6).split('\n');
    assert.deepEqual(lines, [
      '000001a6  49 4e 53 45 52 54 20 49  4e 54 4f 20 6f 72 64 65  |INSERT INTO orde|',
      '000001b6  72 73 20 28 69 64 29                              |rs (id)|',
    ]);
  });
});

suite('bodies', () => {
  test('JSON is laid out in lines, its values untouched', () => {
    assert.equal(prettyJson('{"a":[1,{"b":"x, {y}"}],"big":12345678901234567890,"e":{},"f":[ ],"n":null}'), [
      '{', '  "a": [', '    1,', '    {', '      "b": "x, {y}"', '    }', '  ],', '  "big": 12345678901234567890,', '  "e": {},', '  "f": [],', '  "n": null', '}',
    ].join('\n'));
    assert.equal(prettyJson('"a \\" quote"'), '"a \\" quote"');
    assert.equal(prettyJson('[1, 2'), undefined);
    assert.equal(prettyJson('hello'), undefined);
  });

  test('a string of a megabyte is laid out as any other', () => {
    const text = JSON.stringify({ long: '\\"'.repeat(500_000) });
    assert.equal(prettyJson(text)?.replace(/\n *| (?=")|\n/g, '').length, text.length);
  });

  test('tells text from what is none', () => {
    assert.equal(isTextBody(encode('a line\r\n\tand another'), ''), true);
    assert.equal(isTextBody(Uint8Array.of(0x89, 0x50, 0x4e, 0x47), ''), false);
    assert.equal(isTextBody(encode('\u0000\u0001'), ''), false);
    assert.equal(isTextBody(Uint8Array.of(0xe9), 'text/plain'), true, 'the sender says so');
    assert.equal(isTextBody(encode('GIF89a'), 'image/gif'), false);
    assert.equal(isTextBody(encode('ü'.repeat(4000)).subarray(0, 4097), ''), true, 'a character that the probe cuts');
  });
});
