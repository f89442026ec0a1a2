// Changed conversations and random bytes through every dissector and through whole flows: nothing throws, hangs or grows, and no range
// lies outside of its parent.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { bareContext, type DissectContext } from '../../src/core/dissectors/dissector.js';
import { decodedProtocols, dissectorOf, FlowDissector } from '../../src/core/dissectors/index.js';
import { decompress } from '../../src/core/lens/decompress.js';
import type { Speaker } from '../../src/shared/flow.js';
import type { Field, Message, Range } from '../../src/shared/message.js';
import { conversationsOf, type Saying } from '../conformance/conversations.js';
import { run, runnerOf } from '../conformance/decoding.js';
import { factor, guarded, random, seed } from './random.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'conformance');
const vectors = readdirSync(folder).filter((name) => name.endsWith('.md')).flatMap((name) => conversationsOf(name.slice(0, -3), readFileSync(join(folder, name), 'utf8')));
const roundsPerDissector = 150 * factor;
const context: DissectContext = { ...bareContext, decompress };

/** What a dissection may hold besides the bytes of messages that are not whole yet: tables, pairs, times. */
const maxStateBytes = 4 << 20;

suite(`fuzz of dissectors, seed ${seed}`, function () {
  this.timeout(240_000 * factor);
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

  for (const id of decodedProtocols()) {
    const dissector = dissectorOf(id)!;
    const own = vectors.filter((vector) => vector.page === id || vector.protocol === id || vector.layers?.includes(id) === true);
    test(`${id} answers whatever comes`, () => {
      for (let i = 0; i < roundsPerDissector; i++) {
        const said = mutated(own.length === 0 || below(8) === 0 ? pick(vectors).sayings : pick(own).sayings);
        const cut = sizeOf(said) < maxBytesByteByByte ? pick([0, 0, 1, 7, -3]) : 0;
        guarded(id, () => wordsOf(said), () => {
          const runner = runnerOf(dissector);
          const messages = run(runner, said, cut);
          messages.forEach(checkNested);
          assert.ok(serialize({ ...runner.state, context: undefined }).length <= 4 * dissector.maxMessageBytes + maxStateBytes, 'what is held is bounded');
        });
      }
    });
  }

  test('whole flows, with whatever they turn out to be', () => {
    for (let i = 0; i < roundsPerDissector * 10; i++) {
      const said = mutated(pick(vectors).sayings);
      guarded('flow', () => wordsOf(said), () => {
        const flow = new FlowDissector(context);
        const messages = run(flow, said, sizeOf(said) < maxBytesByteByByte ? pick([0, 1, 11]) : 0);
        messages.forEach(checkNested);
        for (const from of ['client', 'upstream'] as const) checkTiles(messages.filter((message) => message.from === from), said, from);
        flow.provisional();
      });
    }
  });

  function mutated(sayings: readonly Saying[]): Saying[] {
    let said: Saying[] = sayings.map((saying) => ('bytes' in saying ? { ...saying, bytes: saying.bytes.slice() } : saying)).filter((saying) => !('ended' in saying));
    for (let i = below(4); 0 <= i; i--) {
      const at = below(said.length);
      const saying = said[at];
      const kind = below(9);
      if (kind === 0) said.splice(at, 1);
      else if (kind === 1) said.splice(at, 0, { from: pick<Speaker>(['client', 'upstream']), bytes: Uint8Array.from({ length: 1 + below(80) }, () => below(256)) });
      else if (kind === 2) said.splice(at, 0, { from: pick<Speaker>(['client', 'upstream']), missing: 1 + below(50) });
      else if (kind === 3) said = [...said, ...pick(vectors).sayings.filter((one) => !('ended' in one))];
      else if (saying !== undefined && 'bytes' in saying && 0 < saying.bytes.length) {
        const place = below(saying.bytes.length);
        if (kind === 4) saying.bytes = saying.bytes.slice(0, place + 1);
        // Large numbers where lengths stand are what breaks readers.
        else if (kind === 5) saying.bytes.fill(pick([0xff, 0x7f, 0x00, 0x80]), place, place + 1 + below(4));
        else if (kind === 6) saying.bytes = Uint8Array.from([...saying.bytes.slice(0, place), ...Array.from({ length: below(20) }, () => below(256)), ...saying.bytes.slice(place)]);
        else saying.bytes[place] = below(256);
      }
    }
    return said;
  }
});

/** A vector of hundreds of kilobytes is read whole: a hundred thousand reads of it would be all that the test does. */
const maxBytesByteByByte = 20_000;

function sizeOf(said: readonly Saying[]): number {
  return said.reduce((sum, saying) => sum + ('bytes' in saying ? saying.bytes.length : 0), 0);
}

function wordsOf(said: readonly Saying[]): string {
  return said.map((saying) => `${saying.from} ${'bytes' in saying ? Buffer.from(saying.bytes).toString('hex') : 'missing' in saying ? `missing ${saying.missing}` : 'ended'}`).join(' | ');
}

function checkTiles(messages: readonly Message[], said: readonly Saying[], from: Speaker): void {
  let at = 0;
  for (const { range } of messages) {
    assert.equal(range.start, at, `${from}: a hole or an overlap at ${at}`);
    at = range.end;
  }
  assert.equal(at, said.reduce((sum, saying) => sum + (saying.from !== from ? 0 : 'bytes' in saying ? saying.bytes.length : 'missing' in saying ? saying.missing : 0), 0), `${from}: all bytes are in a message`);
}

function checkNested(message: Message): void {
  for (const problem of message.problems) checkWithin(problem.range, message.range, problem.text);
  if (message.content !== undefined) checkWithin(message.content.range, message.range, 'content');
  checkFields(message.fields, message.range);
}

function checkFields(fields: readonly Field[], parent: Range): void {
  for (const field of fields) {
    checkWithin(field.range, parent, field.name);
    if (field.fields !== undefined) checkFields(field.fields, field.range);
  }
}

function checkWithin(inner: Range, outer: Range, what: string): void {
  assert.ok(outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end, `${what} ${inner.start}-${inner.end} lies outside ${outer.start}-${outer.end}`);
}
