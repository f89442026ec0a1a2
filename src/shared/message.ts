// What a dissector makes of a flow's bytes, as plain data: messages, their fields with byte ranges, and what is wrong with them.

import type { Speaker } from './flow.js';
import type { Sentence } from './sentences.js';

/** `[start, end)` in bytes of one speaker, counted from the opening of the flow. */
export interface Range {
  start: number;
  end: number;
}

/** One value on the wire. Ranges of children lie inside their parent's; a value that was compressed has the range of what it was made from. */
export interface Field {
  name: string;
  range: Range;
  /** the value as people read it, cut at 1,000 characters; hostile text: show it, never run it */
  text: string;
  /** the value for comparisons, where it is a number or a flag */
  value?: number | boolean;
  /** a password, token or key: views mask it, exports leave it out */
  isSecret?: true;
  fields?: Field[];
}

export type Severity = 'error' | 'warning' | 'note';

export interface Problem {
  severity: Severity;
  /** a phrase for a person: "length says 40 bytes, 12 are there" */
  text: Sentence;
  range: Range;
}

/** What a message carries for somebody else: a body, already decompressed. */
export interface Content {
  bytes: Uint8Array;
  /** media type, lower case, without parameters; empty when nobody said */
  mediaType: string;
  /** where on the wire it came from; `bytes` are the very same ones unless `isDecoded` */
  range: Range;
  /** unchunked, decompressed or put together from several messages: byte positions are not those of the wire */
  isDecoded: boolean;
}

/**
 * request: asks for something · answer: comes because of a request · notice: nobody asked and nobody answers ·
 * undecoded: bytes that no dissector made sense of · gap: bytes that were not kept or not captured
 */
export type MessageKind = 'request' | 'answer' | 'notice' | 'undecoded' | 'gap';

/** One thing that one side said. The messages of one speaker tile its bytes: every byte is in exactly one of them. */
export interface Message {
  /** counts from 0 in its flow, over both speakers, in the order in which messages became complete */
  index: number;
  from: Speaker;
  /** catalogue id of the layer that this message belongs to; 'unknown' for bytes of no known protocol */
  protocol: string;
  range: Range;
  /** epoch milliseconds at which its first and its last byte were read */
  startedAt: number;
  endedAt: number;
  kind: MessageKind;
  /** one line, at most 300 characters */
  summary: string;
  fields: Field[];
  problems: Problem[];
  /** conversation inside a connection that carries several: HTTP/2 stream, AMQP channel */
  stream?: number;
  /** index of the request that this is an answer to */
  answers?: number;
  /** milliseconds between the last byte of the request and the first byte of this, its first answer */
  latencyMs?: number;
  /** somebody is to answer it; `answers` of a later message names it then */
  expectsAnswer?: true;
  /** index of a message that was only the head of this request: the answer comes to this one */
  replaces?: number;
  content?: Content;
  /** its bytes are gone: the fields are what lens kept of it (the first hundred, cut at 300 characters), and their range is the message's */
  isOverwritten?: true;
}
