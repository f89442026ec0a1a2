// What an HTTP/2 connection remembers: settings and header tables of both sides, and its open streams with what is kept of their bodies.

import type { Speaker } from '../../shared/flow.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { startTable, type HpackTable } from '../protocols/hpack.js';
import type { GrpcHalf } from './grpc.js';

/** Streams that are followed; browsers and gRPC clients keep to the 100 or so that servers allow. The oldest is forgotten. */
const maxStreams = 1024;
/** A body, or a message of gRPC, is put together up to this size: what is larger is shown frame by frame. */
export const maxBodyBytes = 256 << 10;
/** Bytes of unfinished bodies and messages, over all streams. */
const maxHeldBytes = 1 << 20;

/** Plain data. */
export interface Http2State {
  client: Side;
  upstream: Side;
  streams: Map<number, Stream>;
  heldBytes: number;
  /** what cannot be told of a stream is taken for gRPC: somebody saw it before */
  isGrpc: boolean;
}

/** One speaker. */
export interface Side {
  /** its preface was read, or is long gone */
  hasBegun: boolean;
  /** of the header blocks that it sends */
  table: HpackTable;
  /** a header block whose end is still to come */
  block: HeaderBlock | undefined;
  /** bytes of DATA that it may still send, on the connection; NaN = unknown */
  window: number;
  /** and on a new stream, by the other side's SETTINGS */
  streamWindow: number;
  /** largest frame that it may send, by the other side's SETTINGS */
  maxFrameBytes: number;
}

export interface HeaderBlock {
  stream: number;
  /** stream that a PUSH_PROMISE opens */
  promised?: number;
  isStreamEnd: boolean;
  /** its pieces so far: the first `length` bytes */
  bytes: Uint8Array;
  length: number;
  /** it is larger than what is kept: no longer gathered */
  isTooLarge: boolean;
}

export interface Stream {
  method: string;
  path: string;
  /** it is a call of gRPC, though its answer may be something else (a proxy's page) */
  isGrpc: boolean;
  client: StreamHalf;
  upstream: StreamHalf;
}

/** One direction of a stream. */
export interface StreamHalf {
  /** its header section was read (of responses the final one): a further one is trailers */
  hasHeaders: boolean;
  isEnded: boolean;
  /** Content-Type, parameters and all */
  contentType: string;
  encoding: string;
  /** bytes of body so far */
  bodyBytes: number;
  /** the whole body so far; undefined = too large, or incomplete */
  body: Uint8Array | undefined;
  /** bytes of DATA that may still be sent; NaN = unknown */
  window: number;
  /** it carries messages of gRPC */
  grpc: GrpcHalf | undefined;
}

const nothing = new Uint8Array(0);
/** Characters of a path or a type that are remembered while a stream is open. */
export const maxKeptLength = 1000;

export function startState(isGrpc: boolean): Http2State {
  return { client: startSide(), upstream: startSide(), streams: new Map(), heldBytes: 0, isGrpc };
}

// RFC 9113 §6.5.2, §6.9.2: what holds before SETTINGS say otherwise.
export const defaultWindowBytes = 65_535;
export const defaultFrameBytes = 16_384;

function startSide(): Side {
  return { hasBegun: false, table: startTable(), block: undefined, window: defaultWindowBytes, streamWindow: defaultWindowBytes, maxFrameBytes: defaultFrameBytes };
}

function startStreamHalf(window: number): StreamHalf {
  return { hasHeaders: false, isEnded: false, contentType: '', encoding: '', bodyBytes: 0, body: nothing, window, grpc: undefined };
}

export function openStream(state: Http2State, id: number, method: string, path: string): Stream {
  if (maxStreams <= state.streams.size) for (const oldest of state.streams.keys()) {
    closeStream(state, oldest);
    break;
  }
  const stream: Stream = { method: method.slice(0, maxKeptLength), path: path.slice(0, maxKeptLength), isGrpc: false, client: startStreamHalf(state.client.streamWindow), upstream: startStreamHalf(state.upstream.streamWindow) };
  state.streams.set(id, stream);
  return stream;
}

/** One side says nothing more on it. */
export function endHalf(state: Http2State, id: number, stream: Stream, from: Speaker): void {
  stream[from].isEnded = true;
  release(state, stream[from]);
  if (stream.client.isEnded && stream.upstream.isEnded) closeStream(state, id);
}

export function closeStream(state: Http2State, id: number): void {
  const stream = state.streams.get(id);
  if (stream === undefined) return;
  release(state, stream.client);
  release(state, stream.upstream);
  state.streams.delete(id);
}

/** Lets go of what is kept of a body. */
export function release(state: Http2State, half: StreamHalf): void {
  hold(state, -(half.body?.length ?? 0));
  half.body = undefined;
  if (half.grpc === undefined) return;
  hold(state, -half.grpc.pending.length);
  half.grpc.pending = nothing;
  // Whatever comes after the end of a side, or twice, begins anew.
  half.grpc.length = 0;
}

/** Bytes of it are missing. */
export function loseBody(state: Http2State, half: StreamHalf): void {
  release(state, half);
  if (half.grpc === undefined) return;
  half.grpc.length = half.grpc.skip = 0;
  half.grpc.isLost = true;
}

/** Adds to a body that is kept whole, while it is small enough. */
export function gather(state: Http2State, half: StreamHalf, bytes: Uint8Array, start: number, end: number): void {
  if (half.body === undefined) return;
  // `bodyBytes` counts these already.
  if (maxBodyBytes < half.bodyBytes) release(state, half);
  else half.body = appended(state, half.body, half.bodyBytes - (end - start), bytes, start, end);
}

/**
 * @param kept has room behind its first `length` bytes, or not
 * @returns the same or a larger one with `[start, end)` of `bytes` added; undefined when too much is held already
 */
export function appended(state: Http2State, kept: Uint8Array, length: number, bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const needed = length + end - start;
  let target = kept;
  if (kept.length < needed) {
    const size = needed < 512 ? 1024 : needed * 2;
    if (!hold(state, size - kept.length)) {
      hold(state, -kept.length);
      return undefined;
    }
    target = new Uint8Array(size);
    target.set(kept.subarray(0, length));
  }
  target.set(bytes.subarray(start, end), length);
  return target;
}

function hold(state: Http2State, bytes: number): boolean {
  if (maxHeldBytes < state.heldBytes + bytes) return false;
  state.heldBytes += bytes;
  return true;
}

// ---- flow control (RFC 9113 §6.9) -----------------------------------------------------------------------------------

/**
 * @param bytes of a DATA frame's payload, padding included
 * @returns what is used up by them: a phrase, or undefined
 */
export function spend(side: Side, half: StreamHalf | undefined, bytes: number): Sentence | undefined {
  side.window -= bytes;
  if (half !== undefined) half.window -= bytes;
  if (half !== undefined && half.window <= 0) return half.window < 0 ? say`${-half.window} bytes more than the window of the stream allows` : say`the window of the stream is used up: it waits for WINDOW_UPDATE`;
  if (side.window <= 0) return side.window < 0 ? say`${-side.window} bytes more than the window of the connection allows` : say`the window of the connection is used up: it waits for WINDOW_UPDATE`;
  return undefined;
}

/** A new SETTINGS_INITIAL_WINDOW_SIZE also changes the windows of open streams (RFC 9113 §6.9.2). */
export function setStreamWindow(state: Http2State, sender: Speaker, bytes: number): void {
  const change = bytes - state[sender].streamWindow;
  state[sender].streamWindow = bytes;
  for (const stream of state.streams.values()) stream[sender].window += change;
}
