// What a person pastes to try rules on: hex in any of its usual spellings, or text. Pure.

/** The most that is tried: more than any rule looks at. */
const maxTryBytes = 64 * 1024;

export interface TryInput {
  bytes: Uint8Array;
  readAs: 'hex' | 'text';
  isCut: boolean;
}

/**
 * Text that consists of hex pairs only (with spaces, `0x`, `\x`, colons, commas, or the offsets and text column of a hex dump) is hex,
 * anything else is text, whose line ends become CR LF as on the wire and in which \r \n \t \0 \xHH are the bytes they name.
 */
export function parseTryInput(input: string): TryInput {
  const hex = hexDigits(input);
  const bytes = hex === undefined ? textBytes(input) : Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
  return { bytes: bytes.subarray(0, maxTryBytes), readAs: hex === undefined ? 'text' : 'hex', isCut: bytes.length > maxTryBytes };
}

/** @returns lower-case digits without anything between, for the host */
export function toDigits(bytes: Uint8Array): string {
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return digits;
}

/** @returns the digits, an even number of them, or undefined when this is text */
function hexDigits(input: string): string | undefined {
  if (input.trim() === '') return '';
  const lines = input.split('\n').map((line) => dumpLine(line) ?? line);
  const digits = lines.join(' ').replace(/0x|\\x|[\s:,;-]/gi, '');
  return digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits) ? digits.toLowerCase() : undefined;
}

/** "000001a0  50 00 00 00 4c 00 49 4e  P...L.IN" -> the pairs in the middle */
function dumpLine(line: string): string | undefined {
  const match = /^\s*[0-9a-f]{4,12}:?\s{1,3}((?:[0-9a-f]{2}\s{1,2}){1,16})(?:\s*\|?.{0,18})?$/i.exec(`${line} `);
  return match?.[1];
}

function textBytes(input: string): Uint8Array {
  const lines = input.replace(/\r?\n/g, '\r\n');
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const pieces = lines.split(/(\\(?:[rnt0\\]|x[0-9a-f]{2}))/i);
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) bytes.push(...encoder.encode(piece));
    else bytes.push(escapeByte(piece));
  }
  return Uint8Array.from(bytes);
}

function escapeByte(escape: string): number {
  switch (escape[1]) {
    case 'r': return 0x0d;
    case 'n': return 0x0a;
    case 't': return 0x09;
    case '0': return 0x00;
    case '\\': return 0x5c;
    default: return parseInt(escape.slice(2), 16);
  }
}
