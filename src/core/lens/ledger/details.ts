// Whole messages, decoded again from the nearest checkpoint before them; the last ones are kept.

import type { Field, Message } from '../../../shared/message.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkIndex } from '../chunkIndex.js';
import type { FlowRecord } from '../flowTable.js';
import { ChunkDecoder } from './chunkDecoder.js';
import type { DecodedFlow } from './decodedFlow.js';
import type { Ledger } from './ledger.js';
import { keptMessageOf } from './messageRows.js';
import { Replay } from './replay.js';

/** Messages that are kept whole: who goes through a list asks for the one beside the last. */
const maxKept = 400;
/** Of those, bytes as estimated below: bodies may be a mebibyte each. */
const maxKeptBytes = 32 << 20;
/** Neighbours that were decoded on the way and are kept with the one that was asked for. */
const maxNeighbours = 64;

export class Details {
  private readonly kept = new Map<string, Message>();
  private keptBytes = 0;

  constructor(private readonly ledger: Ledger, private readonly index: ChunkIndex, private readonly store: StoreReader, private readonly context: DissectContext) {}

  get memoryBytes(): number {
    return this.keptBytes;
  }

  /** @returns the message of a row; where its bytes were overwritten, what was kept of it, marked as such */
  get(record: FlowRecord, decoded: DecodedFlow, row: number): Message {
    const index = this.ledger.index(row);
    const key = keyOf(decoded, index);
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    const facts = keptMessageOf(this.ledger, row);
    // Nothing else is known of bytes that were missing from the start, nor behind a fault of ours.
    if (facts.kind === 'gap' || (decoded.fault !== undefined && index === decoded.rows.nextIndex - 1)) return facts;
    return this.decodeAgain(record, decoded, facts) ?? { ...facts, isOverwritten: true };
  }

  clear(): void {
    this.kept.clear();
    this.keptBytes = 0;
  }

  private decodeAgain(record: FlowRecord, decoded: DecodedFlow, wanted: Message): Message | undefined {
    const checkpoint = decoded.checkpoints.before(wanted.index);
    const decoder = checkpoint === undefined ? ChunkDecoder.start(this.context, decoded.hint) : ChunkDecoder.restore(this.context, decoded.hint, checkpoint.saved);
    const replay = new Replay(record, decoder, this.index, this.store);
    const passed: Message[] = [];
    let found: Message | undefined;
    let isBeyond = false;
    for (let told: Message[] = []; found === undefined && !isBeyond && replay.next(told); told = []) {
      for (const message of told) {
        if (message.from === wanted.from && isSame(message, wanted)) found = message;
        // Its place was passed: bytes before it are gone, and it is not found without them.
        else if (message.from === wanted.from && wanted.range.end < message.range.start) isBeyond = true;
        passed.push(message);
      }
      if (maxNeighbours * 2 < passed.length && found === undefined) passed.splice(0, passed.length - maxNeighbours);
    }
    if (found === undefined) return undefined;
    if (found.index === wanted.index) for (const message of passed.slice(0, maxNeighbours * 2)) this.keep(decoded, message);
    // Behind a gap that was not there the first time, messages count differently; the row knows.
    else found = { ...found, index: wanted.index, ...(wanted.answers === undefined ? {} : { answers: wanted.answers }), ...(wanted.latencyMs === undefined ? {} : { latencyMs: wanted.latencyMs }) };
    this.keep(decoded, found);
    return found;
  }

  private keep(decoded: DecodedFlow, message: Message): void {
    const key = keyOf(decoded, message.index);
    const before = this.kept.get(key);
    if (before !== undefined) {
      this.kept.delete(key);
      this.keptBytes -= sizeOf(before);
    }
    this.kept.set(key, message);
    this.keptBytes += sizeOf(message);
    for (const [oldest, its] of this.kept) {
      if (oldest === key || (this.kept.size <= maxKept && this.keptBytes <= maxKeptBytes)) return;
      this.kept.delete(oldest);
      this.keptBytes -= sizeOf(its);
    }
  }
}

function keyOf({ rows }: DecodedFlow, index: number): string {
  return `${rows.flow} ${index}`;
}

/** The same bytes told the same way: without what came before, a dissector may tell them otherwise. */
function isSame(one: Message, other: Message): boolean {
  return one.range.start === other.range.start && one.range.end === other.range.end && one.kind === other.kind && one.protocol === other.protocol;
}

/** About what a message takes in memory. */
function sizeOf(message: Message): number {
  return 200 + fieldsSize(message.fields) + (message.content?.bytes.length ?? 0);
}

function fieldsSize(fields: readonly Field[]): number {
  let size = 0;
  for (const field of fields) size += 150 + 2 * field.text.length + (field.fields === undefined ? 0 : fieldsSize(field.fields));
  return size;
}
