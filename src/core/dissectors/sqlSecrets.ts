// Passwords inside SQL text: ALTER ROLE … PASSWORD '…', CREATE USER … IDENTIFIED BY '…', 'host=… password=…'. They are never shown.

import type { Field } from '../../shared/message.js';
import type { FieldReader } from './fieldReader.js';

const mask = '••••••';

/** The words in front of a literal that is a password, and its opening quote. All repeats are bounded by the length of a shown text. */
const beforeLiteral = /(?:passw(?:or)?d\w*["`]?\s*(?:for\s+\S+\s*)?(?::?=>?|by|\()?\s*(?:password\s*)?\(?\s*|identified\s[^'"$;]{0,120}\b(?:by|as|using)\s+(?:password\s*\(?\s*)?)([enub]?['"]|\$\w*\$)/gi;
/** In a connection string; a value that is a parameter or an expression tells nothing. */
const inConnection = /\bpassword=([^\s'"$?:@%(][^\s'"]*)/gi;

interface Piece {
  start: number;
  end: number;
}

/**
 * Reads SQL as a field. Passwords in it are masked, and their bytes are told as secret fields inside it.
 *
 * @returns the text that may be shown
 */
export function readSql(reader: FieldReader, name: string, length: number): string {
  const { at } = reader;
  const text = reader.text(name, length);
  if (!/passw|identified/i.test(text)) return text;
  const pieces = secretsIn(text);
  if (pieces.length === 0) return text;
  const field = reader.fields[reader.fields.length - 1];
  const shown = withoutPieces(text, pieces);
  if (field === undefined || reader.at === at) return shown;
  field.text = shown;
  field.fields = pieces.map(({ start, end }): Field => {
    const from = Math.min(at + utf8Length(text, start), reader.at);
    // A text that was cut ends in the middle of what it shows: all the rest may be the password.
    const to = end < text.length ? Math.min(from + utf8Length(text.slice(start), end - start), reader.at) : reader.at;
    return { name: 'password', range: reader.range(from, to), text: mask, isSecret: true };
  });
  return shown;
}

/** @returns the text without passwords */
export function withoutSecrets(text: string): string {
  return /passw|identified/i.test(text) ? withoutPieces(text, secretsIn(text)) : text;
}

function withoutPieces(text: string, pieces: readonly Piece[]): string {
  let shown = '';
  let at = 0;
  for (const { start, end } of pieces) {
    shown += text.slice(at, start) + mask;
    at = end;
  }
  return shown + text.slice(at);
}

/** Where passwords stand in a text, without their quotes, in order. */
function secretsIn(text: string): Piece[] {
  const found: Piece[] = [];
  for (const match of text.matchAll(beforeLiteral)) {
    const start = match.index + match[0].length;
    found.push({ start, end: endOfLiteral(text, start, match[1] ?? "'") });
  }
  for (const match of text.matchAll(inConnection)) {
    const end = match.index + match[0].length;
    found.push({ start: end - (match[1] ?? '').length, end });
  }
  found.sort((a, b) => a.start - b.start);
  return found.filter((piece, i) => i === 0 || found[i - 1]!.end <= piece.start);
}

/** Quotes inside are doubled or escaped; a literal that was cut off ends with the text. */
function endOfLiteral(text: string, start: number, opening: string): number {
  if (opening.startsWith('$')) {
    const close = text.indexOf(opening, start);
    return close < 0 ? text.length : close;
  }
  const quote = opening.slice(-1);
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote && text[at + 1] === quote) at += 1;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

/** Bytes of the first `count` UTF-16 units of a text. */
function utf8Length(text: string, count: number): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (0xd800 <= unit && unit <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}
