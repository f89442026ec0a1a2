import assert from 'node:assert/strict';
import fc from 'fast-check';
import { notKept, segmentBytes } from '../../src/core/capture/store.js';
import { readBytes } from '../../src/core/lens/byteReader.js';
import { ChunkIndex, type ChunkList } from '../../src/core/lens/chunkIndex.js';

const maxChunks = 150;
const speakers = ['client', 'upstream'] as const;

/** The same facts, kept the plain way: every chunk an object, every answer a walk over all of them. */
class PlainIndex {
  readonly chunks: { flow: number; speaker: 0 | 1; offset: number; bytes: number[]; sequence: number; isListed: boolean }[] = [];
  readonly overwritten = new Set<number>();

  isKept(chunk: PlainIndex['chunks'][number]): boolean {
    return chunk.isListed && 0 <= chunk.sequence && !this.overwritten.has(chunk.sequence);
  }

  of(flow: number): PlainIndex['chunks'] {
    return this.chunks.filter((chunk) => chunk.flow === flow);
  }

  kept(flow: number, speaker: 0 | 1): number {
    return this.of(flow).filter((chunk) => chunk.speaker === speaker && this.isKept(chunk)).reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  }

  /** @returns each byte, or undefined where it is not kept */
  bytes(flow: number, speaker: 0 | 1): (number | undefined)[] {
    return this.of(flow).filter((chunk) => chunk.speaker === speaker).flatMap((chunk) => (this.isKept(chunk) ? chunk.bytes : chunk.bytes.map(() => undefined)));
  }
}

type Step = { do: 'say'; flow: number; speaker: 0 | 1; length: number; isKept: boolean } | { do: 'fillSegment' } | { do: 'overwriteOldest' } | { do: 'forget'; flow: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant('say' as const), flow: fc.nat(3), speaker: fc.constantFrom(0 as const, 1 as const), length: fc.integer({ min: 1, max: 5 }), isKept: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: 'fillSegment' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'overwriteOldest' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), flow: fc.nat(3) }) },
);

suite('chunk index', () => {
  test('answers as a plain list of chunks would, whatever is said, overwritten and forgotten', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 300, maxLength: 600, size: 'max' }), (steps) => check(steps)), { numRuns: 40 });
  });

  test('finds every chunk of a long flow, however many of its older ones are gone', () => {
    const index = new ChunkIndex(1000);
    const list = index.open();
    for (let count = 0; count < 20_000; count++) {
      index.append(list, count % 3 === 0 ? 1 : 0, count, 10, notKept);
      if (count % 1777 !== 0) continue;
      for (let wanted = list.first; wanted <= count; wanted += 37) {
        const cursor = index.at(list, wanted)!;
        assert.deepEqual([cursor.index, cursor.at], [wanted, wanted]);
        const found = index.find(list, cursor.from, cursor.offset + 9)!;
        assert.deepEqual([found.index, found.offset], [wanted, cursor.offset]);
      }
    }
    assert.equal(list.first, 19_000);
    assert.ok(list.marks.length < 3 * 100, `${list.marks.length} numbers in marks`);
  });
});

function check(steps: readonly Step[]): void {
  const index = new ChunkIndex(maxChunks);
  const plain = new PlainIndex();
  const lists = new Map<number, ChunkList>();
  /** bytes by position, as a store would have them */
  const memory = new Map<number, number>();
  let sequence = 1;
  let used = 0;
  let nextByte = 1;
  // A flow's number changes when it is forgotten, as engines never use one twice.
  const numbers = [0, 1, 2, 3];

  const store = {
    isKept: (position: number) => !plain.overwritten.has(Math.floor(position / segmentBytes)),
    read: (position: number, length: number, into: Uint8Array, at: number) => {
      if (!store.isKept(position)) return false;
      for (let byte = 0; byte < length; byte++) into[at + byte] = memory.get(position + byte) ?? 0;
      return true;
    },
  };

  for (const action of steps) {
    switch (action.do) {
      case 'say': {
        const flow = numbers[action.flow]!;
        const list = lists.get(flow) ?? index.open();
        lists.set(flow, list);
        const bytes = Array.from({ length: action.length }, () => nextByte++ % 255 + 1);
        const position = action.isKept ? sequence * segmentBytes + used : notKept;
        if (action.isKept) {
          bytes.forEach((byte, at) => memory.set(position + at, byte));
          used += bytes.length;
        }
        const offset = plain.of(flow).filter((chunk) => chunk.speaker === action.speaker).reduce((sum, chunk) => sum + chunk.bytes.length, 0);
        index.append(list, action.speaker, nextByte, bytes.length, position);
        plain.chunks.push({ flow, speaker: action.speaker, offset, bytes, sequence: action.isKept ? sequence : -1, isListed: true });
        const gone = plain.chunks.at(-1 - maxChunks);
        if (gone !== undefined) gone.isListed = false;
        break;
      }
      case 'fillSegment':
        sequence += 1;
        used = 0;
        break;
      case 'overwriteOldest':
        for (let oldest = 1; oldest < sequence; oldest++) {
          if (plain.overwritten.has(oldest)) continue;
          plain.overwritten.add(oldest);
          break;
        }
        index.dropOverwritten(store);
        break;
      case 'forget': {
        const list = lists.get(numbers[action.flow]!);
        if (list === undefined) break;
        index.forget(list);
        lists.delete(numbers[action.flow]!);
        numbers[action.flow] = Math.max(...numbers) + 1;
      }
    }
  }

  let kept = 0;
  for (const [flow, list] of lists) {
    const listed = plain.of(flow).filter((chunk) => chunk.isListed);
    assert.equal(list.count - list.first, listed.length);
    for (const [nth, chunk] of listed.entries()) {
      const cursor = index.at(list, list.first + nth)!;
      assert.deepEqual([cursor.from, cursor.offset, cursor.length, 0 <= cursor.position], [speakers[chunk.speaker], chunk.offset, chunk.bytes.length, plain.isKept(chunk)]);
    }
    for (const speaker of [0, 1] as const) {
      assert.equal(list.kept[speaker], plain.kept(flow, speaker));
      kept += list.kept[speaker];
      const expected = plain.bytes(flow, speaker);
      for (let start = 0; start <= expected.length; start += 3) {
        const piece = readBytes(index, list, store, speakers[speaker], start, 7, expected.length);
        const seen: (number | undefined)[] = [...piece.bytes];
        for (const gap of piece.gaps) for (let at = gap.start; at < gap.end; at++) seen[at - start] = undefined;
        assert.deepEqual(seen, expected.slice(start, start + 7));
      }
    }
  }
  assert.equal(index.keptBytes, kept);
}
