// One frame of HTTP/2 while it is read, and what all kinds of frames have in common.

import { say } from '../../shared/sentences.js';
import { flag } from '../protocols/http2Frames.js';
import type { Decoded, Input } from './dissector.js';
import type { FieldReader } from './fieldReader.js';
import type { Http2State, Side } from './http2Streams.js';

export interface Frame {
  readonly state: Http2State;
  readonly side: Side;
  readonly input: Input;
  readonly reader: FieldReader;
  /** bytes of the payload, as its header says */
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  /** stream, 0 = the connection */
  readonly id: number;
}

/** What a frame is told as; the rest is the same for all. */
export type Told = Pick<Decoded, 'kind' | 'summary'> & Partial<Decoded>;

/** @returns where it belongs, for summaries */
export function on({ id }: Frame): string {
  return id === 0 ? '' : ` · stream ${id}`;
}

/** Length of padding, which stands in front of the frame's content and is itself at its end (RFC 9113 §6.1). @returns where the content ends */
export function contentEnd({ reader, flags }: Frame): number {
  if ((flags & flag.padded) === 0) return reader.end;
  const padding = reader.u8('padding length');
  if (padding <= reader.left) return reader.end - padding;
  reader.problem('error', say`${padding} bytes of padding, ${reader.left} are left`);
  return reader.end;
}

export function padding(reader: FieldReader, end: number): void {
  if (reader.at === end && end < reader.end) reader.data('padding', reader.end - end);
}

