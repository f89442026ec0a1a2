// How bodies are shown: the format by media type or by looks, a tree with byte ranges, and nothing that hostile bytes could do to it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FieldReader, maxFields } from '../../src/core/dissectors/fieldReader.js';
import { viewDecoded, viewPayload } from '../../src/core/dissectors/payload/view.js';
import { sizeText } from '../../src/core/dissectors/payload/values.js';
import type { Field } from '../../src/shared/message.js';
import { bytesOf } from '../conformance/vectors.js';

interface Shown {
  word: string;
  lines: string[];
  problems: string[];
  fields: Field[];
}

function show(bytes: Uint8Array, mediaType: string, isCut = false): Shown {
  const reader = new FieldReader(bytes, 0, 0, bytes.length);
  const word = viewPayload(reader, bytes.length, mediaType, isCut);
  return { word, lines: linesOf(reader.fields, ''), problems: reader.problems.map(({ text, range }) => `${text} ${range.start}-${range.end}`), fields: reader.fields };
}

function linesOf(fields: readonly Field[] | undefined, indent: string): string[] {
  return (fields ?? []).flatMap((field) => [`${indent}${field.name} ${field.range.start}-${field.range.end}: ${field.text}`, ...linesOf(field.fields, `${indent}  `)]);
}

/** @param bytes text, or hex behind `hex:` @param lines fields behind the first, which is the body as a whole */
function check(mediaType: string, bytes: string, word: string, lines: string[], problems: string[] = []): void {
  const shown = show(bytes.startsWith('hex:') ? bytesOf(bytes.slice(4)) : new TextEncoder().encode(bytes), mediaType);
  assert.deepEqual({ word: shown.word, lines: shown.lines.slice(1), problems: shown.problems }, { word, lines, problems });
  assert.equal(shown.lines[0]?.startsWith('body 0-'), true, 'all of it is the body');
}

suite('bodies', () => {
  test('JSON is a tree of its members, each with the range of its value', () => {
    check('application/json; charset=utf-8', '{"id": 8812, "name": "ada\\n\\u00e9", "tags": ["a", {}], "ok": true, "none": null}', 'json', [
      '  id 7-11: 8812',
      '  name 21-34: ada\né',
      '  tags 44-53: ["a", {}]',
      '    0 45-48: a',
      '    1 50-52: {}',
      '  ok 61-65: true',
      '  none 75-79: null',
    ]);
  });

  test('numbers and flags can be compared', () => {
    const [body] = show(new TextEncoder().encode('{"n":-1.5e3,"b":false}'), 'application/json').fields;
    assert.deepEqual(body?.fields?.map(({ value }) => value), [-1500, false]);
  });

  test('a number that is a time by name and size says so', () => {
    check('application/json', '{"createdAt":1732197755044,"exp":1732197755,"count":1732197755}', 'json', [
      '  createdAt 13-26: 1732197755044 · 2024-11-21T14:02:35.044Z',
      '  exp 33-43: 1732197755 · 2024-11-21T14:02:35Z',
      '  count 52-62: 1732197755',
    ]);
  });

  test('passwords and tokens are masked, also in the text of what holds them', () => {
    const shown = show(new TextEncoder().encode('{"user":"ada","password":"hunter2","in":[{"access_token":"t0k"}]}'), 'application/json');
    assert.ok(!JSON.stringify(shown.fields).includes('hunter2') && !JSON.stringify(shown.fields).includes('t0k'));
    assert.equal(shown.fields[0]?.fields?.[1]?.isSecret, true);
    for (const [type, bytes] of [['application/x-www-form-urlencoded', 'user=ada&password=hunter2'], ['text/xml', '<a><password>hunter2</password><b pwd="hunter2"/></a>']] as const) {
      assert.ok(!JSON.stringify(show(new TextEncoder().encode(bytes), type).fields).includes('hunter2'), type);
    }
  });

  test('broken JSON is told up to where it breaks', () => {
    check('application/json', '{"a":1,"b":[2,x],"c":3}', 'json', ['  a 5-6: 1', '  b 11-23: [2,x],"c":3}', '    0 12-13: 2'], ['this is not JSON 14-23']);
    check('application/json', '{"a":"x', 'json', ['  a 5-7: x'], ['the JSON text ends inside a string 7-7']);
    check('application/json', '{"a":1} x', 'json', ['  a 5-6: 1'], ['the JSON text is over, and more follows 8-9']);
    check('application/json', 'oops', 'json', [], ['this is not JSON 0-4']);
  });

  test('JSON of which only the beginning is there has no problem', () => {
    assert.deepEqual(show(new TextEncoder().encode('{"a":1,"b":['), 'application/json', true).problems, []);
  });

  test('members of the outermost object are found behind a very long one', () => {
    const long = JSON.stringify({ result: Array.from({ length: 5000 }, (_, i) => ({ i })), id: 7 });
    const shown = show(new TextEncoder().encode(long), 'application/json');
    assert.deepEqual(shown.fields[0]?.fields?.map(({ name }) => name), ['result', 'id']);
    assert.deepEqual(shown.problems.map((text) => text.split(' ').slice(0, 5).join(' ')), ['not all members are listed']);
  });

  test('JSON nested 100,000 deep is no more than a few fields', () => {
    const shown = show(new TextEncoder().encode('['.repeat(100_000) + ']'.repeat(100_000)), 'application/json');
    assert.ok(shown.lines.length < 40, `${shown.lines.length}`);
    assert.deepEqual(shown.problems, []);
  });

  test('one JSON text a line', () => {
    check('application/x-ndjson', '{"a":1}\n\n[2]\n', 'json lines', ['  0 0-7: {"a":1}', '    a 5-6: 1', '  1 9-12: [2]', '    0 10-11: 2']);
  });

  test('any JSON value is shown with the values that it has', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2), (value, space) => {
      const shown = show(new TextEncoder().encode(JSON.stringify(value, null, space)), 'application/json');
      assert.deepEqual(shown.problems, []);
      const numbers = leaves(shown.fields).map(({ value: number }) => number).filter((one) => one !== undefined);
      assert.deepEqual(numbers, numbersOf(JSON.parse(JSON.stringify(value))));
    }), { numRuns: 300 });
  });

  test('a form', () => {
    check('application/x-www-form-urlencoded', 'q=caf%C3%A9+1&empty=&flag&&x=%zz', 'form', ['  q 0-13: café 1', '  empty 14-20: ', '  flag 21-25: ', '  x 27-32: %zz']);
  });

  test('a form with a file', () => {
    check('multipart/form-data; boundary="b 1"', '--b 1\r\nContent-Disposition: form-data; name="order"\r\nContent-Type: application/json\r\n\r\n{"id":1}\r\n--b 1\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\nx--b 1y\r\n--b 1--\r\n', 'multipart, 2 parts', [
      '  part 7-95: order',
      '    content-disposition 7-53: form-data; name="order"',
      '    content-type 53-85: application/json',
      '    body 87-95: {"id":1}',
      '      id 93-94: 1',
      '  part 104-173: f: a.bin',
      '    content-disposition 104-164: form-data; name="f"; filename="a.bin"',
      '    body 166-173: x--b 1y',
    ]);
  });

  test('a multipart body that is cut off', () => {
    check('multipart/mixed; boundary=b', '--b\n\nhello', 'multipart, 1 part', ['  part 4-10: ', '    body 5-10: hello'], ['the last boundary is missing 10-10']);
  });

  test('XML: elements, attributes, texts', () => {
    check('application/soap+xml', '<?xml version="1.0"?><!-- c --><a:order id="7" note=\'x &gt; y\'><sku>A-11</sku><empty/>tail &amp; <![CDATA[<b>]]></a:order>', 'xml', [
      '  a:order 31-122: ',
      '    @id 40-46: 7',
      '    @note 47-62: x > y',
      '    sku 63-78: A-11',
      '    empty 78-86: ',
      '    text 86-97: tail &',
      '    text 97-112: <b>',
    ]);
  });

  test('XML that does not end, or ends something else', () => {
    check('text/xml', '<a><b>x</c></a', 'xml', ['  a 0-14: ', '    b 3-11: x'], ['</c> ends <b> 7-11', '</> ends <a> 11-14']);
  });

  test('entities are not expanded', () => {
    const laughs = `<!DOCTYPE a [<!ENTITY x "haha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>`;
    check('text/xml', laughs, 'xml', [`  a 56-66: &y;`]);
  });

  // Written by msgpack 1.1, cbor2 5.7 and pymongo 4 for Python.
  test('MessagePack', () => {
    check('application/msgpack', 'hex:88a26964cd226ca3626967cf8000000000000000a36e6567d1ff7fa166cb3ff8000000000000a47461677393a161c0c3a26174d7ff0a7d8c00673f3d7ba362696ec402000103a178', 'msgpack', [
      '  id 4-7: 8812',
      '  big 11-20: 9223372036854775808',
      '  neg 24-27: -129',
      '  f 29-38: 1.5',
      '  tags 43-48: 3 elements',
      '    0 44-46: a',
      '    1 46-47: nil',
      '    2 47-48: true',
      '  at 51-61: 2024-11-21T14:02:35.044Z',
      '  bin 65-69: 2 bytes 00 01',
      '  3 70-72: x',
    ]);
  });

  test('CBOR', () => {
    check('application/cbor', 'hex:a862696419226c63626967c249400000000000000000636e65673901f36166fb3ff80000000000006474616773836161f6f5626174c1fb41d9cfcf5ec2d0e56175d825506f1c5a3e9b1d4c528a4e1f2d3c4b5a696362696e420001', 'cbor', [
      '  id 4-7: 8812',
      '  big 12-22: 1180591620717411303424',
      '  neg 26-29: -500',
      '  f 31-40: 1.5',
      '  tags 45-50: 3 elements',
      '    0 46-48: a',
      '    1 48-49: null',
      '    2 49-50: true',
      '  at 54-63: 2024-11-21T14:02:35.044Z',
      '  u 67-84: 6f1c5a3e-9b1d-4c52-8a4e-1f2d3c4b5a69',
      '  bin 88-91: 2 bytes 00 01',
    ]);
  });

  test('BSON', () => {
    check('application/bson', 'hex:af000000075f696400507f1f77bcf86cd799439011106e006c220000126c000000000000000010016400000000000000f83f1364656300e2040000000000000000000000003c30047461677300150000000230000200000061000a3100083200010009617400a428084f9301000005750010000000046f1c5a3e9b1d4c528a4e1f2d3c4b5a690b7265005e6100690003737562000e000000026b000200000076000011747300030000007b3d3f6700', 'bson', [
      '  _id 9-21: 507f1f77bcf86cd799439011',
      '  n 24-28: 8812',
      '  l 31-39: 1152921504606846976',
      '  d 42-50: 1.5',
      '  dec 55-71: 12.50',
      '  tags 77-98: 3 elements',
      '    0 84-90: a',
      '    1 93-93: null',
      '    2 96-97: true',
      '  at 102-110: 2024-11-21T14:02:35.044Z',
      '  u 113-134: 6f1c5a3e-9b1d-4c52-8a4e-1f2d3c4b5a69',
      '  re 138-143: /^a/i',
      '  sub 148-162: 1 member',
      '    k 155-161: v',
      '  ts 166-174: 2024-11-21T14:02:35Z (3)',
    ]);
  });

  test('pictures by their first bytes, with their size', () => {
    check('application/octet-stream', 'hex: 89504e470d0a1a0a 0000000d 49484452 00000280 000001e0 0806000000', 'png 640×480', []);
    check('image/gif', 'hex: 474946383961 8002 e001 00', 'gif 640×480', []);
    check('image/jpeg', 'hex: ffd8 ffe0 0004 0000 ffc0 0011 08 01e0 0280 03', 'jpeg 640×480', []);
    check('', 'hex: "RIFF" 1a000000 "WEBPVP8X" 0a000000 00000000 7f0200 df0100', 'webp 640×480', []);
  });

  test('without a media type, looks decide', () => {
    const cases: [string, string][] = [['{"a":1}', 'json'], [' [1, 2]\n', 'json'], ['[info] ready', 'text'], ['{oops}', 'text'], ['<a><b/></a>', 'xml'], ['<!DOCTYPE html><p>', 'html'], ['a < b', 'text'], ['hello', 'text'], ['\u0000\u0001', 'bytes']];
    assert.deepEqual(cases.map(([text]) => show(new TextEncoder().encode(text), '').word), cases.map(([, word]) => word));
  });

  test('what was decompressed has the range of what it came from', () => {
    const reader = new FieldReader(new Uint8Array(20), 100, 5, 15);
    assert.equal(viewDecoded(reader, new TextEncoder().encode('{"a":[1]}'), 5, 15, 'application/json'), 'json');
    assert.deepEqual(linesOf(reader.fields, ''), ['body 105-115: {"a":[1]}', '  a 105-115: [1]', '    0 105-115: 1']);
  });

  test('sizes', () => {
    assert.deepEqual([0, 1, 318, 4900, 1 << 20, 1.5e9].map(sizeText), ['0 bytes', '1 byte', '318 bytes', '4.8 KB', '1 MB', '1.4 GB']);
  });

  const types = ['application/json', 'application/x-ndjson', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'text/xml', 'application/msgpack', 'application/cbor', 'application/bson', 'text/plain', 'image/png', ''];
  for (const type of types) {
    test(`any bytes as ${type === '' ? 'nothing that was said' : type}: fields inside their parents, a bounded number of them`, () => {
      const seeds = ['{"a":[1,{"b":"c"}]}', '--b\r\nA: b\r\n\r\nx\r\n--b--', '<a b="c"><d>e</d><![CDATA[f]]></a>', 'hex:83a16193c001a3616263a17881a17901', 'hex:a3616183f601636162636178a161790161 7a9f01ff', 'hex:1e0000000261000200000078000462000c0000001030000100000000 00'];
      const bytes = fc.tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }), fc.uint8Array({ maxLength: 30 })).map(([seed, edits, tail]) => {
        const base = seed.startsWith('hex:') ? bytesOf(seed.slice(4)) : new TextEncoder().encode(seed);
        for (const [at, value] of edits) base[at % base.length] = value;
        return Uint8Array.from([...base, ...tail]);
      });
      fc.assert(fc.property(bytes, (input) => {
        const { fields } = show(input, type);
        assert.ok(count(fields, 0, input.length) <= maxFields);
      }), { numRuns: 300 });
    });
  }
});

/** @returns number of fields, each of which lies inside `[start, end)` */
function count(fields: readonly Field[], start: number, end: number): number {
  return fields.reduce((sum, { range, name, fields: children }) => {
    assert.ok(start <= range.start && range.start <= range.end && range.end <= end, `${name} ${range.start}-${range.end} in ${start}-${end}`);
    return sum + 1 + count(children ?? [], range.start, range.end);
  }, 0);
}

function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.fields === undefined ? [field] : leaves(field.fields)));
}

function numbersOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(numbersOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(numbersOf);
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : [];
}
