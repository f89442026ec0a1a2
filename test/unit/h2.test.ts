// HTTP/2: header compression, and the acknowledgement that is taken out.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { h2AckFilter } from '../../src/core/protocols/h2AckFilter.js';
import { decodeHeaders, forgetTable, readBlock, startTable, type HpackTable } from '../../src/core/protocols/hpack.js';
import { endOfString, huffmanTree, staticTable } from '../../src/core/protocols/hpackTables.js';
import { bytesOf } from '../conformance/vectors.js';
import { frame, joined, preface } from './samples.js';

suite('HPACK', () => {
  test('the static table has 61 entries, and those of the specification at their places', () => {
    assert.equal(staticTable.length, 61);
    assert.deepEqual(staticTable[1], { name: ':method', value: 'GET' });
    assert.deepEqual(staticTable[15], { name: 'accept-encoding', value: 'gzip, deflate' });
    assert.deepEqual(staticTable[30], { name: 'content-type', value: '' });
    assert.deepEqual(staticTable[60], { name: 'www-authenticate', value: '' });
  });

  test('the Huffman code is complete: every way through the tree ends in one of 257 symbols', () => {
    const symbols = new Set<number>();
    const open = [0];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const next of [huffmanTree[2 * node] ?? 0, huffmanTree[2 * node + 1] ?? 0]) {
        assert.notEqual(next, 0, 'a way that leads nowhere');
        if (next < 0) symbols.add(-1 - next);
        else open.push(next);
      }
    }
    assert.equal(symbols.size, 257);
    assert.ok(symbols.has(endOfString));
  });

  const examples: [string, string, [string, string][]][] = [
    ['RFC 7541 C.3.1, literals', '828684410f7777772e6578616d706c652e636f6d', [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], [':authority', 'www.example.com']]],
    ['RFC 7541 C.4.1, Huffman', '828684418cf1e3c2e5f23a6ba0ab90f4ff', [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], [':authority', 'www.example.com']]],
    ['RFC 7541 C.2.2, without indexing', '040c2f73616d706c652f70617468', [[':path', '/sample/path']]],
    ['RFC 7541 C.6.1, a response', '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3', [[':status', '302'], ['cache-control', 'private'], ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'], ['location', 'https://www.example.com']]],
  ];
  for (const [name, block, fields] of examples) {
    test(name, () => assert.deepEqual(decodeHeaders(bytesOf(block))?.map((field) => [field.name, field.value]), fields));
  }

  test('an entry of the dynamic table can be used in the same block', () => {
    assert.deepEqual(decodeHeaders(bytesOf('40 01 61 01 62 be')), [{ name: 'a', value: 'b' }, { name: 'a', value: 'b' }]);
  });

  test('the newest entry comes first, and old ones give way when the table is made smaller', () => {
    const block = '40 01 61 01 62  40 01 63 01 64  be bf';
    assert.deepEqual(decodeHeaders(bytesOf(block))?.map(({ name }) => name), ['a', 'c', 'c', 'a']);
    // Each entry counts 34 bytes (RFC 7541 §4.1): a table of 34 keeps the newer one only.
    assert.deepEqual(decodeHeaders(bytesOf('40 01 61 01 62  40 01 63 01 64  3f03 be'))?.map(({ name }) => name), ['a', 'c', 'c']);
    assert.equal(decodeHeaders(bytesOf('40 01 61 01 62  40 01 63 01 64  3f03 bf')), undefined);
  });

  const sequences: [string, number, string[], string, number][] = [
    ['RFC 7541 C.4, requests with Huffman', 4096, ['828684418cf1e3c2e5f23a6ba0ab90f4ff', '828684be5886a8eb10649cbf', '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf'], ':method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value', 164],
    ['RFC 7541 C.6, responses in a table of 256 bytes', 256, [
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3', '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ], ':status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT, location: https://www.example.com, content-encoding: gzip, set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1', 215],
  ];
  for (const [name, limit, blocks, last, bytes] of sequences) {
    test(name, () => {
      const table = { ...startTable(), limit };
      const texts = blocks.map((block) => textOf(table, block));
      assert.equal(texts.at(-1), last);
      assert.equal(table.bytes, bytes);
    });
  }

  test('behind missing blocks, what the table held is unknown, and what comes into it is known again', () => {
    const table = startTable();
    textOf(table, '40 01 61 01 62');
    forgetTable(table);
    assert.equal(textOf(table, 'be 40 01 63 01 64 be bf'), ': , c: d, c: d, : ');
  });

  test('a table may grow to what its decoder allowed', () => {
    assert.match(textOf(startTable(), '3fe13f'), /^a table of 8192 bytes/);
    assert.equal(textOf({ ...startTable(), maxLimit: 8192 }, '3fe13f 40 01 61 01 62 be'), 'a: b, a: b');
  });

  const broken: [string, string][] = [
    ['index 0', '80'],
    ['an index beyond the tables', 'be'],
    ['a text longer than the block', '0001610562'],
    ['an integer without end', '7fffffffffffff'],
    ['padding that is not ones', '0001618100'],
    ['an end-of-string code inside a text', '00016184ffffffff'],
    ['a table larger than was allowed', '3fffff03'],
  ];
  for (const [name, block] of broken) test(`refuses ${name}`, () => assert.equal(decodeHeaders(bytesOf(block)), undefined));

  test('a small block cannot unfold without bound', () => {
    const entry = [0x40, 1, 0x61, 0x7f, 0x80 + 0x01, 0x1e, ...Array<number>(4000).fill(0x62)];
    const bomb = Uint8Array.from([...entry, ...Array<number>(12000).fill(0xbe)]);
    assert.equal(decodeHeaders(bomb), undefined);
  });

  test('any block is an answer', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (block) => {
      const fields = decodeHeaders(block);
      assert.ok(fields === undefined || Array.isArray(fields));
    }), { numRuns: 3000 });
  });
});

function textOf(table: HpackTable, hex: string): string {
  const block = bytesOf(hex);
  const fields: string[] = [];
  const fault = readBlock(table, block, 0, block.length, ({ name, value }) => 0 < fields.push(`${name}: ${value}`));
  return fault ?? fields.join(', ');
}

suite('the SETTINGS acknowledgement that the upstream must not see', () => {
  const settings = frame(4, 0, 0, [0, 2, 0, 0, 0, 0]);
  const ack = frame(4, 1, 0);
  const ping = frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
  const data = frame(0, 1, 1, [0, 0, 0, 4, 1, 0, 0, 0, 0]);

  function filtered(all: Uint8Array, cuts: readonly number[]): Uint8Array {
    const filter = h2AckFilter();
    const places = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
    const pieces: Uint8Array[] = [];
    for (let i = 0; i + 1 < places.length; i++) pieces.push(...filter.push(all.slice(places[i], places[i + 1])).map((piece) => piece.slice()));
    return joined(...pieces, ...filter.end());
  }

  test('exactly the first one goes, wherever the bytes are cut', () => {
    // The DATA frame's body looks like an acknowledgement and is not one.
    const all = joined(preface, settings, data, ack, ping, ack, data);
    const wanted = joined(preface, settings, data, ping, ack, data);
    assert.deepEqual(filtered(all, []), wanted);
    assert.deepEqual(filtered(all, Array.from(all, (_, i) => i)), wanted, 'byte by byte');
    fc.assert(fc.property(fc.array(fc.nat(200), { maxLength: 8 }), (cuts) => assert.deepEqual(filtered(all, cuts), wanted)), { numRuns: 500 });
  });

  test('any frames pass as they are', () => {
    const body = fc.array(fc.nat(255), { maxLength: 30 });
    const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 3, 4, 6, 8, 9), fc.constantFrom(0, 4, 5), fc.nat(9), body).map(([type, flags, stream, bytes]) => frame(type, type === 4 ? 0 : flags, stream, bytes)), { maxLength: 8 });
    fc.assert(fc.property(frames, frames, fc.array(fc.nat(400), { maxLength: 8 }), (before, after, cuts) => {
      assert.deepEqual(filtered(joined(preface, ...before, ack, ...after), cuts), joined(preface, ...before, ...after));
    }), { numRuns: 500 });
  });

  test('bytes that end inside a frame header are all passed on', () => {
    const all = joined(preface, settings, ack.slice(0, 5));
    assert.deepEqual(filtered(all, [30]), all);
  });

  test('says when it is done, and then passes chunks untouched', () => {
    const filter = h2AckFilter();
    filter.push(joined(preface, settings, ack));
    assert.equal(filter.isDone, true);
    const chunk = Uint8Array.of(1, 2, 3);
    assert.equal(filter.push(chunk)[0], chunk);
  });
});
