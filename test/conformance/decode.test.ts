// Runs every decode vector whole, byte by byte and cut at each place: the same messages, fields and problems, however the bytes came.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedProtocols } from '../../src/core/dissectors/index.js';
import type { Field, Message } from '../../src/shared/message.js';
import { conversationsOf, type ConversationVector, type ExpectedField, type ExpectedMessage } from './conversations.js';
import { decode, decodeWithRests, layersOf } from './decoding.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'conformance');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
const vectors = pages.flatMap((page) => conversationsOf(page, readFileSync(join(folder, `${page}.md`), 'utf8')));

test('every protocol that is decoded has decode vectors', () => {
  const shown = new Set(vectors.map(({ page }) => page));
  assert.deepEqual(decodedProtocols().filter((id) => !shown.has(id)), []);
});

for (const page of new Set(vectors.map((vector) => vector.page))) {
  suite(`decoding: ${page}`, () => {
    for (const vector of vectors.filter((one) => one.page === page)) {
      test(vector.title, () => {
        const whole = decode(vector.sayings, vector.protocol);
        assert.deepEqual(shapeOf(whole, vector), vector.messages);
        if (vector.layers !== undefined) assert.deepEqual(layersOf(vector.sayings), vector.layers);
        assert.deepEqual(untimed(decode(vector.sayings, vector.protocol, 1)), untimed(whole), 'byte by byte');
        for (const cut of isLong(vector) ? [0] : [0, 11]) assert.deepEqual(decodeWithRests(vector.sayings, cut), decode(vector.sayings, undefined, cut), `put away and taken up again after each piece, cut at ${cut}`);
        for (const cut of cuts(vector)) assert.deepEqual(untimed(decode(vector.sayings, vector.protocol, cut)), untimed(whole), `cut at ${-cut} of each piece`);
      });
    }
  });
}

/** What is pending is put away as well: many times some hundred kilobytes of it take a while. */
function isLong({ sayings }: ConversationVector): boolean {
  return sayings.some((saying) => 'bytes' in saying && 5000 < saying.bytes.length);
}

/** Long conversations are cut at some places only: what a cut breaks, it breaks at a header. */
function cuts(vector: ConversationVector): number[] {
  const longest = Math.max(...vector.sayings.map((saying) => ('bytes' in saying ? saying.bytes.length : 0)));
  const places = longest <= 200 ? longest : 200;
  return Array.from({ length: Math.max(0, places - 1) }, (_, i) => -(i + 1));
}

/** Times are those of the pieces, which differ on purpose. */
function untimed(messages: Message[]): unknown[] {
  return messages.map(({ startedAt, endedAt, latencyMs, ...rest }) => rest);
}

/** What the vector speaks of: of the fields only those that it names. */
function shapeOf(messages: Message[], vector: ConversationVector): ExpectedMessage[] {
  return messages.map((message, i) => {
    const expected = vector.messages[i];
    return {
      from: message.from,
      start: message.range.start,
      end: message.range.end,
      kind: message.kind,
      summary: message.summary,
      fields: expected === undefined ? [] : pick(message.fields, expected.fields),
      problems: message.problems.map(({ severity, text }) => ({ severity, text })),
      ...(message.answers === undefined ? {} : { answers: message.answers }),
      ...(expected?.stream === undefined ? {} : { stream: message.stream }),
      ...(expected?.protocol === undefined ? {} : { protocol: message.protocol }),
    } as ExpectedMessage;
  });
}

/** The fields of a message in reading order, as far as they are those that are wanted; where one is missing, what stands there instead. */
function pick(fields: Field[], wanted: ExpectedField[]): ExpectedField[] {
  const all = flat(fields, 0);
  const found: ExpectedField[] = [];
  let from = 0;
  for (const want of wanted) {
    const at = all.findIndex((field, i) => from <= i && field.depth === want.depth && field.name === want.name && field.start === want.start && field.end === want.end && field.text === want.text);
    if (at < 0) return [...found, ...all.slice(from).filter((field) => field.depth <= want.depth).slice(0, 12)];
    found.push(all[at]!);
    from = at + 1;
  }
  return found;
}

function flat(fields: Field[], depth: number): ExpectedField[] {
  return fields.flatMap((field) => [{ depth, name: field.name, start: field.range.start, end: field.range.end, text: field.text }, ...flat(field.fields ?? [], depth + 1)]);
}
