// DNS over TCP (RFC 1035 §4, §4.2.2; RFC 6891 EDNS; RFC 9460 SVCB): questions, answers, records by type.

import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Dissector, type Input, type Next } from './dissector.js';
import { classNames, opcodes, optionNames, recordTypes, responseCodes } from './dnsNames.js';
import { FieldReader } from './fieldReader.js';

/** A message has 65,535 bytes and two of length at most. */
const maxMessageBytes = 65_537;
const headerBytes = 12;

export const dns: Dissector<null> = {
  id: 'dns',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

/** A length of at least a header, an opcode and response code that exist, and few questions. */
function mayStart(_state: null, { bytes, at, end, from }: Input): Verdict {
  if (end - at < 8) return 'more';
  const length = (bytes[at]! << 8) | bytes[at + 1]!;
  const isAnswer = (bytes[at + 4]! & 0x80) !== 0;
  const opcode = (bytes[at + 4]! >> 3) & 15;
  const questions = (bytes[at + 6]! << 8) | bytes[at + 7]!;
  return headerBytes < length && isAnswer === (from === 'upstream') && opcode < 7 && questions <= 1 && (bytes[at + 5]! & 0x40) === 0 ? 'match' : 'no';
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  if (end - at < 2) return 2;
  const size = (bytes[at]! << 8) | bytes[at + 1]!;
  const length = size + 2;
  if (size < headerBytes) return { lost: say`a DNS message has ${headerBytes} bytes or more, not ${size}` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  const start = at + 2;
  reader.u16('length');
  const id = reader.u16('id', (value) => `0x${value.toString(16).padStart(4, '0')}`);
  const flags = reader.u16('flags', flagWords);
  const isAnswer = (flags & 0x8000) !== 0;
  const counts = ['questions', 'answers', 'authorities', 'additionals'].map((name) => reader.u16(name));
  const asked: string[] = [];
  const found: string[] = [];
  for (let i = 0; i < counts[0]! && 0 < reader.left; i++) reader.group('question', () => question(reader, start, asked), (text) => text);
  for (const [section, name] of ['answer', 'authority', 'additional'].entries()) {
    for (let i = 0; i < counts[section + 1]! && 0 < reader.left; i++) {
      reader.group(name, () => record(reader, start, section === 0 ? found : undefined), (text) => text);
    }
  }
  reader.rest();
  const code = flags & 15;
  const codeWord = responseCodes[code] ?? `code ${code}`;
  if (isAnswer && code !== 0) reader.problem(code === 3 ? 'warning' : 'error', verbatim(codeWord), at + 4, at + 6);
  const opcode = (flags >> 11) & 15;
  const verb = opcode === 0 ? '' : `${opcodes[opcode] ?? `opcode ${opcode}`} `;
  const words = asked.slice(0, 4).join(', ');
  const summary = isAnswer
    ? `${verb}${words}${words === '' ? '' : ' '}${code === 0 ? (found.length === 0 ? 'no answer' : `= ${found.slice(0, 6).join(', ')}${6 < found.length ? ', …' : ''}`) : codeWord}`
    : `${verb}${words}`;
  // A zone transfer answers one question with many messages (RFC 5936 §2.2).
  const isTransfer = asked.some((text) => /^[AI]XFR /.test(text));
  return {
    length,
    kind: isAnswer ? 'answer' : 'request',
    summary,
    fields: reader.fields,
    problems: reader.problems,
    ...(isAnswer ? { answers: id, ...(isTransfer ? { isPartial: true } : {}) } : { asks: id }),
  };
}

function flagWords(flags: number): string {
  const words = [
    (flags & 0x8000) !== 0 ? 'response' : 'query', (flags & 0x0400) !== 0 && 'authoritative', (flags & 0x0200) !== 0 && 'truncated', (flags & 0x0100) !== 0 && 'recursion desired',
    (flags & 0x0080) !== 0 && 'recursion available', (flags & 0x0020) !== 0 && 'authentic data', (flags & 0x0010) !== 0 && 'checking disabled',
  ];
  return words.filter((word) => word !== false).join(', ');
}

function question(reader: FieldReader, start: number, asked: string[]): string {
  const name = domain(reader, start, 'name');
  const type = reader.u16('type', (value) => typeName(value));
  reader.u16('class', classNames);
  const text = `${typeName(type)} ${name}`;
  if (asked.length < 16) asked.push(text);
  return text;
}

/** @param found receives what the answer is, in a word or two */
function record(reader: FieldReader, start: number, found: string[] | undefined): string {
  const name = domain(reader, start, 'name');
  const type = reader.u16('type', (value) => typeName(value));
  // OPT uses class and TTL for something else (RFC 6891 §6.1.2).
  if (type === 41) {
    reader.u16('payload size');
    reader.u32('extended flags', (value) => `version ${(value >>> 16) & 0xff}${(value & 0x8000) !== 0 ? ', DNSSEC ok' : ''}`);
  } else {
    reader.u16('class', classNames);
    reader.u32('ttl', (value) => `${value} s`);
  }
  const length = reader.u16('data length');
  const value = reader.within(length, () => recordData(reader, start, type)) ?? '';
  if (found !== undefined && found.length < 16) found.push(value === '' ? typeName(type) : value);
  return `${typeName(type)} ${name}${value === '' ? '' : ` = ${value}`}`;
}

function recordData(reader: FieldReader, start: number, type: number): string {
  switch (type) {
    case 1: {
      const view = reader.value('address', 4, (bytes) => [...bytes].join('.'));
      return [...view].join('.');
    }
    case 28:
      return lastText(reader, () => reader.value('address', 16, ipv6));
    case 2:
    case 5:
    case 12:
    case 39:
      return domain(reader, start, 'name');
    case 15:
      return `${reader.u16('preference')} ${domain(reader, start, 'exchange')}`;
    case 16: {
      const texts: string[] = [];
      while (0 < reader.left) texts.push(reader.prefixedText('text', 1));
      return JSON.stringify(texts.join(''));
    }
    case 33: {
      const priority = reader.u16('priority');
      const weight = reader.u16('weight');
      const port = reader.u16('port');
      return `${priority} ${weight} ${domain(reader, start, 'target')}:${port}`;
    }
    case 6: {
      const primary = domain(reader, start, 'primary server');
      domain(reader, start, 'mailbox');
      for (const name of ['serial', 'refresh', 'retry', 'expire', 'minimum']) reader.u32(name);
      return primary;
    }
    case 257: {
      reader.u8('flags');
      const tag = reader.prefixedText('tag', 1);
      return `${tag} ${reader.text('value', reader.left)}`;
    }
    case 64:
    case 65: {
      const priority = reader.u16('priority');
      const target = domain(reader, start, 'target');
      while (0 < reader.left) {
        const key = reader.u16('parameter', { 0: 'mandatory', 1: 'alpn', 2: 'no-default-alpn', 3: 'port', 4: 'ipv4hint', 5: 'ech', 6: 'ipv6hint' });
        if (key === 3 && reader.peek() === 0 && reader.peek(1) === 2) {
          reader.skip(2);
          reader.u16('port');
        } else {
          reader.prefixedData('value', 2);
        }
      }
      return `${priority} ${target}`;
    }
    case 41:
      while (0 < reader.left) {
        reader.u16('option', optionNames);
        reader.prefixedData('value', 2);
      }
      return '';
    default:
      reader.rest('data');
      return '';
  }
}

/** Labels, with pointers to where the rest of the name stands (RFC 1035 §4.1.4). A pointer goes back only, so that no loop is possible. */
function domain(reader: FieldReader, start: number, name: string): string {
  const { bytes } = reader;
  const from = reader.at;
  const labels: string[] = [];
  let at = reader.at;
  let limit = reader.end;
  let stop = -1;
  let length = 0;
  for (;;) {
    if (limit <= at) return broken(reader, from, say`${name}: a name has no end`);
    const size = bytes[at]!;
    if (size === 0) {
      at += 1;
      break;
    }
    if ((size & 0xc0) === 0xc0) {
      if (limit <= at + 1) return broken(reader, from, say`${name}: a pointer is cut off`);
      const target = start + (((size & 0x3f) << 8) | bytes[at + 1]!);
      if (stop < 0) stop = at + 2;
      // Only to what stands before: the start of this name at the furthest.
      if (at <= target || target < start) return broken(reader, from, say`${name}: a pointer does not go back`);
      limit = at;
      at = target;
      continue;
    }
    if ((size & 0xc0) !== 0) return broken(reader, from, say`${name}: a label starts with reserved bits`);
    if (limit < at + 1 + size) return broken(reader, from, say`${name}: a label is cut off`);
    length += size + 1;
    if (255 < length) return broken(reader, from, say`${name}: a name is longer than 255 bytes`);
    let label = '';
    for (let i = at + 1; i <= at + size; i++) {
      const byte = bytes[i]!;
      label += byte === 0x2e || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : byte <= 0x20 || 0x7e < byte ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte);
    }
    labels.push(label);
    at += 1 + size;
  }
  const text = labels.length === 0 ? '.' : labels.join('.');
  const end = stop < 0 ? at : stop;
  reader.add(name, from, end, text);
  reader.at = end;
  return text;
}

function broken(reader: FieldReader, from: number, why: Sentence): string {
  reader.problem('error', why, from, Math.min(from + 1, reader.end));
  reader.isBroken = true;
  return '?';
}

function lastText(reader: FieldReader, read: () => unknown): string {
  read();
  return reader.isBroken ? '' : (reader.fields[reader.fields.length - 1]?.text ?? '');
}

/** RFC 5952. */
function ipv6(view: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (((view[2 * i] ?? 0) << 8) | (view[2 * i + 1] ?? 0)).toString(16));
  const runs = groups.join(':').match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (best.length < run.length ? run : best), '');
  return longest === '' ? groups.join(':') : groups.join(':').replace(longest, ':').replace(/^:$/, '::').replace(/^:(?!:)/, '::').replace(/([^:]):$/, '$1::').replace(/:{3,}/, '::');
}

function typeName(type: number): string {
  return recordTypes[type] ?? `TYPE${type}`;
}
