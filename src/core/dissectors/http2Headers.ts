// Header sections of HTTP/2 (RFC 9113 §8): a block becomes fields, and what the rest of the connection must know of it.

import { say } from '../../shared/sentences.js';
import { forgetTable, readBlock, type HeaderField, type Representation } from '../protocols/hpack.js';
import type { FieldReader } from './fieldReader.js';
import { maskedValue } from './http1Head.js';
import type { Side } from './http2Streams.js';
import { isSecretName, maskedText } from './payload/values.js';

/** What is looked up in a header section; '' where it is not there. */
export interface Head {
  method: string;
  scheme: string;
  authority: string;
  path: string;
  /** of extended CONNECT (RFC 8441 §4) */
  protocol: string;
  status: string;
  contentType: string;
  contentEncoding: string;
  contentLength: string;
  grpcEncoding: string;
  grpcStatus: string;
  grpcMessage: string;
  /** names of its fields, the first ones */
  names: string[];
  /** a name or value is not known, or the block is broken */
  isPartial: boolean;
}

const known: Readonly<Record<string, Exclude<keyof Head, 'names' | 'isPartial'>>> = {
  ':method': 'method', ':scheme': 'scheme', ':authority': 'authority', ':path': 'path', ':protocol': 'protocol', ':status': 'status',
  'content-type': 'contentType', 'content-encoding': 'contentEncoding', 'content-length': 'contentLength',
  'grpc-encoding': 'grpcEncoding', 'grpc-status': 'grpcStatus', 'grpc-message': 'grpcMessage',
};
const knownNames = new Map(Object.entries(known));

/** Names that are kept for a summary of trailers. */
const maxNames = 8;

/**
 * Reads the next `length` bytes as a header block, or as the last piece of one.
 *
 * @param earlier the pieces of it that came in frames before: what was made from them has no place in this one
 */
export function headerBlock(reader: FieldReader, side: Side, length: number, earlier: Uint8Array | undefined): Head {
  const head: Head = { method: '', scheme: '', authority: '', path: '', protocol: '', status: '', contentType: '', contentEncoding: '', contentLength: '', grpcEncoding: '', grpcStatus: '', grpcMessage: '', names: [], isPartial: false };
  const start = reader.at;
  const stop = start + length;
  const before = earlier?.length ?? 0;
  const block = earlier === undefined ? reader.bytes : joined(earlier, reader.bytes, start, stop);
  // Positions in a joined block lie this much before those in the frame.
  const shift = earlier === undefined ? 0 : start - before;
  const [from, to] = earlier === undefined ? [start, stop] : [0, block.length];
  let count = 0;
  reader.group('headers', () => {
    const fault = readBlock(side.table, block, from, to, (field, at, end, as) => {
      count += 1;
      const first = at + shift < start ? start : at + shift;
      headerField(reader, head, field, first, end + shift < first ? first : end + shift, as);
      return true;
    });
    if (head.isPartial) reader.problem('note', say`some of it was said in header blocks that are missing`, start, stop);
    if (fault !== undefined) {
      // Later blocks lean on what this one should have put into the table.
      forgetTable(side.table);
      head.isPartial = true;
      reader.problem('error', say`header compression: ${fault}`, start, stop);
    }
    reader.at = stop;
  }, () => (count === 1 ? '1 field' : `${count} fields`));
  return head;
}

function headerField(reader: FieldReader, head: Head, { name, value }: HeaderField, start: number, end: number, as: Representation): void {
  if (as === 'unknown') {
    head.isPartial = true;
    reader.add(name === '' ? '?' : name, start, end, value === '' ? 'not known' : value);
    return;
  }
  const key = knownNames.get(name);
  // Of a name that stands there twice the first one counts.
  if (key !== undefined && head[key] === '') head[key] = key === 'path' ? (maskedQuery(value) ?? value) : value;
  if (head.names.length < maxNames) head.names.push(name);
  const masked = name === ':path' ? maskedQuery(value) : maskedValue(name, value);
  const field = reader.add(name, start, end, masked ?? value);
  if (masked !== undefined && field !== undefined) field.isSecret = true;
}

/** @returns the path without its query when that has a password or token; undefined when it has none */
function maskedQuery(path: string): string | undefined {
  const cut = path.indexOf('?');
  if (cut < 0 || !path.slice(cut + 1).split('&').some((pair) => isSecretName(pair.split('=', 1)[0]!))) return undefined;
  return `${path.slice(0, cut)}?${maskedText}`;
}

function joined(earlier: Uint8Array, bytes: Uint8Array, start: number, end: number): Uint8Array {
  const whole = new Uint8Array(earlier.length + end - start);
  whole.set(earlier);
  whole.set(bytes.subarray(start, end), earlier.length);
  return whole;
}

/** @param mediaType without parameters @returns what people call it: json, html, text; '' for none */
export function mediaWord(mediaType: string): string {
  if (mediaType === 'text/plain') return 'text';
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1);
  const suffix = subtype.lastIndexOf('+');
  const word = suffix < 0 ? subtype : subtype.startsWith('svg') ? 'svg' : subtype.slice(suffix + 1);
  return word.startsWith('x-') ? word.slice(2) : word;
}
