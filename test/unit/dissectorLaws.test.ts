// The laws that every dissector is held to: total, tiling, nested ranges, the same however cut, plain state, bounded memory.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { copyOf } from '../../src/core/dissectors/dissection.js';
import { decodedProtocols, dissectorOf } from '../../src/core/dissectors/index.js';
import { maxFields } from '../../src/core/dissectors/fieldReader.js';
import type { Speaker } from '../../src/shared/flow.js';
import type { Field, Message, Range } from '../../src/shared/message.js';
import { conversationsOf, type Saying } from '../conformance/conversations.js';
import { run, runnerOf } from '../conformance/decoding.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'conformance');
const conversations = readdirSync(folder).filter((name) => name.endsWith('.md')).flatMap((name) => conversationsOf(name.slice(0, -3), readFileSync(join(folder, name), 'utf8')));

const settings = { numRuns: Number(process.env['LAW_RUNS'] ?? 60) };

for (const id of decodedProtocols()) {
  const dissector = dissectorOf(id)!;
  // Its own conversations most of the time, those of others now and then.
  const own = conversations.filter((vector) => vector.page === id || vector.protocol === id || vector.layers?.includes(id) === true).map(({ sayings }) => sayings);
  const any = conversations.map(({ sayings }) => sayings);
  const sayings = sayingsFrom(own.length === 0 ? any : own, any);
  const decode = (said: readonly Saying[], cut: number): Message[] => run(runnerOf(dissector), said, cut);

  suite(`laws of decoding ${id}`, () => {
    test('total: any bytes give messages that tile both speakers’ bytes, with fields inside their parents', () => {
      fc.assert(fc.property(sayings, (said) => {
        const runner = runnerOf(dissector);
        const messages = run(runner, said, 0);
        for (const from of ['client', 'upstream'] as const) assertTiles(messages.filter((message) => message.from === from), totalOf(said, from, runner.state.handover !== undefined));
        messages.forEach((message, i) => assert.equal(message.index, i));
        messages.forEach(assertNested);
      }), settings);
    });

    test('the same however cut', () => {
      fc.assert(fc.property(sayings, fc.integer({ min: 1, max: 40 }), (said, piece) => {
        const whole = untimed(decode(said, 0));
        assert.deepEqual(untimed(decode(said, piece)), whole);
        assert.deepEqual(untimed(decode(said, -piece)), whole);
      }), settings);
    });

    test('state is plain data: a copy goes on like the original', () => {
      fc.assert(fc.property(sayings, sayings, (before, after) => {
        const original = runnerOf(dissector);
        feed(original, before);
        const copy = runnerOf(dissector);
        Object.assign(copy.state, copyOf(original.state));
        assert.deepEqual(feed(copy, after), feed(original, after));
      }), settings);
    });
  });
}

function feed(runner: ReturnType<typeof runnerOf>, said: readonly Saying[]): Message[] {
  // Once it has handed over, a dissection is of no more use.
  return said.flatMap((saying) => ('bytes' in saying && runner.state.handover === undefined ? runner.step({ from: saying.from, offset: runner.state[saying.from].base + runner.state[saying.from].end, bytes: saying.bytes, at: 1 }) : []));
}

/** Conversations as they are, with changed bytes, cut, mixed, and with random bytes in them. */
function sayingsFrom(own: readonly Saying[][], any: readonly Saying[][]): fc.Arbitrary<Saying[]> {
  const conversation = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...own) }, { weight: 1, arbitrary: fc.constantFrom(...any) });
  const changes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 3 });
  const extra = fc.tuple(fc.constantFrom<Speaker>('client', 'upstream'), fc.uint8Array({ maxLength: 40 }));
  return fc.tuple(conversation, changes, fc.option(extra), fc.option(conversation), fc.nat(400)).map(([first, edits, random, second, cutAt]) => {
    const said: Saying[] = first.map((saying) => ('bytes' in saying ? { ...saying, bytes: saying.bytes.slice() } : saying)).filter((saying) => !('ended' in saying));
    for (const [at, value] of edits) {
      const target = said[at % Math.max(1, said.length)];
      if (target !== undefined && 'bytes' in target && 0 < target.bytes.length) target.bytes[Math.floor(at / said.length) % target.bytes.length] = value;
    }
    if (random !== null && random[1].length > 0) said.splice(cutAt % (said.length + 1), 0, { from: random[0], bytes: random[1] });
    if (second !== null) said.push(...second.filter((saying) => !('ended' in saying)));
    const last = said.at(-1);
    if (last !== undefined && 'bytes' in last && cutAt % 3 === 0) last.bytes = last.bytes.slice(0, cutAt % (last.bytes.length + 1));
    return said;
  });
}

function totalOf(said: readonly Saying[], from: Speaker, isPartial: boolean): number | undefined {
  if (isPartial) return undefined;
  return said.reduce((sum, saying) => sum + (saying.from !== from ? 0 : 'bytes' in saying ? saying.bytes.length : 'missing' in saying ? saying.missing : 0), 0);
}

/** @param total undefined = another dissector took over: what comes after is not this one's */
function assertTiles(messages: readonly Message[], total: number | undefined): void {
  let at = 0;
  for (const { range } of messages) {
    assert.equal(range.start, at, 'messages follow each other without a hole');
    assert.ok(range.start < range.end, 'a message has bytes');
    at = range.end;
  }
  if (total !== undefined) assert.equal(at, total, 'all bytes are in a message');
}

function assertNested(message: Message): void {
  assert.ok(message.summary.length <= 300 && !/[\n\r\0]/.test(message.summary), JSON.stringify(message.summary));
  for (const problem of message.problems) assertWithin(problem.range, message.range, problem.text);
  if (message.content !== undefined) assertWithin(message.content.range, message.range, 'content');
  const count = message.fields.reduce((sum, field) => sum + assertFieldWithin(field, message.range), 0);
  assert.ok(count <= maxFields * 4, `${count} fields`);
}

function assertFieldWithin(field: Field, parent: Range): number {
  assertWithin(field.range, parent, field.name);
  assert.ok(field.text.length <= 1001, `${field.name} is short`);
  return 1 + (field.fields ?? []).reduce((sum, child) => sum + assertFieldWithin(child, field.range), 0);
}

function assertWithin(inner: Range, outer: Range, what: string): void {
  assert.ok(outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end, `${what} ${inner.start}-${inner.end} is outside ${outer.start}-${outer.end}`);
}

function untimed(messages: Message[]): unknown[] {
  return messages.map(({ startedAt, endedAt, latencyMs, ...rest }) => rest);
}
