// Decodes what is recorded of a flow a second time, beside the running decoder: for the details of a message, or for a flow that it has not
// come to yet.

import type { Message } from '../../../shared/message.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkCursor, ChunkIndex } from '../chunkIndex.js';
import type { FlowRecord } from '../flowTable.js';
import type { ChunkDecoder } from './chunkDecoder.js';

export class Replay {
  private cursor: ChunkCursor | undefined;
  private hasDecided = false;
  private hasEnded = false;

  /** @param decoder where to begin; it is this one's from now on */
  constructor(private readonly record: FlowRecord, private readonly decoder: ChunkDecoder, private readonly index: ChunkIndex, private readonly store: StoreReader) {}

  get layers(): string[] {
    return this.decoder.layers;
  }

  /**
   * Decodes the next piece.
   *
   * @param messages receives what is complete with it; their bytes are their own
   * @returns false when there was nothing more
   */
  next(messages: Message[]): boolean {
    const { record, decoder, index } = this;
    const { chunks } = record;
    if (decoder.nextChunk < chunks.first) {
      decoder.skipForgotten(chunks, record.lastActivityAt);
      this.cursor = undefined;
    }
    if (this.cursor === undefined) this.cursor = index.at(chunks, decoder.nextChunk);
    else while (this.cursor.index < decoder.nextChunk) if (!index.advance(this.cursor)) break;
    const { cursor } = this;
    if (cursor === undefined || cursor.index < decoder.nextChunk) return this.finish(messages);
    const { from, length, at, position } = cursor;
    decoder.take({ speaker: from === 'client' ? 0 : 1, length, at, position }, this.store, undefined, messages);
    return true;
  }

  private finish(messages: Message[]): boolean {
    if (this.hasEnded) return false;
    if (this.decoder.hasMissing) {
      this.decoder.tellMissing(messages);
      return true;
    }
    if (this.decoder.isUndecided && !this.hasDecided) {
      this.hasDecided = true;
      this.decoder.decideEarly(messages);
      return true;
    }
    if (!this.record.isClosed) return false;
    this.hasEnded = true;
    this.decoder.end(messages);
    return true;
  }
}
