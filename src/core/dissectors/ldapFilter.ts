// Search filters as text (RFC 4511 §4.5.1.7, RFC 4515).

import { elementAt, type Element } from './ber.js';
import { maxDepth, maxTextLength, plainText } from './fieldReader.js';
import { isSecretAttribute } from './ldapWords.js';

/** @returns `(&(objectClass=person)(cn=A*))`; undefined when it is none, or nested too deep */
export function filterText(bytes: Uint8Array, element: Element, depth = 0): string | undefined {
  const { tag, at, end } = element;
  if (maxDepth < depth) return undefined;
  switch (tag) {
    case 0xa0:
      return several('&', bytes, element, depth);
    case 0xa1:
      return several('|', bytes, element, depth);
    case 0xa2: {
      const inner = elementAt(bytes, at, end);
      const text = inner === undefined || inner.end !== end ? undefined : filterText(bytes, inner, depth + 1);
      return text === undefined ? undefined : `(!${text})`;
    }
    case 0xa3:
      return compared('=', bytes, element);
    case 0xa4:
      return substrings(bytes, element);
    case 0xa5:
      return compared('>=', bytes, element);
    case 0xa6:
      return compared('<=', bytes, element);
    case 0x87:
      return `(${escaped(bytes, element)}=*)`;
    case 0xa8:
      return compared('~=', bytes, element);
    case 0xa9:
      return extensible(bytes, element);
    default:
      return undefined;
  }
}

/** Of `and` and `or`: what is too long to be shown is not put together either. */
function several(sign: string, bytes: Uint8Array, { at, end }: Element, depth: number): string | undefined {
  let text = `(${sign}`;
  while (at < end) {
    const part = elementAt(bytes, at, end);
    const inner = part === undefined ? undefined : filterText(bytes, part, depth + 1);
    if (part === undefined || inner === undefined) return undefined;
    if (maxTextLength < text.length) return `${text}…)`;
    text += inner;
    at = part.end;
  }
  return `${text})`;
}

function compared(sign: string, bytes: Uint8Array, { at, end }: Element): string | undefined {
  const type = elementAt(bytes, at, end);
  const value = type === undefined ? undefined : elementAt(bytes, type.end, end);
  if (type === undefined || value === undefined || value.end !== end) return undefined;
  const name = escaped(bytes, type);
  return `(${name}${sign}${isSecretAttribute(name) ? '••••••' : escaped(bytes, value)})`;
}

/** A type and a SEQUENCE of initial [0], any [1] and final [2]. */
function substrings(bytes: Uint8Array, { at, end }: Element): string | undefined {
  const type = elementAt(bytes, at, end);
  const list = type === undefined ? undefined : elementAt(bytes, type.end, end);
  if (type === undefined || list === undefined || list.end !== end) return undefined;
  const name = escaped(bytes, type);
  let text = `(${name}=`;
  let hasEnd = false;
  for (let i = list.at; i < list.end && text.length <= maxTextLength; ) {
    const part = elementAt(bytes, i, list.end);
    if (part === undefined || part.tag < 0x80 || 0x82 < part.tag) return undefined;
    text += `${part.tag === 0x80 ? '' : '*'}${isSecretAttribute(name) ? '••••••' : escaped(bytes, part)}`;
    hasEnd = part.tag === 0x82;
    i = part.end;
  }
  return `${text}${hasEnd ? '' : '*'})`;
}

/** `(cn:dn:2.5.13.5:=Ada)`: rule [1], type [2], value [3], with the DN's attributes [4]. */
function extensible(bytes: Uint8Array, { at, end }: Element): string | undefined {
  let type = '';
  let rule = '';
  let value = '';
  let dn = '';
  while (at < end) {
    const part = elementAt(bytes, at, end);
    if (part === undefined) return undefined;
    if (part.tag === 0x81) rule = `:${escaped(bytes, part)}`;
    else if (part.tag === 0x82) type = escaped(bytes, part);
    else if (part.tag === 0x83) value = escaped(bytes, part);
    else if (part.tag === 0x84) dn = part.at < part.end && bytes[part.at] !== 0 ? ':dn' : '';
    else return undefined;
    at = part.end;
  }
  return `(${type}${dn}${rule}:=${isSecretAttribute(type) ? '••••••' : value})`;
}

/** Bytes of a value that is no text which are shown. */
const maxBytesShown = 64;

/** RFC 4515 §3: what would end a value, and what is no text, becomes a backslash and two digits. */
function escaped(bytes: Uint8Array, { at, end }: Element): string {
  const view = bytes.subarray(at, end);
  const text = view.length === 0 ? '' : plainText(view);
  if (text !== undefined) return text.replace(/[*()\\]/g, (sign) => hexPair(sign.charCodeAt(0)));
  const shown = Array.from(view.subarray(0, maxBytesShown), (byte) => (byte < 0x20 || 0x7e < byte || '*()\\'.includes(String.fromCharCode(byte)) ? hexPair(byte) : String.fromCharCode(byte)));
  return shown.join('') + (maxBytesShown < view.length ? '…' : '');
}

function hexPair(byte: number): string {
  return `\\${byte < 16 ? '0' : ''}${byte.toString(16)}`;
}
