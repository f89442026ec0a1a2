// AMQP 0-9-1 (AMQP 0-9-1 specification §2.3, §4.2): protocol header, method, header, body and heartbeat frames by channel.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { methods, properties, type AmqpMethod } from './amqpMethods.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { viewPayload } from './payload/view.js';

/** RabbitMQ's frames are 128 KiB at most by default (frame_max). */
const maxMessageBytes = 256 << 10;
const frameEnd = 0xce;
/** Channels of which it is remembered what content they carry. */
const maxChannels = 4096;

interface AmqpState {
  /** media type of the content that a channel carries, by speaker and channel, while its body comes in one frame */
  content: Record<string, { mediaType: string; size: number }>;
}

export const amqp: Dissector<AmqpState> = {
  id: 'amqp',
  maxMessageBytes,
  start: () => ({ content: {} }),
  next,
  mayStart,
};

/** A frame of a known type with a small channel number, and what its type must begin with. */
function mayStart(_state: AmqpState, { bytes, at, end }: Input): Verdict {
  const type = bytes[at]!;
  if (type !== 1 && type !== 2 && type !== 8) return 'no';
  if (end - at < 8) return 'more';
  if (type === 8) return bytes[at + 7] === frameEnd ? 'match' : 'no';
  if ((bytes[at + 1]! & 0xf0) !== 0 || bytes[at + 3] !== 0) return 'no';
  if (end - at < 11) return 'more';
  const group = (bytes[at + 7]! << 8) | bytes[at + 8]!;
  if (type === 2) return group === 60 ? 'match' : 'no';
  return methods[group * 1000 + ((bytes[at + 9]! << 8) | bytes[at + 10]!)] === undefined ? 'no' : 'match';
}

function next(state: AmqpState, input: Input): Next {
  const { bytes, at, end } = input;
  if (bytes[at] === 0x41) return protocolHeader(input);
  if (end - at < 7) return 7;
  const type = bytes[at]!;
  const size = ((bytes[at + 3]! << 24) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!) >>> 0;
  if (type !== 1 && type !== 2 && type !== 3 && type !== 8) return { lost: say`${type} is no type of frame` };
  const length = size + 8;
  if (!available(input, length, maxMessageBytes)) return length;
  if (length <= end - at && length <= maxMessageBytes && bytes[at + length - 1] !== frameEnd) return { lost: say`no frame-end byte stands behind the frame` };
  const reader = FieldReader.of(input, length);
  reader.u8('frame type', { 1: 'method', 2: 'header', 3: 'body', 8: 'heartbeat' });
  const channel = reader.u16('channel');
  reader.u32('size');
  const stop = Math.min(at + length - 1, reader.end);
  reader.end = stop;
  const told = frame(state, reader, type, channel, size, input);
  reader.rest();
  return { length, kind: 'notice', fields: reader.fields, problems: reader.problems, ...(channel === 0 ? {} : { stream: channel }), ...told };
}

/** §4.2.2: `AMQP`, 0, and the version; a server that wants another answers with its own. */
function protocolHeader(input: Input): Next {
  const { bytes, at, end } = input;
  const wanted = [0x41, 0x4d, 0x51, 0x50];
  for (let i = 0; i < 4 && at + i < end; i++) if (bytes[at + i] !== wanted[i]) return { lost: say`this starts no frame and is no protocol header` };
  if (end - at < 8) return 8;
  const reader = FieldReader.of(input, 8);
  reader.latin1('protocol', 4);
  reader.u8('id');
  const major = reader.u8('major');
  const minor = reader.u8('minor');
  const revision = reader.u8('revision');
  const isServer = input.from === 'upstream';
  if (isServer) reader.problem('error', say`the server wants another version`, at, at + 8);
  return { length: 8, kind: isServer ? 'answer' : 'request', summary: `AMQP ${major}-${minor}-${revision}`, fields: reader.fields, problems: reader.problems, ...(isServer ? { answers: 'header' } : { asks: 'header' }) };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

function frame(state: AmqpState, reader: FieldReader, type: number, channel: number, size: number, input: Input): Told {
  const on = channel === 0 ? '' : ` · channel ${channel}`;
  const key = `${input.from} ${channel}`;
  switch (type) {
    case 1: {
      const group = reader.u16('class');
      const number = reader.u16('method');
      const found = methods[group * 1000 + number];
      if (found === undefined) {
        reader.problem('warning', say`class ${group} has no method ${number}`, reader.at - 4, reader.at);
        return { summary: `method ${group}.${number}${on}` };
      }
      return method(reader, found, channel, on);
    }
    case 2: {
      const told = contentHeader(reader);
      if (state.content[key] !== undefined || Object.keys(state.content).length < maxChannels) state.content[key] = told;
      return { summary: `content header · ${told.mediaType === '' ? 'bytes' : told.mediaType} · ${told.size} bytes${on}` };
    }
    case 3: {
      const known = state.content[key];
      delete state.content[key];
      const isWhole = known?.size === size;
      const start = reader.at;
      const bytes = reader.bytes.slice(start, reader.end);
      const word = viewPayload(reader, reader.left, isWhole ? known.mediaType : '', !isWhole || reader.left < size);
      return {
        summary: `body · ${word === '' ? 'empty' : word} · ${size} bytes${on}`,
        ...(isWhole && bytes.length === size ? { content: { bytes, mediaType: known.mediaType, range: reader.range(start, start + bytes.length), isDecoded: false } } : {}),
      };
    }
    default:
      return { summary: 'heartbeat' };
  }
}

/** Channel numbers and class pair methods: a channel has one synchronous method under way at a time (§2.2.2 of the reference). */
function method(reader: FieldReader, found: AmqpMethod, channel: number, on: string): Told {
  const start = reader.at;
  const values: Record<string, string> = {};
  for (const arg of found.args) {
    const blank = arg.indexOf(' ');
    const name = arg.slice(blank + 1);
    const text = argument(reader, arg.slice(0, blank), name);
    if (name !== 'reserved') values[name] = text;
  }
  const isError = /\.close$/.test(found.name) && values['reply code'] !== '200' && values['reply code'] !== '0';
  if (isError || found.name === 'basic.return') reader.problem('error', verbatim(`${values['reply code']} ${values['reply text']}`), start, reader.at);
  const words = summaryOf(found.name, values);
  const key = `${channel} ${found.name.replace(/-(ok|empty)$/, '')}`;
  const isAsked = found.asks === true && !(values['flags']?.includes('no wait') ?? false);
  return {
    summary: `${words}${on}`,
    kind: isAsked ? 'request' : found.answers === true ? 'answer' : 'notice',
    ...(isAsked ? { asks: key } : found.answers === true ? { answers: key } : {}),
  };
}

function summaryOf(name: string, values: Readonly<Record<string, string>>): string {
  const to = (exchange: string | undefined, key: string | undefined): string => `${exchange === '' || exchange === undefined ? '(default)' : exchange}${key === '' || key === undefined ? '' : ` → ${key}`}`;
  switch (name) {
    case 'basic.publish':
    case 'basic.deliver':
    case 'basic.return':
    case 'basic.get-ok':
      return `${name} ${to(values['exchange'], values['routing key'])}${values['delivery tag'] === undefined ? '' : ` #${values['delivery tag']}`}`;
    case 'basic.ack':
    case 'basic.nack':
    case 'basic.reject':
      return `${name} #${values['delivery tag']}${values['flags'] === '' || values['flags'] === undefined ? '' : ` ${values['flags']}`}`;
    case 'queue.bind':
      return `${name} ${values['queue']} ← ${to(values['exchange'], values['routing key'])}`;
    case 'connection.close':
    case 'channel.close':
      return `${name} ${values['reply code']} ${values['reply text']}`;
    default: {
      const shown = values['queue'] ?? values['exchange'] ?? values['virtual host'] ?? values['mechanism'] ?? values['consumer tag'];
      return shown === undefined || shown === '' ? name : `${name} ${shown}`;
    }
  }
}

/** @returns the value as text */
function argument(reader: FieldReader, type: string, name: string): string {
  switch (type) {
    case 'octet':
      return String(reader.u8(name));
    case 'short':
      return String(reader.u16(name));
    case 'long':
      return String(reader.u32(name));
    case 'longlong':
      return String(reader.u64(name));
    case 'shortstr':
      return reader.prefixedText(name, 1);
    case 'longstr':
      return reader.prefixedText(name, 4);
    case 'secret':
      reader.secret(name, reader.u32(`${name} length`));
      return '';
    case 'table':
      table(reader, name);
      return '';
    default: {
      // Consecutive bits share an octet, the first one lowest (§4.2.5.2).
      const names = name.split('|');
      const value = reader.u8('flags', (bits) => names.filter((_, i) => (bits & (1 << i)) !== 0).join(', ') || 'none');
      return names.filter((_, i) => (value & (1 << i)) !== 0).join(', ');
    }
  }
}

/** §4.2.5.5: names and typed values. */
function table(reader: FieldReader, name: string): void {
  reader.group(name, () => {
    const length = reader.u32('length');
    reader.within(length, () => {
      while (0 < reader.left) value(reader, shortString(reader));
    });
  });
}

function shortString(reader: FieldReader): string {
  const length = reader.peek();
  let text = '';
  for (let i = 1; i <= length && 0 <= reader.peek(i); i++) text += String.fromCharCode(reader.peek(i));
  reader.skip(1 + Math.max(0, length));
  return text === '' ? '(no name)' : text;
}

function value(reader: FieldReader, name: string): void {
  const type = String.fromCharCode(Math.max(0, reader.peek()));
  reader.skip(1);
  switch (type) {
    case 't': reader.u8(name, (flag) => (flag === 0 ? 'false' : 'true')); return;
    case 'b': reader.i8(name); return;
    case 'B': reader.u8(name); return;
    case 's':
    case 'U': reader.i16(name); return;
    case 'u': reader.u16(name); return;
    case 'I': reader.i32(name); return;
    case 'i': reader.u32(name); return;
    case 'L':
    case 'l': reader.i64(name); return;
    case 'f': reader.f32(name); return;
    case 'd': reader.f64(name); return;
    case 'D': reader.value(name, 5, (view) => `${((view[1]! << 24) | (view[2]! << 16) | (view[3]! << 8) | view[4]!) / 10 ** view[0]!}`); return;
    case 'S': reader.prefixedText(name, 4); return;
    case 'x': reader.prefixedData(name, 4); return;
    case 'T': reader.u64(name, (seconds) => timeText(seconds)); return;
    case 'F': table(reader, name); return;
    case 'A':
      reader.group(name, () => {
        const length = reader.u32('length');
        reader.within(length, () => {
          while (0 < reader.left) value(reader, 'element');
        });
      });
      return;
    case 'V': reader.add(name, reader.at - 1, reader.at, 'null'); return;
    default:
      reader.problem('error', say`0x${type.charCodeAt(0).toString(16)} is no type of a field`, reader.at, reader.at);
      reader.rest(name);
  }
}

function timeText(seconds: bigint): string {
  return seconds < 253402300800n ? new Date(Number(seconds) * 1000).toISOString() : String(seconds);
}

/** §4.2.6.1. */
function contentHeader(reader: FieldReader): { mediaType: string; size: number } {
  reader.u16('class');
  reader.u16('weight');
  const size = Number(reader.u64('body size'));
  const flags = reader.u16('property flags', (bits) => properties.filter((_, i) => (bits & (0x8000 >> i)) !== 0).map(([name]) => name).join(', ') || 'none');
  let mediaType = '';
  properties.forEach(([name, type], i) => {
    if ((flags & (0x8000 >> i)) === 0) return;
    const text = name === 'timestamp' ? timeText(reader.u64(name, timeText)) : argument(reader, type, name);
    if (name === 'content type') mediaType = text;
  });
  return { mediaType, size };
}
