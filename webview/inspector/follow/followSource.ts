// Blocks of a conversation: so many chunks, or so many decoded messages, asked for when they come into view.

import type { ChunkRow, Speaker } from '../../../src/shared/flow.js';
import type { InspectorHostContract } from '../../../src/shared/protocol.js';
import type { BlockSource } from '../../widgets/blockList.js';
import { readRange, type ReadBytes } from '../bytes/bytesCache.js';
import type { TextPiece } from '../bytes/textLayout.js';
import { decodedRows, followHexBytes, hexRows, textRows, turnsOf, type FollowRow, type FollowSides } from './followRows.js';

type Requests = InspectorHostContract['requests'];

export interface FollowReader {
  chunks(params: Requests['chunks/list']['params']): Promise<Requests['chunks/list']['result']>;
  messages(params: Requests['messages/list']['params']): Promise<Requests['messages/list']['result']>;
  bytes: ReadBytes;
}

/** A chunk has at most 1 MiB (what is read at once), so a block of them has at most 4 MiB; most have a few KB. */
const blockChunks = 4;
const maxBlockBytes = blockChunks << 20;
const blockMessages = 100;

export interface FollowSource extends BlockSource<FollowRow> {
  /** the flow went on */
  grow(chunkCount: number): Promise<void>;
}

/** @param width cells of a row */
export function bytesSource(reader: FollowReader, flow: number, chunkCount: number, form: 'text' | 'hex', sides: FollowSides, width: number): FollowSource {
  return {
    start: 0,
    end: Math.ceil(chunkCount / blockChunks),
    grow(count) {
      this.end = Math.ceil(count / blockChunks);
      return Promise.resolve();
    },
    async load(block) {
      const { rows, first } = await reader.chunks({ flow, start: block * blockChunks, count: blockChunks });
      // Chunks that were dropped are no longer listed: the conversation begins later.
      this.start = Math.max(this.start, Math.floor(first / blockChunks));
      const chunks = rows.filter(({ index }) => Math.floor(index / blockChunks) === block);
      const [client, upstream] = await Promise.all((['client', 'upstream'] as const).map((from) => pieceOf(reader.bytes, from, chunks, sides)));
      return turnsOf(chunks, sides).flatMap((turn) => {
        const piece = turn.from === 'client' ? client : upstream;
        if (piece === undefined) return [];
        return form === 'text' ? textRows(turn, piece, width) : hexRows(turn, piece, followHexBytes(width));
      });
    },
  };
}

export function messagesSource(reader: FollowReader, flow: number, sides: FollowSides): FollowSource {
  return {
    start: 0,
    end: 0,
    async grow() {
      const { total } = await reader.messages({ flow, start: 0, count: 1 });
      this.end = Math.ceil(total / blockMessages);
    },
    async load(block) {
      const { rows, total } = await reader.messages({ flow, start: block * blockMessages, count: blockMessages });
      this.end = Math.max(this.end, Math.ceil(total / blockMessages));
      return decodedRows(rows, sides);
    },
  };
}

/** The bytes that one side said in these chunks: they follow each other. */
async function pieceOf(read: ReadBytes, from: Speaker, chunks: readonly ChunkRow[], sides: FollowSides): Promise<TextPiece | undefined> {
  const own = chunks.filter((chunk) => chunk.from === from);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined || (sides !== 'both' && sides !== from)) return undefined;
  const { bytes, gaps } = await readRange(read, from, first.offset, last.offset + last.length, maxBlockBytes);
  return { bytes, offset: first.offset, gaps };
}
