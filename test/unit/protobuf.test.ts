// Protocol Buffers: what bytes are likely to be without a schema, what they are with one, and schemas from `.proto` files.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import protobufjs from 'protobufjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtobufType } from '../../src/core/dissectors/dissector.js';
import { FieldReader, maxFields } from '../../src/core/dissectors/fieldReader.js';
import { FlowDissector } from '../../src/core/dissectors/index.js';
import { protobufFields } from '../../src/core/dissectors/payload/protobuf.js';
import { decompress } from '../../src/core/lens/decompress.js';
import { loadProtobufSchemas } from '../../src/core/lens/protoFiles.js';
import type { Field } from '../../src/shared/message.js';
import { conversationsOf } from '../conformance/conversations.js';
import { run } from '../conformance/decoding.js';
import { bytesOf } from '../conformance/vectors.js';

const shopProto = `
  syntax = "proto3";
  package shop.v1;
  import "google/protobuf/timestamp.proto";
  import "shop/common.proto";
  option java_package = "test.shop";

  service Stock {
    rpc Reserve (Order) returns (.shop.v1.Reply) { option deprecated = true; }
    rpc Watch (stream Order) returns (stream Reply);
  }
  message Order {
    string sku = 1;
    sint32 change = 2;
    State state = 3;
    repeated int32 shelves = 4;
    map<string, Line> lines = 5;
    oneof payer { string user = 6; Line line = 7; }
    google.protobuf.Timestamp made_at = 8;
    common.Money price = 9;
    repeated Line more = 10;
    double weight = 11;
    fixed64 id = 12;
    bool gift = 13;
    bytes raw = 14;
    string password = 15;
    repeated float sizes = 16 [packed = false];
    int64 balance = 17;
    enum State { NEW = 0; SENT = 1; LOST = -1; }
    message Line { uint64 n = 1; }
  }
  message Reply { bool ok = 1; }
`;
const commonProto = 'syntax = "proto2"; package shop.v1.common; message Money { required int64 units = 1; optional group Parts = 2 { optional int32 nanos = 1; } extensions 100 to 199; } extend Money { optional string note = 100; }';
const files = [{ name: 'shop/stock.proto', text: shopProto }, { name: 'shop/common.proto', text: commonProto }];

function orderType(): ProtobufType {
  return loadProtobufSchemas(files).schemas.method('/shop.v1.Stock/Reserve')!.request;
}

function show(bytes: Uint8Array, type?: ProtobufType): { line: string; fields: string[]; problems: string[]; all: Field[] } {
  const reader = new FieldReader(bytes, 0, 0, bytes.length);
  const line = protobufFields(reader, bytes.length, type);
  return { line, fields: linesOf(reader.fields, ''), problems: reader.problems.map(({ severity, text }) => `${severity}: ${text}`), all: reader.fields };
}

function linesOf(fields: readonly Field[] | undefined, indent: string): string[] {
  return (fields ?? []).flatMap((field) => [`${indent}${field.name} ${field.range.start}-${field.range.end}: ${field.text}`, ...linesOf(field.fields, `${indent}  `)]);
}

function check(hex: string, line: string, fields: string[], problems: string[] = [], type?: ProtobufType): void {
  const shown = show(bytesOf(hex), type);
  assert.deepEqual({ line: shown.line, fields: shown.fields, problems: shown.problems }, { line, fields, problems });
}

suite('protobuf without a schema', () => {
  test('numbers are told as what they may be', () => {
    check('08 9601 10 01 18 00 20 ffffffffffffffffff01', '{1: 150, 2: 1, 3: 0, 4: -1}', ['1 0-3: 150 · zigzag 75', '2 3-5: 1 · true, zigzag -1', '3 5-7: 0 · false', '4 7-18: -1 · zigzag -9223372036854775808']);
    check('0d 0000c03f 11 0000000000002340 1d 07000000', '{1: 1.5, 2: 9.5, 3: 7}', ['1 0-5: 1.5 · int 1069547520', '2 5-14: 9.5 · int 4621537642612260864', '3 14-19: 7 · float 9.809089e-45']);
  });

  test('what has a length is a message when it is one from end to end, else a text, several numbers, or bytes', () => {
    check('0a 05 "hello" 12 02 0801 1a 03 0102ac 22 04 0102ac02 2a 00', '{1: "hello", 2: {1: 1}, 3: 3 bytes, 4: [1, 2, 300], 5: ""}', [
      '1 0-7: hello', '2 7-11: {1: 1}', '  1 9-11: 1 · true, zigzag -1', '3 11-16: 3 bytes 01 02 ac', '4 16-22: [1, 2, 300] · 4 bytes 01 02 ac 02', '5 22-24: ',
    ]);
  });

  test('a text with a line break at its start stays a text', () => check('0a 06 0a "hello"', '{1: "\\nhello"}', ['1 0-8: \nhello']));

  test('sixteen bytes are an identifier, not sixteen numbers', () => check('0a 10 0102030405060708090a0b0c0d0e0f10', '{1: 16 bytes}', ['1 0-18: 16 bytes 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10']));

  test('groups, which nobody uses any more, are followed', () => check('0b 0807 0c 1005', '{1: {1: 7}, 2: 5}', ['1 0-4: {1: 7}', '  1 1-3: 7 · zigzag -4', '2 4-6: 5 · zigzag -3']));

  test('values that stand there several times are a list', () => check('0801 0802', '{1: [1, 2]}', ['1 0-2: 1 · true, zigzag -1', '1 2-4: 2 · zigzag 1']));

  const broken: [string, string, string][] = [
    ['a length that passes the end', '0801 1205 61', 'error: 2 says 5 bytes, 1 are left'],
    ['a number without end', '0801 10ff', 'error: 2 has no end'],
    ['field 0', '0801 0001', 'error: there is no field 0'],
    ['a wire type of none', '0801 0f', 'error: wire type 7 of field 1'],
    ['the end of a group that did not begin', '0801 14', 'error: the end of group 2, which did not begin'],
    ['a fixed number that is cut', '0801 1500', 'error: 2 needs 4 bytes, 1 are left'],
  ];
  for (const [name, hex, problem] of broken) {
    test(`${name}: what comes before is told, the rest is bytes`, () => {
      const shown = show(bytesOf(hex));
      assert.deepEqual(shown.problems, [problem]);
      assert.equal(shown.fields[0], '1 0-2: 1 · true, zigzag -1');
      assert.match(shown.fields[1]!, new RegExp(`^not decoded 2-${bytesOf(hex).length}: `));
    });
  }

  test('any bytes are an answer, with fields inside their parents', () => {
    const type = orderType();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, hasType) => {
      const { all, line } = show(bytes, hasType ? type : undefined);
      assert.ok(line.startsWith('{'));
      assertWithin(all, 0, bytes.length);
    }), { numRuns: 2000 });
  });

  test('a message of a million fields is told by its first ones', () => {
    const bytes = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 8 : 1));
    const shown = show(bytes);
    assert.ok(shown.all.length <= maxFields);
    assert.deepEqual(shown.problems, ['note: not all fields are listed']);
  });

  test('messages inside messages end somewhere', () => {
    let bytes: Uint8Array = Uint8Array.of(8, 1);
    for (let depth = 0; depth < 100 && bytes.length < 120; depth++) bytes = Uint8Array.of(10, bytes.length, ...bytes);
    assert.match(show(bytes).line, /^\{1: \{1: \{1:/);
  });
});

function assertWithin(fields: readonly Field[], start: number, end: number): void {
  for (const field of fields) {
    assert.ok(start <= field.range.start && field.range.start <= field.range.end && field.range.end <= end, `${field.name} ${field.range.start}-${field.range.end} in ${start}-${end}`);
    assertWithin(field.fields ?? [], field.range.start, field.range.end);
  }
}

suite('protobuf with a schema', () => {
  test('names, enums, maps, lists, groups and extensions', () => {
    check(
      '0a04 "A-11" 1003 1801 2204 0102ac02 2a07 0a0161 1202 0802 2a07 0a0162 1202 0803 3203 "ada" 4a0b 0809 13 0807 14 a20602 "hi" 5202 0801 6801',
      '{sku: "A-11", change: -2, state: SENT, shelves: [1, 2, 300], lines: {"a": {n: 2}, "b": {n: 3}}, user: "ada", price: {units: 9, parts: {nanos: 7}, note: "hi"}, more: [{n: 1}], gift: true}',
      [
        'sku 0-6: A-11', 'change 6-8: -2', 'state 8-10: SENT (1)', 'shelves 10-16: [1, 2, 300]',
        'lines 16-25: "a": {n: 2}', '  key 18-21: a', '  value 21-25: {n: 2}', '    n 23-25: 2',
        'lines 25-34: "b": {n: 3}', '  key 27-30: b', '  value 30-34: {n: 3}', '    n 32-34: 3',
        'user 34-39: ada', 'price 39-52: {units: 9, parts: {nanos: 7}, note: "hi"}', '  units 41-43: 9', '  parts 43-47: {nanos: 7}', '    nanos 44-46: 7', '  note 47-52: hi',
        'more 52-56: {n: 1}', '  n 54-56: 1', 'gift 56-58: true',
      ],
      [],
      orderType(),
    );
  });

  test('a timestamp is a time, a password is nobody’s business, and bytes stay bytes', () => {
    check('4206 08fbfafcb906 7a03 "abc" 7202 ff00', '{made_at: 2024-11-21T14:02:35Z, password: ••••••, raw: 2 bytes}', [
      'made_at 0-8: 2024-11-21T14:02:35Z', '  seconds 2-8: 1732197755 · 2024-11-21T14:02:35Z', 'password 8-13: ••••••', 'raw 13-17: 2 bytes ff 00',
    ], [], orderType());
  });

  test('a field that is something else than the schema says is told as what it looks like', () => {
    check('0807 a80101', '{sku: 7, 21: 1}', ['sku 0-2: 7 · zigzag -4', '21 2-5: 1 · true, zigzag -1'], ['warning: sku is no string'], orderType());
  });

  test('the fields of a oneof name it', () => {
    const type = orderType();
    assert.deepEqual([type.field(6)?.oneof, type.field(7)?.oneof, type.field(1)?.oneof], ['payer', 'payer', undefined]);
  });

  test('values are those that protobufjs reads', () => {
    const root = new protobufjs.Root();
    for (const { text } of files) protobufjs.parse(text, root, { keepCase: true });
    protobufjs.parse('syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }', root);
    const theirs = root.lookupType('shop.v1.Order');
    const ours = orderType();
    const text = fc.stringMatching(/^[a-z ]{0,12}$/);
    const order = fc.record({
      sku: text, change: fc.integer({ min: -0x80000000, max: 0x7fffffff }), state: fc.constantFrom(0, 1, -1), shelves: fc.array(fc.integer({ min: -0x80000000, max: 0x7fffffff }), { maxLength: 5 }),
      weight: fc.double({ noNaN: true, noDefaultInfinity: true }), id: fc.maxSafeNat(), gift: fc.boolean(), balance: fc.maxSafeInteger(), sizes: fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 3 }),
    });
    fc.assert(fc.property(order, (value) => {
      const bytes = new Uint8Array(theirs.encode(theirs.create(value)).finish());
      const read = theirs.toObject(theirs.decode(bytes), { longs: Number, enums: String });
      const { all, problems } = show(bytes, ours);
      assert.deepEqual(problems, []);
      const texts = (name: string): string[] => all.filter((field) => field.name === name).map((field) => field.text);
      for (const name of ['sku', 'change', 'weight', 'id', 'gift', 'balance'] as const) if (read[name] !== undefined) assert.equal(texts(name)[0]?.split(' · ')[0], name === 'sku' ? read[name] : String(read[name]), name);
      if (read['state'] !== undefined) assert.match(texts('state')[0] ?? '', new RegExp(`^${read['state']} \\(`));
      assert.deepEqual(texts('shelves').join(', ').replace(/[[\]]/g, ''), (read['shelves'] ?? []).join(', '));
      assert.deepEqual(texts('sizes'), (read['sizes'] ?? []).map(String));
    }), { numRuns: 300 });
  });
});

suite('.proto files', () => {
  test('methods are found by path, imports among the files', () => {
    const { schemas, problems } = loadProtobufSchemas(files);
    assert.deepEqual(problems, []);
    const method = schemas.method('/shop.v1.Stock/Watch');
    assert.deepEqual([method?.request.name, method?.response.name], ['shop.v1.Order', 'shop.v1.Reply']);
    assert.equal(schemas.method('/shop.v1.Stock/Nothing'), undefined);
  });

  test('a file that cannot be read is told with its line, and the others count', () => {
    const { schemas, problems } = loadProtobufSchemas([{ name: 'broken.proto', text: 'syntax = "proto3";\nmessage A {\n  string = 1;\n}' }, ...files]);
    assert.deepEqual(problems.map(({ file, line }) => ({ file, line })), [{ file: 'broken.proto', line: 3 }]);
    assert.notEqual(schemas.method('/shop.v1.Stock/Reserve'), undefined);
  });

  test('a type that no file defines is told, and its field is read by its looks', () => {
    const { schemas, problems } = loadProtobufSchemas([{ name: 'a.proto', text: 'syntax = "proto3"; package a; message M { other.T t = 1; } service S { rpc C (M) returns (M); }' }]);
    assert.deepEqual(problems, [{ file: 'a.proto', text: 'a.M uses other.T, which no file defines' }]);
    check('0a02 0801', '{t: {1: 1}}', ['t 0-4: {1: 1}', '  1 2-4: 1 · true, zigzag -1'], [], schemas.method('/a.S/C')!.request);
  });

  test('copies say nothing new, and of two definitions the first counts', () => {
    assert.deepEqual(loadProtobufSchemas([...files, { ...files[0]!, name: 'build/stock.proto' }]).problems, []);
    const { problems } = loadProtobufSchemas([...files, { name: 'old.proto', text: 'syntax = "proto3"; package shop.v1; message Reply { string ok = 1; }' }]);
    assert.deepEqual(problems, [{ file: 'old.proto', text: 'shop.v1.Reply is defined in shop/stock.proto too: that one counts' }]);
  });

  test('hostile files are only a problem', () => {
    const deep = `syntax = "proto3"; ${'message A { '.repeat(20_000)}`;
    const large = `// ${'x'.repeat(2 << 20)}`;
    const { problems } = loadProtobufSchemas([{ name: 'deep.proto', text: deep }, { name: 'large.proto', text: large }, { name: 'none.proto', text: '\0\0' }]);
    assert.deepEqual(problems.map(({ file }) => file), ['deep.proto', 'large.proto', 'none.proto']);
  });

  test('too many files are cut', () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({ name: `${i}.proto`, text: `syntax = "proto3"; message M${i} { }` }));
    assert.deepEqual(loadProtobufSchemas(many).problems.map(({ file }) => file), ['1000.proto']);
  });

  test('a call of gRPC is told by the names of its schema', () => {
    const text = 'syntax = "proto3"; package shop; service Stock { rpc Reserve (Request) returns (Reply); } message Request { string sku = 1; int32 n = 2; } message Reply { bool ok = 1; Status status = 2; repeated int32 shelves = 4; double price = 5; Agent agent = 7; } message Agent { string name = 1; fixed64 id = 2; } enum Status { UNKNOWN = 0; RESERVED = 1; }';
    const { schemas } = loadProtobufSchemas([{ name: 'shop.proto', text }]);
    const [call] = conversationsOf('grpc', readFileSync(join(__dirname, '..', '..', '..', 'test', 'conformance', 'grpc.md'), 'utf8'));
    const summaries = run(new FlowDissector({ decompress, schemas }), call!.sayings, 0).filter(({ content }) => content !== undefined).map(({ summary }) => summary);
    assert.deepEqual(summaries, [
      'shop.Stock/Reserve {sku: "A-11", n: 2}',
      '{ok: true, status: RESERVED, shelves: [1, 2, 300], price: 9.5, agent: {name: "ada", id: 7}}',
      'shop.Stock/Reserve {sku: "none", n: 1}',
    ]);
  });
});
