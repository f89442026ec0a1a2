// Header sections of HTTP/2 (RFC 9113 §6.2, §6.6, §6.10, §8.1): HEADERS, PUSH_PROMISE and CONTINUATION become requests, answers and trailers.

import { say, verbatim } from '../../shared/sentences.js';
import { forgetTable } from '../protocols/hpack.js';
import { flag, frameHeaderBytes } from '../protocols/http2Frames.js';
import { callName, grpcStatus, isGrpcMedia, startGrpc } from './grpc.js';
import { wholeBody } from './http2Bodies.js';
import { contentEnd, padding, type Frame, type Told } from './http2Frame.js';
import { headerBlock, mediaWord, type Head } from './http2Headers.js';
import { dependency } from './http2Control.js';
import { endHalf, maxBodyBytes, maxKeptLength, openStream, type HeaderBlock, type Http2State, type Stream, type StreamHalf } from './http2Streams.js';
import { frameNames } from './http2Words.js';
import { essence } from './payload/view.js';

export function headers(frame: Frame): Told {
  const { reader, flags } = frame;
  const end = contentEnd(frame);
  if ((flags & flag.priority) !== 0) dependency(reader);
  return fragment(frame, end, undefined, (flags & 1) !== 0);
}

export function promise(frame: Frame): Told {
  const end = contentEnd(frame);
  const promised = frame.reader.u32('promised stream') & 0x7fffffff;
  return fragment(frame, end, promised, false);
}

/** The first piece of a header block. */
function fragment(frame: Frame, end: number, promised: number | undefined, isStreamEnd: boolean): Told {
  const { side, reader, flags, id } = frame;
  if (isCut(frame)) return tooLarge(frame);
  const length = end < reader.at || reader.isBroken ? 0 : end - reader.at;
  if ((flags & flag.endHeaders) !== 0) {
    const head = headerBlock(reader, side, length, undefined);
    padding(reader, end);
    return section(frame, head, promised, isStreamEnd);
  }
  const bytes = reader.bytes.slice(reader.at, reader.at + length);
  reader.data('fragment', length);
  padding(reader, end);
  side.block = { stream: id, isStreamEnd, bytes, length, isTooLarge: false, ...(promised === undefined ? {} : { promised }) };
  return { kind: 'notice', summary: `${frameNames[frame.type]} goes on · stream ${id}` };
}

export function continuation(frame: Frame): Told {
  const { side, reader, flags, id } = frame;
  const { block } = side;
  if (block === undefined) {
    reader.problem('error', say`no header block goes on here`);
    forgetTable(side.table);
    return { kind: 'notice', summary: `CONTINUATION of nothing · stream ${id}` };
  }
  const length = reader.left;
  if (maxBodyBytes < block.length + length || isCut(frame)) {
    block.isTooLarge = true;
    block.bytes = new Uint8Array(0);
  }
  if ((flags & flag.endHeaders) === 0) {
    if (!block.isTooLarge) addTo(block, reader.bytes, reader.at, reader.at + length);
    reader.data('fragment', length);
    return { kind: 'notice', summary: `CONTINUATION goes on · stream ${id}` };
  }
  side.block = undefined;
  if (block.isTooLarge) return tooLarge(frame);
  const head = headerBlock(reader, side, length, block.bytes.subarray(0, block.length));
  return section(frame, head, block.promised, block.isStreamEnd);
}

/** Is the frame longer than what is looked at? */
function isCut({ reader, input, length }: Frame): boolean {
  return reader.end - input.at < frameHeaderBytes + length;
}

/** What such a block would have put into the table is not known. */
function tooLarge({ side, reader, type, id }: Frame): Told {
  reader.problem('error', say`a header block of more than ${maxBodyBytes} bytes is not decoded`);
  forgetTable(side.table);
  return { kind: 'notice', summary: `${frameNames[type]} · stream ${id}` };
}

/** Twice as much room as is needed: a block of many small pieces would cost its square. */
function addTo(block: HeaderBlock, bytes: Uint8Array, start: number, end: number): void {
  const length = block.length + end - start;
  if (block.bytes.length < length) {
    const larger = new Uint8Array(length * 2);
    larger.set(block.bytes.subarray(0, block.length));
    block.bytes = larger;
  }
  block.bytes.set(bytes.subarray(start, end), block.length);
  block.length = length;
}

/** What a whole header section means (RFC 9113 §8.1). */
function section(frame: Frame, head: Head, promised: number | undefined, isEnd: boolean): Told {
  const { state, input, id } = frame;
  if (promised !== undefined) {
    const pushed = openStream(state, promised, head.method, head.path);
    pushed.client.hasHeaders = true;
    endHalf(state, promised, pushed, 'client');
    return { kind: 'notice', summary: `PUSH_PROMISE ${head.method} ${head.path} as stream ${promised} · stream ${id}`, asks: promised };
  }
  let stream = state.streams.get(id);
  const isFirst = stream === undefined;
  stream ??= openStream(state, id, head.method, head.path);
  const half = stream[input.from];
  const isTrailers = half.hasHeaders || (input.from === 'upstream' ? head.status === '' && !head.isPartial : head.method === '' && isFirst && !head.isPartial);
  if (!isTrailers) {
    if (input.from === 'upstream' && head.status.startsWith('1')) return interim(frame, head);
    begin(state, stream, half, head);
  }
  const told = isTrailers ? trailers(frame, stream, head) : input.from === 'client' ? request(frame, stream, head) : response(frame, stream, half, head, isEnd);
  if (!isEnd) return told;
  const content = isTrailers && half.grpc === undefined ? wholeBody(frame, half, frame.reader.at, frame.reader.at) : undefined;
  endHalf(state, id, stream, input.from);
  return content === undefined ? told : { ...told, content };
}

/** Notes what the body will be. */
function begin(state: Http2State, stream: Stream, half: StreamHalf, head: Head): void {
  half.hasHeaders = true;
  half.contentType = head.contentType.slice(0, maxKeptLength);
  const isGrpc = head.contentType === '' ? stream.isGrpc || state.isGrpc : isGrpcMedia(head.contentType);
  half.encoding = (isGrpc ? head.grpcEncoding : head.contentEncoding).slice(0, maxKeptLength).toLowerCase();
  half.grpc = isGrpc ? startGrpc(half.encoding) : undefined;
  if (isGrpc) stream.isGrpc = true;
  // What says that it is larger than is put together need not be gathered.
  if (maxBodyBytes < Number(head.contentLength)) half.body = undefined;
}

function request(frame: Frame, stream: Stream, head: Head): Told {
  const { id } = frame;
  const method = head.method || '?';
  const target = head.path || head.authority || '?';
  if (stream.isGrpc) return { kind: 'request', protocol: 'grpc', summary: `${callName(target)} · stream ${id}`, asks: id };
  return { kind: 'request', summary: `${method} ${target}${head.protocol === '' ? '' : ` (${head.protocol})`} · stream ${id}`, asks: id };
}

function interim(frame: Frame, head: Head): Told {
  return { kind: 'answer', summary: `${head.status} · stream ${frame.id}`, answers: frame.id, isPartial: true };
}

function response(frame: Frame, stream: Stream, half: StreamHalf, head: Head, isEnd: boolean): Told {
  const { id } = frame;
  const word = mediaWord(essence(head.contentType));
  if (isEnd && (stream.isGrpc || head.grpcStatus !== '')) return status(frame, head) ?? { kind: 'answer', summary: `${head.status} · stream ${id}`, answers: id };
  const summary = `${head.status || '?'}${word === '' ? '' : ` · ${half.grpc === undefined ? word : 'grpc'}`} · stream ${id}`;
  // The answer to a call is its first message, or its status.
  if (half.grpc !== undefined) return { kind: 'notice', protocol: 'grpc', summary };
  return { kind: 'answer', summary, answers: id, isPartial: !isEnd };
}

function trailers(frame: Frame, stream: Stream, head: Head): Told {
  const { input, id } = frame;
  if (input.from === 'client') return { kind: 'notice', summary: `trailers ${head.names.join(', ')} · stream ${id}` };
  const told = stream.isGrpc || head.grpcStatus !== '' ? status(frame, head) : undefined;
  return told ?? { kind: 'answer', summary: `trailers ${head.names.join(', ')} · stream ${id}`, answers: id };
}

/** The outcome of a call of gRPC. */
function status({ reader, input, id }: Frame, head: Head): Told | undefined {
  const outcome = grpcStatus(head);
  if (outcome === undefined) return undefined;
  if (outcome.code !== 0) reader.problem('error', verbatim(outcome.text), input.at + frameHeaderBytes, reader.end);
  return { kind: 'answer', protocol: 'grpc', summary: outcome.text, answers: id };
}

