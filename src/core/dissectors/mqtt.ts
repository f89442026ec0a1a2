// MQTT 3.1, 3.1.1 and 5 (OASIS MQTT Version 3.1.1 and 5.0; section numbers are those of 5.0).

import type { Speaker } from '../../shared/flow.js';
import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader } from './fieldReader.js';
import { packetNames, properties, reasonName, subscribeReason } from './mqttNames.js';

/** Payloads are shown by their first bytes; topics and properties come before them. */
const maxMessageBytes = 256 << 10;

interface MqttState {
  /** protocol level of CONNECT: 3, 4 or 5; packets differ from 5 on */
  level: number;
}

export const mqtt: Dissector<MqttState> = {
  id: 'mqtt',
  maxMessageBytes,
  start: () => ({ level: 4 }),
  next,
  mayStart,
};

/** A first byte whose flags are the ones that its type must have (§2.1.3), with a length that stands in one or two bytes. */
function mayStart(_state: MqttState, { bytes, at, end, from }: Input): Verdict {
  const type = bytes[at]! >> 4;
  if (type === 3 ? (bytes[at]! & 6) === 6 : !hasFlags(bytes[at]!)) return 'no';
  // What both send in numbers; CONNECT and the like never come in the middle.
  if (!(from === 'client' ? [3, 4, 5, 6, 7, 8, 10, 12] : [3, 4, 5, 6, 7, 9, 11, 13]).includes(type)) return 'no';
  if (end - at < 2) return 'more';
  if (type === 12 || type === 13) return bytes[at + 1] === 0 ? 'match' : 'no';
  if (end - at < 4) return 'more';
  if (type !== 3) return 2 <= bytes[at + 1]! && bytes[at + 1]! < 0x80 ? 'match' : 'no';
  const topicAt = bytes[at + 1]! < 0x80 ? at + 2 : at + 3;
  return bytes[topicAt] === 0 ? 'match' : 'no';
}

function hasFlags(byte: number): boolean {
  const type = byte >> 4;
  if (type === 0) return false;
  return (byte & 0x0f) === (type === 6 || type === 8 || type === 10 ? 2 : 0);
}

function next(state: MqttState, input: Input): Next {
  const { bytes, at, end } = input;
  const type = bytes[at]! >> 4;
  if (type !== 3 && !hasFlags(bytes[at]!)) return { lost: say`0x${bytes[at]!.toString(16).padStart(2, '0')} starts no MQTT packet` };
  let length = 0;
  let header = 1;
  for (let shift = 1; ; header++, shift *= 128) {
    if (header === 5) return { lost: say`the remaining length has more than four bytes` };
    if (end <= at + header) return header + 1;
    const byte = bytes[at + header]!;
    length += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  const whole = header + 1 + length;
  if (!available(input, whole, maxMessageBytes)) return whole;
  const reader = FieldReader.of(input, whole);
  reader.add('type', at, at + 1, packetNames[type] ?? String(type), undefined, type);
  reader.add('remaining length', at + 1, at + 1 + header, String(length), undefined, length);
  reader.at = at + 1 + header;
  const told = packet(state, reader, type, bytes[at]! & 0x0f, input.from);
  if (whole <= maxMessageBytes) reader.rest();
  return { length: whole, kind: 'notice', fields: reader.fields, problems: reader.problems, ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

/** Identifiers of the two directions are counted apart (§2.2.1), so pairs carry the one who asked. */
function pairKey(from: Speaker, what: string, id: number): string {
  return `${from} ${what} ${id}`;
}

function other(from: Speaker): Speaker {
  return from === 'client' ? 'upstream' : 'client';
}

function packet(state: MqttState, reader: FieldReader, type: number, flags: number, from: Speaker): Told {
  const isFive = 5 <= state.level;
  switch (type) {
    case 1:
      return connect(state, reader);
    case 2: {
      reader.u8('session present');
      const code = reader.u8('reason code', (value) => reasonName(value, isFive));
      if (isFive) propertyList(reader);
      refuse(reader, code, 'the server refused the connection', isFive);
      return { kind: 'answer', summary: `CONNACK ${reasonName(code, isFive)}`, answers: 'connect' };
    }
    case 3:
      return publish(state, reader, flags, from);
    case 4:
    case 5:
    case 6:
    case 7: {
      const id = reader.u16('packet id');
      let reason = 0;
      if (isFive && 0 < reader.left) {
        reason = reader.u8('reason code', (value) => reasonName(value, true));
        if (0 < reader.left) propertyList(reader);
        refuse(reader, reason, 'not taken', true);
      }
      const words = `${packetNames[type]} ${id}${reason === 0 ? '' : ` ${reasonName(reason, true)}`}`;
      // PUBACK and PUBREC answer PUBLISH; PUBREL asks again, for PUBCOMP.
      if (type === 6) return { kind: 'request', summary: words, asks: pairKey(from, 'release', id) };
      return { kind: 'answer', summary: words, answers: pairKey(other(from), type === 7 ? 'release' : 'publish', id) };
    }
    case 8:
    case 10: {
      const id = reader.u16('packet id');
      if (isFive) propertyList(reader);
      const topics = filters(reader, type === 8);
      return { kind: 'request', summary: `${packetNames[type]} ${topics.join(', ')}`, asks: pairKey(from, 'topics', id) };
    }
    case 9:
    case 11: {
      const id = reader.u16('packet id');
      if (isFive) propertyList(reader);
      const codes: string[] = [];
      while (0 < reader.left) {
        const code = reader.u8('reason code', (value) => (type === 9 ? subscribeReason(value, isFive) : reasonName(value, true)));
        if (0x80 <= code) refuse(reader, code, 'refused', isFive);
        if (codes.length < 16) codes.push(type === 9 ? subscribeReason(code, isFive) : reasonName(code, true));
      }
      return { kind: 'answer', summary: `${packetNames[type]} ${codes.join(', ')}`, answers: pairKey(other(from), 'topics', id) };
    }
    case 12:
      return { kind: 'request', summary: 'PINGREQ', asks: 'ping' };
    case 13:
      return { kind: 'answer', summary: 'PINGRESP', answers: 'ping' };
    case 14:
    case 15: {
      let reason = 0;
      if (0 < reader.left) {
        reason = reader.u8('reason code', (value) => reasonName(value, true));
        if (isFive && 0 < reader.left) propertyList(reader);
        if (reason !== 4) refuse(reader, reason, 'disconnected', true);
      }
      return { summary: reason === 0 ? packetNames[type]! : `${packetNames[type]} ${reasonName(reason, true)}` };
    }
    default:
      return { summary: `packet type ${type}` };
  }
}

function refuse(reader: FieldReader, code: number, words: string, isFive: boolean): void {
  if (isFive ? 0x80 <= code : code !== 0) reader.problem('error', verbatim(`${words}: ${reasonName(code, isFive)}`), reader.at - 1, reader.at);
}

/** §3.1. */
function connect(state: MqttState, reader: FieldReader): Told {
  reader.prefixedText('protocol name', 2);
  const level = reader.u8('protocol level', { 3: '3.1', 4: '3.1.1', 5: '5.0', 131: '3.1, bridge', 132: '3.1.1, bridge' }) & 0x7f;
  state.level = level;
  const flags = reader.u8('connect flags', flagWords);
  const keepAlive = reader.u16('keep alive', (value) => `${value} s`);
  if (5 <= level) propertyList(reader);
  const client = reader.prefixedText('client id', 2);
  let will = '';
  if ((flags & 4) !== 0) {
    if (5 <= level) propertyList(reader, 'will properties');
    will = `, will ${reader.prefixedText('will topic', 2)}`;
    reader.prefixedData('will payload', 2);
  }
  const user = (flags & 0x80) === 0 ? '' : ` as ${reader.prefixedText('user name', 2)}`;
  if ((flags & 0x40) !== 0) reader.secret('password', reader.u16('password length'));
  return { kind: 'request', summary: `CONNECT ${client === '' ? '(no client id)' : client}${user}, keep alive ${keepAlive} s${will}`, asks: 'connect' };
}

function flagWords(flags: number): string {
  const words = [(flags & 2) !== 0 && 'clean start', (flags & 4) !== 0 && `will qos ${(flags >> 3) & 3}`, (flags & 0x20) !== 0 && 'will retain', (flags & 0x40) !== 0 && 'password', (flags & 0x80) !== 0 && 'user name'];
  return words.filter((word) => word !== false).join(', ') || 'none';
}

/** §3.3. */
function publish(state: MqttState, reader: FieldReader, flags: number, from: Speaker): Told {
  const qos = (flags >> 1) & 3;
  if (qos === 3) reader.problem('error', say`QoS 3 does not exist`, reader.at, reader.at);
  const topic = reader.prefixedText('topic', 2);
  const id = 0 < qos ? reader.u16('packet id') : 0;
  if (5 <= state.level) propertyList(reader);
  const start = reader.at;
  const length = reader.left;
  const payload = 0 < length ? reader.data('payload', length) : undefined;
  const words = [`PUBLISH ${topic}`, 0 < qos ? `qos ${qos}` : '', (flags & 8) !== 0 ? 'again' : '', (flags & 1) !== 0 ? 'retain' : ''].filter((word) => word !== '').join(' ');
  const content = payload === undefined ? {} : { content: { bytes: payload.slice(), mediaType: '', range: reader.range(start, start + length), isDecoded: false } };
  return {
    summary: `${words}: ${payload === undefined ? 'empty' : bytesText(payload)}`,
    ...content,
    ...(qos === 1 || qos === 2 ? { kind: 'request' as const, asks: pairKey(from, 'publish', id) } : {}),
  };
}

/** Topic filters of SUBSCRIBE (with options, §3.8.3.1) and UNSUBSCRIBE. */
function filters(reader: FieldReader, hasOptions: boolean): string[] {
  const topics: string[] = [];
  while (0 < reader.left) {
    const topic = reader.prefixedText('topic filter', 2);
    const options = hasOptions ? reader.u8('options', (value) => `qos ${value & 3}${(value & 4) !== 0 ? ', no local' : ''}${(value & 8) !== 0 ? ', retain as published' : ''}`) : 0;
    if (topics.length < 16) topics.push(hasOptions && (options & 3) !== 0 ? `${topic} qos ${options & 3}` : topic);
  }
  return topics;
}

/** §2.2.2. */
function propertyList(reader: FieldReader, name = 'properties'): void {
  const length = variable(reader, `${name} length`);
  if (length === 0 || reader.isBroken) return;
  reader.group(name, () => {
    reader.within(length, () => {
      while (0 < reader.left) property(reader);
    });
  });
}

function property(reader: FieldReader): void {
  const id = reader.peek();
  const [name, type] = properties[id] ?? [`property ${id}`, 'unknown'];
  reader.skip(1);
  switch (type) {
    case 'byte':
      reader.u8(name);
      return;
    case 'two bytes':
      reader.u16(name);
      return;
    case 'four bytes':
      reader.u32(name);
      return;
    case 'variable':
      variable(reader, name);
      return;
    case 'text':
      reader.prefixedText(name, 2);
      return;
    case 'pair':
      reader.group(name, () => `${reader.prefixedText('key', 2)} = ${reader.prefixedText('value', 2)}`, (value) => value);
      return;
    case 'data':
      reader.prefixedData(name, 2);
      return;
    case 'secret': {
      reader.secret(name, reader.u16(`${name} length`));
      return;
    }
    case 'unknown':
      reader.problem('error', say`${id} is no property of MQTT 5`, reader.at - 1, reader.at);
      reader.rest();
  }
}

/** Variable byte integer (§1.5.5). */
function variable(reader: FieldReader, name: string): number {
  const start = reader.at;
  let value = 0;
  for (let i = 0, scale = 1; i < 4; i++, scale *= 128) {
    const byte = reader.peek();
    reader.skip(1);
    if (byte < 0) return 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  reader.add(name, start, reader.at, String(value), undefined, value);
  return value;
}
