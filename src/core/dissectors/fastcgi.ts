// FastCGI (FastCGI Specification 1.0, §3, §8): records by request id, name-value pairs, streams of the standard files.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import type { Decoded, Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { viewPayload } from './payload/view.js';

/** A record has 8 bytes of header, 65,535 of content and 255 of padding at most. */
const maxMessageBytes = 8 + 65_535 + 255;

const typeNames: Readonly<Record<number, string>> = {
  1: 'BEGIN_REQUEST', 2: 'ABORT_REQUEST', 3: 'END_REQUEST', 4: 'PARAMS', 5: 'STDIN', 6: 'STDOUT', 7: 'STDERR', 8: 'DATA', 9: 'GET_VALUES', 10: 'GET_VALUES_RESULT', 11: 'UNKNOWN_TYPE',
};
const roles: Readonly<Record<number, string>> = { 1: 'responder', 2: 'authorizer', 3: 'filter' };
const statuses: Readonly<Record<number, string>> = { 0: 'request complete', 1: 'cannot multiplex', 2: 'overloaded', 3: 'unknown role' };

export const fastcgi: Dissector<null> = {
  id: 'fastcgi',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

/** Version 1, a type that this side sends, reserved byte 0. */
function mayStart(_state: null, { bytes, at, end, from }: Input): Verdict {
  if (bytes[at] !== 1) return 'no';
  if (end - at < 8) return 'more';
  const type = bytes[at + 1]!;
  const isOwn = from === 'client' ? type === 1 || type === 2 || type === 4 || type === 5 || type === 8 || type === 9 : type === 3 || type === 6 || type === 7 || type === 10 || type === 11;
  return isOwn && bytes[at + 7] === 0 ? 'match' : 'no';
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  if (bytes[at] !== 1) return { lost: say`${bytes[at]} is no version of FastCGI` };
  if (end - at < 8) return 8;
  const type = bytes[at + 1]!;
  if (typeNames[type] === undefined) return { lost: say`${type} is no type of record` };
  const length = 8 + ((bytes[at + 4]! << 8) | bytes[at + 5]!) + bytes[at + 6]!;
  if (end - at < length) return length;
  const reader = FieldReader.of(input, length);
  reader.u8('version');
  reader.u8('type', typeNames);
  const id = reader.u16('request id');
  const size = reader.u16('content length');
  const padding = reader.u8('padding length');
  reader.u8('reserved');
  const told = reader.within(size, () => content(reader, type, id, size)) ?? { summary: typeNames[type]! };
  if (0 < padding) reader.data('padding', padding);
  return { length, kind: 'notice', fields: reader.fields, problems: reader.problems, ...(id === 0 ? {} : { stream: id }), ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

function content(reader: FieldReader, type: number, id: number, size: number): Told {
  const on = id === 0 ? '' : ` · request ${id}`;
  const name = typeNames[type]!;
  switch (type) {
    case 1: {
      const role = reader.u16('role', roles);
      reader.u8('flags', (flags) => ((flags & 1) !== 0 ? 'keep connection' : 'none'));
      reader.data('reserved', Math.min(5, reader.left));
      return { summary: `${name} ${roles[role] ?? role}${on}`, kind: 'request', asks: id };
    }
    case 3: {
      const status = reader.u32('application status');
      const protocol = reader.u8('protocol status', statuses);
      reader.data('reserved', Math.min(3, reader.left));
      if (protocol !== 0) reader.problem('error', verbatim(statuses[protocol] ?? `status ${protocol}`), reader.at - 4, reader.at);
      return { summary: `${name} ${statuses[protocol] ?? protocol}${status === 0 ? '' : `, exit ${status}`}${on}`, kind: 'answer', answers: id };
    }
    case 4:
    case 9:
    case 10: {
      const pairs = nameValues(reader);
      const request = [pairs['REQUEST_METHOD'], pairs['REQUEST_URI'] ?? pairs['SCRIPT_NAME']].filter((part) => part !== undefined).join(' ');
      return { summary: `${name}${size === 0 ? ' end' : request === '' ? ` ${Object.keys(pairs).length} values` : ` ${request}`}${on}`, ...(type === 9 ? { kind: 'request', asks: 'values' } : type === 10 ? { kind: 'answer', answers: 'values' } : {}) };
    }
    case 5:
    case 6:
    case 7:
    case 8: {
      const start = reader.at;
      const bytes = reader.bytes.slice(start, start + size);
      const word = size === 0 ? 'end' : `${viewPayload(reader, size, '', true)} · ${size} bytes`;
      if (type === 7 && 0 < size) reader.problem('warning', say`the application wrote to its standard error`, start, start + size);
      return {
        summary: `${name} ${word}${on}`,
        ...(type === 6 ? { kind: 'answer', answers: id, isPartial: true } : {}),
        ...(size === 0 ? {} : { content: { bytes, mediaType: '', range: reader.range(start, start + size), isDecoded: false } }),
      };
    }
    case 11:
      reader.u8('unknown type');
      reader.rest('reserved');
      return { summary: name, kind: 'answer' };
    default:
      return { summary: `${name}${on}` };
  }
}

/** §3.4: lengths of one byte, or of four with the top bit set. Values of what may hold credentials are masked. */
function nameValues(reader: FieldReader): Record<string, string> {
  const pairs: Record<string, string> = {};
  while (0 < reader.left) {
    const start = reader.at;
    const nameBytes = size(reader);
    const valueBytes = size(reader);
    if (nameBytes === undefined || valueBytes === undefined || reader.left < nameBytes + valueBytes) {
      reader.at = start;
      reader.problem('note', say`a pair goes on in the next record`, start, reader.end);
      reader.rest();
      break;
    }
    let name = '';
    for (let i = 0; i < nameBytes && i < 100; i++) name += String.fromCharCode(reader.peek(i));
    reader.skip(nameBytes);
    const isSecret = /^(HTTP_AUTHORIZATION|HTTP_COOKIE|PHP_AUTH_PW)$/.test(name);
    if (isSecret) reader.secret(name, valueBytes);
    else {
      const value = reader.text(name === '' ? '(no name)' : name, valueBytes);
      if (Object.keys(pairs).length < 64) Object.defineProperty(pairs, name, { value, enumerable: true, configurable: true });
    }
  }
  return pairs;
}

function size(reader: FieldReader): number | undefined {
  const first = reader.peek();
  if (first < 0) return undefined;
  if (first < 0x80) {
    reader.skip(1);
    return first;
  }
  if (reader.left < 4) return undefined;
  const value = ((first & 0x7f) << 24) | (reader.peek(1) << 16) | (reader.peek(2) << 8) | reader.peek(3);
  reader.skip(4);
  return value;
}
