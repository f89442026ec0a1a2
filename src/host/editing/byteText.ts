// Bytes as a text to edit, and back: as they are where they are plain text, else as hex digits. Pure.

/** Text whose control characters are line ends and tabs only; anything else would not survive an editor. */
const plain = /^[\t\n\r\u0020-\u007e\u00a0-\uffff]*$/;

/** 'headed': a head with CRLF and a body with LF, as HTTP messages mostly are; an editor knows one kind of line end, so it has LF there. */
export type ByteForm = 'text' | 'headed' | 'hex';

/** How bytes are edited. Those that are no UTF-8, or whose line ends are mixed, are edited as hex: an editor would change them. */
export function formOf(bytes: Uint8Array): ByteForm {
  const text = plainTextOf(bytes);
  if (text === undefined) return 'hex';
  const hasLone = /(^|[^\r])\n/.test(text) || /\r(?!\n)/.test(text);
  if (!hasLone || !text.includes('\r')) return 'text';
  const head = text.indexOf('\r\n\r\n');
  return 0 <= head && !/(^|[^\r])\n|\r(?!\n)/.test(text.slice(0, head)) && !text.includes('\r', head + 4) ? 'headed' : 'hex';
}

/** Whether it can be read as text; its line ends may not survive. */
export function isPlainText(bytes: Uint8Array): boolean {
  return plainTextOf(bytes) !== undefined;
}

function plainTextOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return plain.test(text) ? text : undefined;
  } catch {
    // Not UTF-8: that is an answer.
    return undefined;
  }
}

/** @returns what the editor shows */
export function contentOf(form: ByteForm, bytes: Uint8Array): Uint8Array {
  if (form === 'text') return bytes;
  return Buffer.from(form === 'hex' ? hexText(bytes) : Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n'));
}

/** @returns the bytes that an editor's content stands for, or the number of the line (from 1) that is no hex */
export function bytesOfContent(form: ByteForm, content: Uint8Array): Uint8Array | { line: number } {
  if (form === 'text') return content.slice();
  const text = Buffer.from(content).toString('utf8');
  if (form === 'hex') return bytesOfHex(text);
  const lines = text.replaceAll('\r\n', '\n');
  const end = lines.indexOf('\n\n');
  const bodyAt = end < 0 ? lines.length : end + 2;
  return Uint8Array.from(Buffer.from(lines.slice(0, bodyAt).replaceAll('\n', '\r\n') + lines.slice(bodyAt)));
}

/** 16 bytes a line, their characters behind a `;`, which is a comment. */
export function hexText(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const piece = [...bytes.subarray(at, at + 16)];
    const digits = piece.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    lines.push(`${digits.padEnd(47)}  ; ${piece.map((byte) => (0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** @returns the bytes, or the number of the line (from 1) that is no hex */
export function bytesOfHex(text: string): Uint8Array | { line: number } {
  const bytes: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const digits = line.replace(/;.*/, '').replace(/\s/g, '');
    if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return { line: index + 1 };
    for (let at = 0; at < digits.length; at += 2) bytes.push(parseInt(digits.slice(at, at + 2), 16));
  }
  return Uint8Array.from(bytes);
}

/**
 * An edited HTTP/1 message whose body got longer or shorter says its new length (RFC 9112 §6.2). Messages without Content-Length, with several, or
 * chunked ones stay as they are.
 *
 * @returns the message, and whether its length was put right
 */
export function withRightLength(message: Uint8Array): { bytes: Uint8Array; isChanged: boolean } {
  const text = Buffer.from(message).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return { bytes: message, isChanged: false };
  const head = text.slice(0, end.index);
  const lengths = [...head.matchAll(/^(content-length:[ \t]*)(\d+)[ \t]*$/gim)];
  const body = text.length - end.index - end[0].length;
  if (lengths.length !== 1 || /^transfer-encoding:/im.test(head) || Number(lengths[0]![2]) === body) return { bytes: message, isChanged: false };
  const mended = head.replace(lengths[0]![0], `${lengths[0]![1]}${body}`) + text.slice(end.index);
  return { bytes: Uint8Array.from(Buffer.from(mended, 'latin1')), isChanged: true };
}
