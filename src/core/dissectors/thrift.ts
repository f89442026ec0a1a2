// Thrift (thrift-rpc.md): the binary and the compact protocol, plain, framed or behind a THeader.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { thrift as protocol } from '../protocols/thrift.js';
import { counted } from './counts.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { header } from './thriftHeader.js';
import { longestBytes, measure } from './thriftMeasure.js';
import { messageTypes } from './thriftTypes.js';
import { fieldWords, nameField, structFields, valueWords, varintField } from './thriftValues.js';

/** Calls are shown by their first bytes; a blob of megabytes says no more in full. */
const maxMessageBytes = 512 << 10;

/** Types of TApplicationException (thrift-rpc.md, "Exceptions"). */
const failures: Readonly<Record<number, string>> = {
  0: 'unknown', 1: 'unknown method', 2: 'invalid message type', 3: 'wrong method name', 4: 'bad sequence id', 5: 'missing result', 6: 'internal error',
  7: 'protocol error', 8: 'invalid transform', 9: 'invalid protocol', 10: 'unsupported client type',
};

export const thrift: Dissector<null> = {
  id: 'thrift',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

/** As the protocol is recognised: version, type and the characters of a name. */
function mayStart(_state: null, { bytes, at, end, from }: Input): Verdict {
  const first = bytes[at]!;
  if (first !== 0x80 && first !== 0x82 && first !== 0) return 'no';
  const matcher = from === 'client' ? protocol.client! : protocol.server!;
  return matcher.match(bytes.subarray(at, Math.min(end, at + matcher.maxBytes)), false);
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  const first = bytes[at]!;
  if (first === 0x80 || first === 0x82) return unframed(input);
  if (end - at < 4) return 4;
  const size = ((first << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  if (size === 0) return { length: 4, kind: 'notice', summary: 'empty frame', fields: [], problems: [] };
  if (end - at < 5) return 5;
  const inner = bytes[at + 4]!;
  // An old message without version begins with the length of its name: a small number in a frame, or the name without one.
  if (inner === 0x80 || inner === 0x82 || inner === 0x0f || inner === 0) return framed(input, size);
  return isNameByte(inner) ? unframed(input) : { lost: say`this starts no message and no frame` };
}

function isNameByte(byte: number): boolean {
  return (0x61 <= byte && byte <= 0x7a) || (0x41 <= byte && byte <= 0x5a) || byte === 0x5f;
}

function unframed(input: Input): Next {
  const { bytes, at, end } = input;
  const measured = measure(bytes, at, end, maxMessageBytes);
  if ('lost' in measured) return measured;
  if ('needs' in measured) return measured.needs;
  const { length } = measured;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  return told(reader, length, message(reader, maxMessageBytes < length));
}

function framed(input: Input, size: number): Next {
  if (longestBytes < size) return { lost: say`no frame has ${size} bytes` };
  const length = size + 4;
  if (!available(input, length, maxMessageBytes)) return length;
  const isCut = maxMessageBytes < length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  reader.u32('frame size');
  if (reader.peek() !== 0x0f) return told(reader, length, message(reader, isCut));
  const { sequence, inner, isCut: isPlainCut = isCut } = header(reader, input, isCut);
  if (inner === undefined) return told(reader, length, { kind: 'notice', summary: `THeader #${sequence}` });
  const inside = message(inner, isPlainCut);
  if (inner !== reader) {
    reader.fields.push(...inner.fields);
    reader.problems.push(...inner.problems);
  }
  // Answers are found by the header's number: that inside may be the same for all.
  return told(reader, length, { ...inside, ...(inside.asks === undefined ? {} : { asks: sequence }), ...(inside.answers === undefined ? {} : { answers: sequence }) });
}

type Told = Pick<Decoded, 'kind' | 'summary' | 'asks' | 'answers'>;

function told(reader: FieldReader, length: number, what: Told): Decoded {
  // What breaks a message is shown with it.
  reader.isBroken = false;
  reader.rest();
  return { length, fields: reader.fields, problems: reader.problems, ...what };
}

/** A message of either protocol, to its end. */
function message(reader: FieldReader, isCut: boolean): Told {
  const isCompact = reader.peek() === 0x82;
  let type = 0;
  let sequence = 0;
  let method = '';
  if (isCompact) {
    reader.value('protocol', 1, () => 'compact');
    const byte = reader.u8('type', (value) => `${messageTypes[value >> 5] ?? 'type'} (${value >> 5}), version ${value & 0x1f}`);
    type = byte >> 5;
    // Writers give the 32 bits of a signed number as they are, without zigzag.
    sequence = varintField(reader, 'sequence id', (value) => Number(value) | 0);
    method = nameField(reader, true, 'method');
  } else {
    const isStrict = reader.peek() === 0x80;
    if (isStrict) {
      // The third byte is not used.
      reader.value('protocol', 3, (view) => `binary, version ${view[1]}`);
      type = reader.u8('type', messageTypes);
    }
    method = nameField(reader, false, 'method');
    if (!isStrict) type = reader.u8('type', messageTypes);
    sequence = reader.i32('sequence id');
  }
  if (reader.isBroken) return { kind: 'notice', summary: method === '' ? 'message' : method };
  if (messageTypes[type] === undefined) {
    reader.problem('error', say`${type} is no type of a message`, reader.at, reader.at);
    return { kind: 'notice', summary: `type ${type} ${method}` };
  }
  const before = reader.problems.length;
  const outer = reader.fields;
  reader.group(type === 2 ? 'result' : type === 3 ? 'exception' : 'arguments', () => structFields(reader, isCompact), (count) => counted(count, 'field'));
  if (isCut) {
    reader.problems.length = before;
    reader.problem('note', say`the message is longer than what is decoded of it`, reader.at, reader.at);
  }
  const fields = outer[outer.length - 1]?.fields ?? [];
  switch (type) {
    case 1:
      return { kind: 'request', summary: `${method}(${fieldWords(fields)})`, asks: sequence };
    case 4:
      return { kind: 'notice', summary: `${method}(${fieldWords(fields)}) · oneway` };
    case 2:
      return { kind: 'answer', summary: `${method} → ${resultWords(reader, fields)}`, answers: sequence };
    default:
      return { kind: 'answer', summary: `${method} failed: ${failureWords(reader, fields)}`, answers: sequence };
  }
}

type Fields = FieldReader['fields'];

/** The result is field 0; other fields are exceptions that the method declares. */
function resultWords(reader: FieldReader, fields: Fields): string {
  const first = fields[0];
  if (first === undefined) return 'void';
  if (first.name === '0') return valueWords(first);
  const words = `exception ${first.name}: ${valueWords(first)}`;
  reader.problems.push({ severity: 'error', text: verbatim(words), range: first.range });
  return words;
}

/** TApplicationException: 1 = message, 2 = type. */
function failureWords(reader: FieldReader, fields: Fields): string {
  const text = fields.find(({ name }) => name === '1')?.text ?? '';
  const type = fields.find(({ name }) => name === '2');
  if (type !== undefined) type.text = `${failures[Number(type.text)] ?? 'type'} (${type.text})`;
  const words = [type?.text ?? 'exception', text].filter((word) => word !== '').join(': ');
  const range = fields[0]?.range ?? reader.range(reader.at, reader.at);
  reader.problems.push({ severity: 'error', text: verbatim(words), range });
  return words;
}
