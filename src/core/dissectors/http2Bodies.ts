// DATA frames (RFC 9113 §6.1): bodies, put together where they are small, and messages of gRPC.

import type { Content } from '../../shared/message.js';
import { say } from '../../shared/sentences.js';
import { frameHeaderBytes } from '../protocols/http2Frames.js';
import { callName, grpcData, startGrpc } from './grpc.js';
import { contentEnd, on, padding, type Frame, type Told } from './http2Frame.js';
import { endHalf, gather, loseBody, maxBodyBytes, openStream, spend, type Http2State, type Stream, type StreamHalf } from './http2Streams.js';
import { sizeText } from './payload/values.js';
import { essence, viewDecoded, viewPayload } from './payload/view.js';

export function data(frame: Frame): Told {
  const { state, side, input, reader, length, flags, id } = frame;
  const isEnd = (flags & 1) !== 0;
  const stream = state.streams.get(id) ?? (state.isGrpc && id !== 0 ? unseenCall(state, id) : undefined);
  const half = stream?.[input.from];
  // Its headers were not seen.
  if (stream?.isGrpc === true && half !== undefined && !half.hasHeaders) half.grpc ??= { ...startGrpc(''), isLost: true };
  const usedUp = spend(side, half, length);
  if (usedUp !== undefined && !isEnd) reader.problem('note', usedUp, input.at, input.at + frameHeaderBytes);
  const end = contentEnd(frame);
  const isWhole = reader.end - input.at === frameHeaderBytes + length;
  const size = end - reader.at + (isWhole ? 0 : frameHeaderBytes + length - (reader.end - input.at));
  const piece: Piece = { end, size, isWhole, isEnd };
  const told =
    stream === undefined || half === undefined ? unknownBody(frame, piece)
    : half.grpc === undefined ? body(frame, half, piece)
    : call(frame, stream, half, piece);
  padding(reader, end);
  if (isEnd && stream !== undefined) endHalf(state, id, stream, input.from);
  return told;
}

/** What a DATA frame has of a body. */
interface Piece {
  /** where it ends in the reader; it begins where the reader stands */
  end: number;
  /** bytes of it, also of what is skipped */
  size: number;
  /** all of it is there */
  isWhole: boolean;
  isEnd: boolean;
}

/** A call that began before the first byte that is there. */
function unseenCall(state: Http2State, id: number): Stream {
  const stream = openStream(state, id, '', '');
  stream.isGrpc = true;
  return stream;
}

function unknownBody(frame: Frame, { end, size, isEnd }: Piece): Told {
  const { reader } = frame;
  if (reader.at < end) reader.data('data', end - reader.at);
  return { kind: 'notice', summary: dataText(frame, size, size, isEnd) };
}

/** "DATA 1.2 KB, end of 40.3 KB · stream 1" */
function dataText(frame: Frame, size: number, all: number, isEnd: boolean): string {
  return `DATA ${sizeText(size)}${isEnd ? (size < all ? `, end of ${sizeText(all)}` : ', end') : ''}${on(frame)}`;
}

function body(frame: Frame, half: StreamHalf, { end, size, isWhole, isEnd }: Piece): Told {
  const { state, input, reader, id } = frame;
  const { at, bytes } = reader;
  half.bodyBytes += size;
  const isOnly = half.bodyBytes === size && half.body !== undefined;
  const summary = dataText(frame, size, half.bodyBytes, isEnd);
  let content: Content | undefined;
  if (!isWhole) loseBody(state, half);
  if (isEnd && isOnly && isWhole && half.encoding === '' && at < end) {
    content = { bytes: bytes.slice(at, end), mediaType: essence(half.contentType), range: reader.range(at, end), isDecoded: false };
    viewPayload(reader, end - at, half.contentType);
  } else {
    gather(state, half, bytes, at, end);
    if (at < end) reader.data('data', end - at);
    if (isEnd) content = wholeBody(frame, half, at, end);
  }
  const told: Told = input.from === 'client' ? { kind: 'notice', summary } : { kind: 'answer', summary, answers: id, isPartial: !isEnd };
  if (content !== undefined) told.content = content;
  return told;
}

/**
 * A body that came in several frames, or compressed, when its end has come.
 *
 * @param start @param end what is at its end, in the reader
 */
export function wholeBody({ reader, input }: Frame, half: StreamHalf, start: number, end: number): Content | undefined {
  if (half.body === undefined || half.bodyBytes === 0) return undefined;
  const raw = half.body.subarray(0, half.bodyBytes);
  const plain = half.encoding === '' || half.encoding === 'identity' ? raw.slice() : input.context.decompress(half.encoding, raw, maxBodyBytes);
  if (typeof plain === 'string') {
    reader.problem('warning', say`the body is not shown: ${plain}`, start, end);
    return undefined;
  }
  viewDecoded(reader, plain, start, end, half.contentType);
  return { bytes: plain, mediaType: essence(half.contentType), range: reader.range(start, end), isDecoded: true };
}

/** Messages of gRPC. The first one of the client is what its call asks. */
function call(frame: Frame, stream: Stream, half: StreamHalf, { end, size, isWhole, isEnd }: Piece): Told {
  const { state, input, reader, id } = frame;
  const isFirst = (half.grpc?.count ?? 0) === 0;
  const told = grpcData(state, stream, input.from, input.context, reader, end - reader.at);
  if (!isWhole) loseBody(state, half);
  if (isEnd && told.rest !== undefined) reader.problem('warning', say`the call ends in the middle of a message`, end, end);
  const shown: Told = { kind: 'notice', protocol: 'grpc', summary: '' };
  if (told.content !== undefined) shown.content = told.content;
  if (told.count === 0) {
    const { rest } = told;
    const words = rest === undefined ? '' : `, ${sizeText(rest.have)} of a message${rest.of === undefined ? '' : ` of ${sizeText(rest.of)}`}`;
    shown.summary = `DATA ${sizeText(size)}${words}${isEnd ? ', end' : ''}${on(frame)}`;
    return shown;
  }
  shown.summary = told.count === 1 ? told.text : `${told.text} and ${told.count - 1} more`;
  if (input.from === 'upstream') {
    shown.kind = 'answer';
    shown.answers = id;
    shown.isPartial = true;
    return shown;
  }
  shown.kind = 'request';
  if (stream.path !== '') shown.summary = `${callName(stream.path)} ${shown.summary}`;
  if (isFirst) {
    shown.asks = id;
    shown.replacesRequest = true;
  }
  return shown;
}
