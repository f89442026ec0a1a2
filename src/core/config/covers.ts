// Does one condition take everything that another one takes? For "this route can never be reached".
//
// Answers are conservative: true is certain (in practice), false may only mean "cannot tell".

import ipaddr from 'ipaddr.js';
import type { Condition } from '../../shared/rules.js';

/** Protocols whose connections another protocol's matcher also takes. */
const impliedBy: Readonly<Record<string, readonly string[]>> = { grpc: ['http2'], websocket: ['http1'], 'http-connect': ['http1'] };

/** @returns whether every connection that `narrow` takes is taken by `wide` */
export function covers(wide: Condition, narrow: Condition): boolean {
  if (wide.kind === 'always' || isSame(wide, narrow)) return true;
  if (narrow.kind === 'any') return narrow.of.every((part) => covers(wide, part));
  if (wide.kind === 'all') return wide.of.every((part) => covers(part, narrow));
  if (wide.kind === 'any' && wide.of.some((part) => covers(part, narrow))) return true;
  if (narrow.kind === 'all') return narrow.of.some((part) => covers(wide, part));
  if (wide.kind === 'not' && narrow.kind === 'not') return covers(narrow.of, wide.of);
  return coversSimple(wide, narrow);
}

function coversSimple(wide: Condition, narrow: Condition): boolean {
  switch (wide.kind) {
    case 'protocol':
      if (narrow.kind === 'protocol') return 0 < narrow.ids.length && narrow.ids.every((id) => hasProtocol(wide.ids, id));
      if (narrow.kind === 'tls') return wide.ids.includes('tls');
      return narrow.kind === 'http' && wide.ids.includes('http1') && wide.ids.includes('http2');
    case 'tls':
      if (narrow.kind === 'protocol') return wide.sni === undefined && wide.alpn === undefined && narrow.ids.length === 1 && narrow.ids[0] === 'tls';
      return narrow.kind === 'tls' && coversGlobs(wide.sni, narrow.sni, true) && coversGlobs(wide.alpn, narrow.alpn, false);
    case 'http':
      if (narrow.kind !== 'http') return false;
      return (
        coversGlobs(wide.method, narrow.method, false) &&
        coversGlobs(wide.host, narrow.host, true) &&
        coversGlobs(wide.path, narrow.path, false) &&
        (wide.headers ?? []).every((header) => (narrow.headers ?? []).some((other) => other.name === header.name && coversGlobs(header.values, other.values, true)))
      );
    case 'payload':
      return narrow.kind === 'payload' && coversPayload(wide, narrow);
    case 'remote':
      return narrow.kind === 'remote' && narrow.ranges.every((range) => wide.ranges.some((other) => coversRange(other, range)));
    case 'process':
      return narrow.kind === 'process' && coversGlobs(wide.globs, narrow.globs, true);
    default:
      return false;
  }
}

export function isSame(a: Condition, b: Condition): boolean {
  return a.kind === b.kind && textOf(a) === textOf(b);
}

// Every route is compared with every one below it, so each condition is written out once and not once per pair.
const texts = new WeakMap<Condition, string>();

function textOf(condition: Condition): string {
  let text = texts.get(condition);
  if (text === undefined) texts.set(condition, (text = JSON.stringify(condition)));
  return text;
}

function hasProtocol(ids: readonly string[], id: string): boolean {
  return ids.includes(id) || (impliedBy[id] ?? []).some((other) => ids.includes(other));
}

/** An absent list asks for nothing. */
function coversGlobs(wide: readonly string[] | undefined, narrow: readonly string[] | undefined, ignoresCase: boolean): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  return narrow.every((one) => wide.some((other) => (ignoresCase ? coversGlob(other.toLowerCase(), one.toLowerCase()) : coversGlob(other, one))));
}

/** Equal globs, `*`, and one `*` at the start or end of otherwise plain text. */
function coversGlob(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  const isHead = wide.startsWith('*');
  if (isHead === wide.endsWith('*')) return false;
  const plain = isHead ? wide.slice(1) : wide.slice(0, -1);
  // What stands at the open end of the narrow glob does not matter, as long as its fixed end is plain text.
  const fits = isHead ? narrow.endsWith(plain) && isPlainTail(narrow, plain.length) : narrow.startsWith(plain);
  return fits && !/[*?[\]{}\\]/.test(plain);
}

/** The last `length` characters stand outside of sets and alternatives. */
function isPlainTail(text: string, length: number): boolean {
  return !/[\]}\\]/.test(text.slice(text.length - length)) && !/[[{][^\]}]*$/.test(text.slice(0, text.length - length));
}

type Payload = Extract<Condition, { kind: 'payload' }>;

/** Every byte string of the narrow one starts with one of the wide one, at the same place. */
function coversPayload(wide: Payload, narrow: Payload): boolean {
  if (wide.mask !== undefined || narrow.mask !== undefined) return false;
  const shift = 2 * (wide.offset - narrow.offset);
  return 0 <= shift && 0 < narrow.hex.length && narrow.hex.every((text) => wide.hex.some((other) => text.startsWith(other, shift)));
}

function coversRange(wide: string, narrow: string): boolean {
  const [range, bits] = ipaddr.parseCIDR(wide);
  const [inner, innerBits] = ipaddr.parseCIDR(narrow);
  return range.kind() === inner.kind() && bits <= innerBits && inner.match([range, bits]);
}
