// Where the payload of a WebSocket message stands on the wire (RFC 6455 §5.2): in one frame, or in several.

import type { Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import type { ExportFlow } from './exportFlow.js';
import type { Piece } from './httpExchange.js';

const noKey = new Uint8Array(4);

export interface FramePayload extends Piece {
  opcode: number;
  isFinal: boolean;
  isCompressed: boolean;
  /** four zeros where it is not masked */
  key: Uint8Array;
}

/** Remembers the frames of a message whose end is still to come. */
export class WebSocketPayloads {
  private readonly fragments: Record<Speaker, FramePayload[]> = { client: [], upstream: [] };

  constructor(private readonly flow: ExportFlow) {}

  /** @returns the frames of the message that this one completes; empty while it goes on */
  take(message: Message): FramePayload[] {
    const frame = frameOf(this.flow, message);
    if (frame === undefined) return [];
    if (8 <= frame.opcode) return [frame];
    const own = this.fragments[message.from];
    if (frame.opcode !== 0) own.length = 0;
    own.push(frame);
    return frame.isFinal ? own.splice(0) : [];
  }
}

/** @returns undefined when its head is not kept */
export function frameOf(flow: ExportFlow, { from, range }: Message): FramePayload | undefined {
  const head = flow.read(from, range.start, Math.min(range.end, range.start + 14));
  if (head === undefined || head.length < 2) return undefined;
  const short = head[1]! & 0x7f;
  const isMasked = 0x80 <= head[1]!;
  const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const start = keyAt + (isMasked ? 4 : 0);
  if (head.length < start) return undefined;
  return {
    start: range.start + start,
    end: Math.max(range.start + start, range.end),
    opcode: head[0]! & 15,
    isFinal: 0x80 <= head[0]!,
    isCompressed: (head[0]! & 0x40) !== 0,
    key: isMasked ? head.slice(keyAt, keyAt + 4) : noKey,
  };
}
