// Shows a body as what it is: by its media type, or by its looks where nobody said. Used by every protocol that carries other people's data.

import { latin1 } from '../../bytes.js';
import { bytesText, FieldReader, maxTextLength, plainText, utf8Text } from '../fieldReader.js';
import { bson } from './bson.js';
import { cbor } from './cbor.js';
import { form } from './form.js';
import { imageText } from './images.js';
import { json, jsonLines, looksLikeJson } from './json.js';
import { messagePack } from './messagepack.js';
import { multipart, parameterOf } from './multipart.js';
import { xml } from './xml.js';

/**
 * Adds a field `body` for the next `length` bytes, with a tree inside where the format is known.
 *
 * @param mediaType as in Content-Type, parameters and all; '' when nobody said
 * @param isCut the body is longer than what is there: that it ends too early is no problem of the sender
 * @returns a short word for summaries: `json`, `text`, `png 640×480`, `bytes`; '' for no bytes
 */
export function viewPayload(reader: FieldReader, length: number, mediaType: string, isCut = false): string {
  if (reader.left < length) length = reader.left;
  if (length <= 0) return '';
  const { problems } = reader;
  const before = problems.length;
  const word = view(reader, length, essence(mediaType), mediaType);
  if (isCut) problems.length = before;
  return word;
}

/**
 * As `viewPayload`, for bytes that were decompressed or put together: every field has the range of what they were made from.
 *
 * @param start @param end positions in `reader.bytes`
 */
export function viewDecoded(reader: FieldReader, bytes: Uint8Array, start: number, end: number, mediaType: string, isCut = false): string {
  const inner = new FieldReader(bytes, 0, 0, bytes.length, reader.range(start, end));
  const word = viewPayload(inner, bytes.length, mediaType, isCut);
  reader.fields.push(...inner.fields);
  reader.problems.push(...inner.problems);
  return word;
}

/** @returns media type in lower case, without parameters */
export function essence(mediaType: string): string {
  const semicolon = mediaType.indexOf(';');
  return (semicolon < 0 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase();
}

function view(reader: FieldReader, length: number, type: string, mediaType: string): string {
  const { bytes, at } = reader;
  const name = 'body';
  switch (type) {
    case 'application/json':
    case 'text/json':
      json(reader, name, length);
      return 'json';
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/json-seq':
      jsonLines(reader, name, length);
      return 'json lines';
    case 'application/x-www-form-urlencoded':
      form(reader, name, length);
      return 'form';
    case 'application/xml':
    case 'text/xml':
      xml(reader, name, length);
      return 'xml';
    case 'application/msgpack':
    case 'application/x-msgpack':
    case 'application/vnd.msgpack':
      messagePack(reader, name, length);
      return 'msgpack';
    case 'application/cbor':
    case 'application/cbor-seq':
      cbor(reader, name, length);
      return 'cbor';
    case 'application/bson':
      bson(reader, name, length);
      return 'bson';
    case '':
    case 'application/octet-stream':
    case 'binary/octet-stream':
      return byLooks(reader, name, length);
  }
  if (type.endsWith('+json')) {
    json(reader, name, length);
    return 'json';
  }
  if (type.endsWith('+xml')) {
    xml(reader, name, length);
    return type === 'image/svg+xml' ? 'svg' : type === 'application/xhtml+xml' ? 'html' : 'xml';
  }
  if (type.endsWith('+cbor')) {
    cbor(reader, name, length);
    return 'cbor';
  }
  if (type.startsWith('multipart/')) {
    const boundary = parameterOf(mediaType, 'boundary');
    if (boundary !== undefined && boundary !== '' && 64 < reader.room) return multipartWord(reader, name, length, boundary);
  }
  if (type.startsWith('image/')) {
    const word = imageText(bytes, at, at + length) ?? subtype(type);
    add(reader, name, length, word);
    return word;
  }
  const isLatin = /^(?:iso-8859-1|latin1|windows-1252)$/i.test(parameterOf(mediaType, 'charset') ?? '');
  const text = isLatin ? latin1(bytes, at, at + Math.min(length, maxTextLength)) : plainText(bytes.subarray(at, at + length));
  add(reader, name, length, text ?? bytesText(bytes.subarray(at, at + length)));
  return type === 'text/plain' ? (text === undefined ? 'bytes' : 'text') : subtype(type);
}

function multipartWord(reader: FieldReader, name: string, length: number, boundary: string): string {
  // Parts of parts are shown as bytes: mail nests them, hostile bodies nest them deeper.
  const count = multipart(reader, name, length, boundary, (size, type) => void viewPayload(reader, size, type.startsWith('multipart/') ? 'text/plain' : type));
  return count === 1 ? 'multipart, 1 part' : `multipart, ${count} parts`;
}

/** `application/vnd.ms-excel` is "vnd.ms-excel", `text/javascript` "javascript". */
function subtype(type: string): string {
  const word = type.slice(type.indexOf('/') + 1).replace(/^x-/, '').slice(0, 40);
  return word === '' ? 'bytes' : word;
}

function byLooks(reader: FieldReader, name: string, length: number): string {
  const { bytes, at } = reader;
  const end = at + length;
  if (looksLikeJson(bytes, at, end)) {
    const before = reader.problems.length;
    json(reader, name, length);
    // Nobody said that it was JSON.
    reader.problems.length = before;
    return 'json';
  }
  if (bytes[at] === 0x3c && lastByte(bytes, at, end) === 0x3e && /^<(?:\?xml|[a-z!])/i.test(latin1(bytes, at, Math.min(end, at + 16)))) {
    if (/^<(?:!doctype\s+html|html)/i.test(latin1(bytes, at, Math.min(end, at + 32)))) {
      add(reader, name, length, utf8Text(bytes, at, end));
      return 'html';
    }
    const before = reader.problems.length;
    xml(reader, name, length);
    reader.problems.length = before;
    return 'xml';
  }
  const image = imageText(bytes, at, end);
  const text = image === undefined ? plainText(bytes.subarray(at, end)) : undefined;
  add(reader, name, length, image ?? text ?? bytesText(bytes.subarray(at, end)));
  return image ?? (text === undefined ? 'bytes' : 'text');
}

function lastByte(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (start < at && bytes[at]! <= 0x20) at -= 1;
  return bytes[at]!;
}

function add(reader: FieldReader, name: string, length: number, text: string): void {
  reader.add(name, reader.at, reader.at + length, text);
  reader.at += length;
}
