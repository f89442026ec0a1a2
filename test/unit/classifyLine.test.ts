import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineReader } from '../../src/cli/classifyLine.js';

/** @returns what the reader makes of a line that stands between two others, or undefined when it leaves it to JSON.parse */
function readPlain(line: string): { id: unknown; client: string; server: string; first: string | undefined } | undefined {
  const before = '{"id":"before"}\n';
  const bytes = Buffer.from(`${before}${line}\n{"id":"after","client":"ff"}\n`);
  const reader = new LineReader();
  const start = Buffer.byteLength(before);
  if (!reader.read(bytes, start, start + Buffer.byteLength(line))) return undefined;
  return { id: JSON.parse(reader.id), client: Buffer.from(reader.client).toString('hex'), server: Buffer.from(reader.server).toString('hex'), first: reader.first };
}

/** What the line says, by JSON's own parser. */
function meaning(line: string): { id: unknown; client: string; server: string; first: string | undefined } {
  const question = JSON.parse(line) as { id?: unknown; client?: string; server?: string; first?: string };
  return { id: question.id ?? null, client: (question.client ?? '').toLowerCase(), server: (question.server ?? '').toLowerCase(), first: question.first };
}

suite('classify: reading a line', () => {
  const hex = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));

  test('takes the plain form, keys in any order and unknown ones among them', () => {
    const lines = [
      '{"id":"a#1","client":"474554","server":"","first":"client"}',
      '{ "port" : 80, "first": "server", "server": "5353482D", "client": "" , "id": 17 }',
      '{"id":"ünïcode","client":"00ff"}\r',
      '{"client":"aa"}',
    ];
    for (const line of lines) assert.deepEqual(readPlain(line), meaning(line), line);
  });

  test('leaves the rest to JSON.parse', () => {
    const lines = ['', '{}', '[]', '{"id":"a\\"b","client":""}', '{"id":null}', '{"id":1.5}', '{"id":007}', '{"client":"abc"}', '{"client":"zz"}', '{"client":5}', '{"first":"me"}', '{"id":"a"', '{"id":"a"}}', '{"id":"a"} x', '{"id":{"client":"aa"}}', `{"client":"${'ab'.repeat(5000)}"}`];
    for (const line of lines) assert.equal(readPlain(line), undefined, line);
  });

  test('never understands a line otherwise than JSON does', () => {
    const question = fc.record({ id: fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat()), ndpi: fc.string(), client: hex, server: hex, first: fc.constantFrom('client', 'server') }, { requiredKeys: [] });
    const whole = question.map((value) => JSON.stringify(value));
    // One character changed, added or taken away.
    const broken = fc.tuple(whole, fc.nat(), fc.constantFrom('', '"', '\\', '}', ',', '0', ' ', 'é'), fc.boolean()).map(([line, at, character, replaces]) => {
      const place = at % (line.length + 1);
      // By way of UTF-8, which half a surrogate pair does not survive.
      return Buffer.from(`${line.slice(0, place)}${character}${line.slice(place + (replaces ? 1 : 0))}`).toString();
    });
    fc.assert(
      fc.property(fc.oneof(whole, broken), (line) => {
        const plain = readPlain(line);
        if (plain !== undefined) assert.deepEqual(plain, meaning(line));
      }),
      { numRuns: 3000 },
    );
  });
});
