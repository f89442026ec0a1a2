// Kafka (Kafka protocol guide): requests and responses of all API keys, SASL tokens without a header, record batches.

import { say } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { BodyReader } from './kafkaBody.js';
import { apiName, apis } from './kafkaLayouts.js';

/** Topics stand in front of their records: a batch of 1 MB (max.request.size) or a fetch of 50 MB is shown by its first ones. */
const maxMessageBytes = 256 << 10;
/** socket.request.max.bytes of brokers; a fetch brings 50 MB unless a single batch is larger. */
const longestBytes = 104_857_600;
/** Key, version, correlation id, length of the client id. */
const requestHeaderBytes = 10;
const maxVersion = 32;
/** Requests whose layout is remembered until they are answered; clients have 5 under way, brokers answer all in order. */
const maxPending = 4096;
const apiVersions = 18;
const saslHandshake = 17;
const produce = 0;

export interface KafkaState {
  /** API key and version by correlation id: a response does not name them */
  pending: Map<number, { key: number; version: number }>;
  /** after SaslHandshake of version 0 tokens follow without a header; how many of the server's are still to come */
  tokens: number;
  isRawSasl: boolean;
  /** names by uuid, as Metadata told them */
  topics: Map<string, string>;
}

export const kafka: Dissector<KafkaState> = {
  id: 'kafka',
  maxMessageBytes,
  start: () => ({ pending: new Map(), tokens: 0, isRawSasl: false, topics: new Map() }),
  next: (state, input) => (input.from === 'client' ? request(state, input) : response(state, input)),
  mayStart,
};

/** A request header with a client id that fits, or a response with the correlation id of a request that waits. */
function mayStart(state: KafkaState, { bytes, at, end, from }: Input): Verdict {
  if (bytes[at]! !== 0) return 'no';
  if (from === 'upstream') return end - at < 8 ? 'more' : state.pending.has(i32(bytes, at + 4)) ? 'match' : 'no';
  return end - at < 4 + requestHeaderBytes ? 'more' : isRequest(bytes, at) ? 'match' : 'no';
}

function isRequest(bytes: Uint8Array, at: number): boolean {
  const size = i32(bytes, at);
  const idBytes = u16(bytes, at + 12);
  return requestHeaderBytes <= size && apiName(u16(bytes, at + 4)) !== undefined && u16(bytes, at + 6) <= maxVersion && (idBytes === 0xffff || idBytes <= size - requestHeaderBytes);
}

function request(state: KafkaState, input: Input): Next {
  const { bytes, at, end } = input;
  if (end - at < 4) return 4;
  const size = i32(bytes, at);
  if (size < 0 || longestBytes < size) return { lost: say`no request has ${size} bytes` };
  if (end - at < 4 + Math.min(size, requestHeaderBytes)) return 4 + Math.min(size, requestHeaderBytes);
  const isWithHeader = requestHeaderBytes <= size && isRequest(bytes, at);
  if (!isWithHeader && !state.isRawSasl) return { lost: size < requestHeaderBytes ? say`no request has ${size} bytes` : say`API key ${u16(bytes, at + 4)} version ${u16(bytes, at + 6)} is no request` };
  const length = 4 + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  const isCut = maxMessageBytes < length;
  reader.u32('size');
  if (!isWithHeader) {
    reader.secret('token', reader.left);
    state.tokens += 1;
    return { length, kind: 'request', summary: 'SASL token', fields: reader.fields, problems: reader.problems, asks: 'token' };
  }
  state.isRawSasl = false;
  const key = reader.u16('api key', (value) => `${apiName(value)} (${value})`);
  const version = reader.u16('api version');
  const id = reader.i32('correlation id');
  const idBytes = u16(bytes, reader.at);
  if (idBytes === 0xffff) {
    reader.add('client id', reader.at, reader.at + 2, 'null');
    reader.skip(2);
  } else reader.prefixedText('client id', 2);
  const api = apis[key];
  const body = new BodyReader(reader, version, api !== undefined && 0 <= api.flexible && api.flexible <= version, input.context, state.topics);
  if (body.isFlexible) body.tagged([]);
  const isKnown = api !== undefined && api.first <= version && version <= api.last;
  if (isKnown) body.read(key, 'request', api.request);
  finish(body, isCut);
  if (key === saslHandshake && version === 0) state.isRawSasl = true;
  // acks 0: the broker says nothing (ProduceRequest, "acks").
  const isAsked = !(key === produce && body.values['acks'] === '0');
  if (isAsked) remember(state, id, key, version);
  return {
    length, fields: reader.fields, problems: reader.problems,
    kind: isAsked ? 'request' : 'notice',
    summary: `${apiName(key)} v${version}${isKnown ? body.requestWords(key) : ''}`,
    ...(isAsked ? { asks: id } : {}),
  } satisfies Decoded;
}

function remember(state: KafkaState, id: number, key: number, version: number): void {
  if (maxPending <= state.pending.size) for (const oldest of state.pending.keys()) {
    state.pending.delete(oldest);
    break;
  }
  state.pending.set(id, { key, version });
}

function response(state: KafkaState, input: Input): Next {
  const { bytes, at, end } = input;
  if (end - at < 4) return 4;
  const size = i32(bytes, at);
  if (size < 0 || longestBytes < size) return { lost: say`no response has ${size} bytes` };
  if (size < 4 && state.tokens === 0) return { lost: say`no response has ${size} bytes` };
  if (end - at < 4 + Math.min(size, 4)) return 4 + Math.min(size, 4);
  const id = size < 4 ? -1 : i32(bytes, at + 4);
  const asked = size < 4 ? undefined : state.pending.get(id);
  const length = 4 + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  reader.u32('size');
  if (asked === undefined && 0 < state.tokens) {
    state.tokens -= 1;
    if (0 < reader.left) reader.secret('token', reader.left);
    return { length, kind: 'answer', summary: 'SASL token', fields: reader.fields, problems: reader.problems, answers: 'token' };
  }
  reader.i32('correlation id');
  if (asked === undefined) {
    reader.rest();
    return { length, kind: 'answer', summary: `response ${id}, its request was not seen`, fields: reader.fields, problems: reader.problems };
  }
  state.pending.delete(id);
  const { key } = asked;
  // A broker that does not know the version of ApiVersions answers in version 0 (KIP-511).
  const version = key === apiVersions && u16(bytes, at + 8) === 35 && 10 <= size ? 0 : asked.version;
  const api = apis[key];
  const body = new BodyReader(reader, version, api !== undefined && 0 <= api.flexible && api.flexible <= version, input.context, state.topics);
  if (body.isFlexible && key !== apiVersions) body.tagged([]);
  const isKnown = api !== undefined && api.first <= version && version <= api.last;
  if (isKnown) body.read(key, 'response', api.response);
  finish(body, maxMessageBytes < length);
  return { length, kind: 'answer', summary: `${apiName(key)} ${isKnown ? body.responseWords(key) : 'answered'}`, fields: reader.fields, problems: reader.problems, answers: id };
}

/** What is left stays visible; what breaks because it was not looked at is no problem of the sender. */
function finish({ reader }: BodyReader, isCut: boolean): void {
  if (isCut && reader.isBroken) reader.problems.pop();
  if (!isCut) reader.rest();
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
