// A search filter as people write it: `(&(objectClass=person)(cn=a*))` (RFC 4511 §4.5.1.7, RFC 4515).

import { elementsIn, type Element } from './ber.js';
import { utf8Text } from './fieldReader.js';
import { isSecretAttribute } from './ldapNames.js';

/** Filters inside filters; more is only sent to hurt. */
const maxDepth = 32;
/** Longer filters are cut in the middle of the work, not after it. */
const maxLength = 1000;

/** @returns undefined for what is no filter */
export function filterText(bytes: Uint8Array, filter: Element): string | undefined {
  const parts: string[] = [];
  return write(bytes, filter, parts, { length: 0 }, 0) ? parts.join('') : undefined;
}

type Written = { length: number };

function write(bytes: Uint8Array, { tag, at, end }: Element, parts: string[], written: Written, depth: number): boolean {
  const say = (text: string): void => {
    if (written.length < maxLength) parts.push(text);
    written.length += text.length;
  };
  if (maxDepth < depth) return false;
  // Past what is shown, it is not worth reading on.
  if (maxLength <= written.length) return true;
  switch (tag) {
    case 0xa0:
    case 0xa1:
    case 0xa2: {
      say(`(${tag === 0xa0 ? '&' : tag === 0xa1 ? '|' : '!'}`);
      const isGood = elementsIn(bytes, at, end, 1000).every((inner) => write(bytes, inner, parts, written, depth + 1));
      say(')');
      return isGood;
    }
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8: {
      const [attribute, value] = elementsIn(bytes, at, end, 2);
      if (attribute === undefined || value === undefined) return false;
      const name = escaped(bytes, attribute);
      const sign = tag === 0xa3 ? '=' : tag === 0xa5 ? '>=' : tag === 0xa6 ? '<=' : '~=';
      say(`(${name}${sign}${isSecretAttribute(name) ? '••••••' : escaped(bytes, value)})`);
      return true;
    }
    case 0xa4: {
      const [attribute, list] = elementsIn(bytes, at, end, 2);
      if (attribute === undefined || list === undefined) return false;
      const pieces = elementsIn(bytes, list.at, list.end, 100);
      const name = escaped(bytes, attribute);
      const words = pieces.map((piece) => (isSecretAttribute(name) ? '••••••' : escaped(bytes, piece)));
      const isFromStart = pieces[0]?.tag === 0x80;
      const isToEnd = pieces[pieces.length - 1]?.tag === 0x82;
      say(`(${name}=${isFromStart ? '' : '*'}${words.join('*')}${isToEnd ? '' : '*'})`);
      return true;
    }
    case 0x87:
      say(`(${escaped(bytes, { tag, start: at, at, end })}=*)`);
      return true;
    case 0xa9: {
      const found = elementsIn(bytes, at, end, 4);
      const text = (wanted: number): string => found.filter((each) => each.tag === wanted).map((each) => escaped(bytes, each)).join('');
      const isDn = found.some((each) => each.tag === 0x84 && bytes[each.at] !== 0);
      const rule = text(0x81);
      say(`(${text(0x82)}${isDn ? ':dn' : ''}${rule === '' ? '' : `:${rule}`}:=${text(0x83)})`);
      return true;
    }
    default:
      return false;
  }
}

/** RFC 4515 §3: `*`, parentheses, `\` and what is no text as `\2a`. */
function escaped(bytes: Uint8Array, { at, end }: Element): string {
  const text = utf8Text(bytes, at, end);
  const stop = Math.min(end, at + 200);
  if (!text.includes('\ufffd')) return text.replace(/[*()\\\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${Array.from(bytes.subarray(at, stop), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}${stop < end ? '…' : ''}`;
}
