// A command of Redis for redis-cli (RESP specification): its words, byte for byte.

import { say } from '../../../../shared/sentences.js';
import { textOfBytes } from '../bodyText.js';
import { maskedText } from '../secretText.js';
import type { CopyContext } from './copyContext.js';
import { hidden, notKept, Refusal, tooLong } from './refusal.js';
import { isPlainText, lines, maxArgumentBytes, piped, quoted, word } from './shell.js';

/** A longer command is nothing to be pasted. */
const maxMessageBytes = 16 << 20;
/** A last value longer than this comes from a pipe. */
const maxShownBytes = 8 << 10;

export function redisCli(context: CopyContext): string | Refusal | undefined {
  const { message, flow, before, notes } = context;
  if (message.protocol !== 'redis' || message.from !== 'client' || message.kind !== 'request') return undefined;
  const { start, end } = message.range;
  const bytes = end - start <= maxMessageBytes ? flow.read('client', start, end) : undefined;
  const said = bytes === undefined ? undefined : bytes[0] === 0x2a ? respWords(bytes) : inlineWords(bytes);
  if (said === undefined) return notKept();
  const verb = Buffer.from(said[0] ?? []).toString('latin1');
  // What redis-cli takes for an option, or answers itself.
  if (verb === '' || verb.startsWith('-') || /^(?:help|\?)$/i.test(verb)) return new Refusal(say`redis-cli sends no command ${JSON.stringify(verb)}.`);
  const { local } = flow.row;
  const command = ['redis-cli', ...('path' in local ? ['-s', word(local.path)] : ['-h', word(local.host), '-p', String(local.port)])];
  const database = before.find(({ summary }) => summary.startsWith('SELECT '))?.summary.slice('SELECT '.length);
  if (database !== undefined && /^\d+$/.test(database)) command.push('-n', database);
  if (before.some(({ summary }) => /^(?:AUTH|HELLO .*AUTH)/.test(summary))) notes.push(say`The connection had logged in: add --user and --pass.`);

  const shown = said.map((one, index) => shownWord(context, one, index));
  if (shown.includes(undefined)) return hidden(context);
  const last = shown.at(-1)!;
  // Bytes or a long text, and nothing else that is no text: from a pipe, byte for byte.
  const isPiped = 1 < shown.length && (typeof last !== 'string' || maxShownBytes < last.length) && shown.slice(0, -1).every((one) => typeof one === 'string');
  if (shown.slice(0, isPiped ? -1 : undefined).some((one) => maxArgumentBytes < Buffer.byteLength(typeof one === 'string' ? one : escaped(one!)))) return tooLong('redis-cli');
  if (isPiped) return piped(typeof last === 'string' ? Buffer.from(last, 'utf8') : last, lines([...command, '-x', ...shown.slice(0, -1).map((one) => word(one as string))]));
  if (shown.every((one) => typeof one === 'string')) return lines([...command, ...shown.map((one) => word(one))]);
  return lines([...command, '--quoted-input', ...shown.map((one) => quoted(escaped(typeof one === 'string' ? Buffer.from(one, 'utf8') : one!)))]);
}

/** @returns text or bytes, as they may be shown; undefined when there are secrets that cannot be masked */
function shownWord({ message, masking }: CopyContext, bytes: Uint8Array, index: number): string | Uint8Array | undefined {
  const field = message.fields.filter(({ name }) => name === 'command' || name === 'argument')[index];
  if (field?.isSecret === true && masking.isOn) {
    masking.count += 1;
    return maskedText;
  }
  const text = textOfBytes(bytes);
  if (text !== undefined && isPlainText(text)) return masking.text(text);
  return masking.isOn && masking.hides(bytes) ? undefined : bytes;
}

/** In the quotes of redis-cli, for --quoted-input (6.2 and newer). */
function escaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : 0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  return `"${text}"`;
}

/** @returns undefined when the array is not whole, or is not one of strings */
function respWords(bytes: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  let at = bytes.indexOf(0x0a) + 1;
  const count = Number(Buffer.from(bytes.subarray(1, at)).toString('latin1'));
  for (; words.length < count; ) {
    const feed = bytes.indexOf(0x0a, at);
    if (feed < 0 || bytes[at] !== 0x24) return undefined;
    const length = Number(Buffer.from(bytes.subarray(at + 1, feed)).toString('latin1'));
    if (!Number.isSafeInteger(length) || length < 0 || bytes.length < feed + 1 + length) return undefined;
    words.push(bytes.subarray(feed + 1, feed + 1 + length));
    at = feed + 1 + length + 2;
  }
  return words;
}

/** A line as a person types it. Quotes make one word of several, and are not part of it. */
function inlineWords(bytes: Uint8Array): Uint8Array[] | undefined {
  const line = Buffer.from(bytes).toString('latin1');
  const words = line.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\')*'|\S+/g) ?? [];
  return words.map((one) => Buffer.from(unquoted(one), 'latin1'));
}

function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1, -1).replaceAll("\\'", "'");
  if (!word.startsWith('"')) return word;
  const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' };
  return word.slice(1, -1).replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (_, hex: string | undefined, one: string) => (hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : controls[one] ?? one));
}
