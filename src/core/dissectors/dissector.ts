// What a dissector is: from the front of one speaker's bytes, one message at a time. `dissection.ts` does the rest: it gathers bytes
// until a message is whole, counts offsets and times, pairs requests with answers, skips what is too large, and finds its feet again.

import type { Content, Field, MessageKind, Problem } from '../../shared/message.js';
import type { Speaker } from '../../shared/flow.js';
import { say, type Sentence } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';

/** One speaker's bytes from the next message on. Positions are indexes of `bytes`; `base + position` is the offset in the flow. */
export interface Input {
  readonly bytes: Uint8Array;
  /** first byte of the message */
  readonly at: number;
  /** end of what is there */
  readonly end: number;
  /** offset in the speaker's bytes of `bytes[0]`; may be negative */
  readonly base: number;
  readonly from: Speaker;
  /** for `mayStart`: the byte in front of `at` (do not look into `bytes` for it: it may be gone); -1 = not known, behind a gap */
  readonly before: number;
  /** nothing more comes from this speaker */
  readonly isEnded: boolean;
  /** nothing more comes from the other one: do not wait for it */
  readonly isOtherEnded: boolean;
  /** as given to `start`; it stands here because a state is plain data */
  readonly context: DissectContext;
}

/** From here on the connection speaks something else (HTTP Upgrade, STARTTLS, a PROXY header before it). */
export interface Handover {
  /** catalogue id of a dissector, or 'detect': what follows tells */
  to: string;
  /** what the next dissector must know (WebSocket extensions) */
  options?: Readonly<Record<string, string | number | boolean>>;
}

/** A whole message. */
export interface Decoded {
  /** bytes of it, from `at`; more than is there = the rest is skipped unseen (`input` had at least `maxMessageBytes`) */
  length: number;
  kind: MessageKind;
  summary: string;
  fields: Field[];
  problems: Problem[];
  /** protocol id, where it is not the dissector's own */
  protocol?: string;
  stream?: number;
  /** what its answer will name: '' where answers come in order, else an id such as MongoDB's requestID. Undefined = no answer is expected */
  asks?: string | number;
  /** takes the place of the request with the same `asks`, unless that was answered: what came before was its head (a gRPC call before its first message) */
  replacesRequest?: true;
  /** the `asks` of the request that this answers; the oldest one with that name is meant */
  answers?: string | number;
  /** further answers to the same request may follow (100 Continue, a row of many): it stays open */
  isPartial?: boolean;
  content?: Content;
  /** takes effect behind this message, for both speakers: behind what either has said so far and was decoded */
  handover?: Handover;
}

/** Bytes that make no sense: everything from `at` is undecoded up to a position at which `mayStart` says `match`. */
export interface Lost {
  /** a phrase: "type 0x7a is none of a backend message" */
  lost: Sentence;
}

/**
 * A message; or what is wrong; or a number: how many bytes from `at` are needed to go on (at least one more than there are).
 * 0 = it depends on what the other speaker says next: ask again then.
 */
export type Next = Decoded | Lost | number;

/** What the dissector of one protocol can do. Pure: same bytes, same answer, however they were cut. `S` is plain data (structuredClone copies it). */
export interface Dissector<S> {
  /** catalogue id */
  readonly id: string;
  /**
   * The most bytes of one message that are looked at, 1 MiB or less. What is longer is skipped after so many: `length` may pass the
   * end of the input once `available(input, length)` holds. Together with the pairing table it is what bounds the memory of a flow.
   */
  readonly maxMessageBytes: number;
  start(context: DissectContext, options: Handover['options']): S;
  /**
   * Takes the next message of `input.from`. May write to `state`, but only when it answers with a message or `lost`: with a number
   * it will be asked again about the same bytes.
   */
  next(state: S, input: Input): Next;
  /**
   * After `lost` or a gap: may a message of this speaker start at `at`? Asked for each position until `match`; without it the rest of that speaker
   * stays undecoded. `more` waits for further bytes (at most 64 are kept).
   */
  mayStart?(state: S, input: Input): Verdict;
  /** Bytes of a speaker went missing before a message that `mayStart` found: forget what depended on them. */
  lost?(state: S, from: Speaker): void;
}

/** What decoding needs of the world outside; everything else is a function of bytes. */
export interface DissectContext {
  /**
   * @param name `gzip`, `deflate` (zlib or raw), `br`, `zstd`, `snappy` (framed or raw), `lz4`, `deflate-raw`
   * @param dictionary for `deflate-raw`: the last 32 KiB that came before
   * @returns the bytes, cut at `maxBytes`; a sentence says why not
   */
  decompress(name: string, bytes: Uint8Array, maxBytes: number, dictionary?: Uint8Array): Uint8Array | Sentence;
  /** protobuf types of the workspace; undefined = none are known */
  readonly schemas?: ProtobufSchemas;
}

/** Types from `.proto` files, looked up by the path of a gRPC method. Plain look-ups: parsing the files is somebody else's work. */
export interface ProtobufSchemas {
  /** @param path `/package.Service/Method` */
  method(path: string): { request: ProtobufType; response: ProtobufType } | undefined;
}

export interface ProtobufType {
  /** full name, `package.Message` */
  readonly name: string;
  /** by field number */
  field(number: number): ProtobufField | undefined;
}

export interface ProtobufField {
  readonly name: string;
  /** scalar type as in .proto (`int32`, `string`, ...), `enum`, `message`; '' = a type that is not known */
  readonly type: string;
  readonly isRepeated: boolean;
  /** `map<k, v>`: repeated entries, messages of a key (1) and a value (2) */
  readonly isMap?: boolean;
  /** name of the group of which one field at most is set */
  readonly oneof?: string;
  readonly message?: ProtobufType;
  enumName?(value: number): string | undefined;
}

/** A context that knows nothing: for tests and for protocols that compress nothing. */
export const bareContext: DissectContext = { decompress: (name) => say`${name} is not decompressed here` };

/** @returns whether all of a message of `length` bytes is there, or as much of it as will be looked at */
export function available(input: Input, length: number, maxMessageBytes: number): boolean {
  return (length < maxMessageBytes ? length : maxMessageBytes) <= input.end - input.at;
}
