// Messages and conversations as texts for a read-only editor: a body in its language, a message with its fields, what two sides said to each other.

import type { DocumentText, MessageId } from '../../../shared/export.js';
import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import { textOfBytes } from './bodyText.js';
import type { ExportFlow } from './exportFlow.js';
import { hexLines } from './hexdump.js';
import { isJson, languageOf, type Language } from './languages.js';
import { clockOf, flowWords, headline, messageLines } from './messageText.js';
import { secretSpans } from './secretText.js';
import { hasSecrets } from './wireMasks.js';

/** An editor takes 50 MB, and is slow long before: more than anybody reads. */
const maxCharacters = 8 << 20;
/** Bytes of a body that is no text: its dump is five times as long. */
const maxDumpedBytes = 1 << 20;

/** Walks a flow up to one message. */
export function* findMessage(flow: ExportFlow, { index }: MessageId): Generator<number, Message | undefined> {
  for (const { messages, bytes } of flow.messages()) {
    const found = messages.find((message) => message.index === index);
    if (found !== undefined) return found;
    yield bytes;
  }
  return undefined;
}

/** What a message carries, or the statement that it is. */
export function bodyText(flow: ExportFlow, message: Message): DocumentText | null {
  const { content, fields, from, protocol } = message;
  const name = nameOf(flow, message);
  if (content !== undefined && 0 < content.bytes.length) {
    const text = textOfBytes(content.bytes);
    if (text === undefined) return dumped(name, content.bytes);
    const language = languageOf(content.mediaType, text);
    return document(`${name}${language.ending}`, language, pretty(language, text), hasSecrets(fields) || 0 < secretSpans(text).length);
  }
  // Statements of databases: as they were written.
  const query = fields.find((field) => field.name === 'query' || field.name === 'statement text' || field.name === 'sql');
  const bytes = query === undefined ? undefined : flow.read(from, query.range.start, query.range.end);
  const text = bytes === undefined ? undefined : textOfBytes(bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes);
  if (text !== undefined) return document(`${name}.sql`, { id: 'sql', ending: '.sql' }, text, hasSecrets(fields));
  // Protocols of lines are text themselves.
  const wire = protocol === 'unknown' || message.kind === 'undecoded' ? flow.read(from, message.range.start, Math.min(message.range.end, message.range.start + maxDumpedBytes)) : undefined;
  if (wire === undefined || wire.length === 0) return null;
  const said = textOfBytes(wire);
  return said === undefined ? dumped(name, wire) : document(`${name}.txt`, { id: 'plaintext', ending: '.txt' }, said, 0 < secretSpans(said).length);
}

/** Everything that was decoded of a message, with its body behind it; without times, so that two of them compare by what they say. */
export function messageText(flow: ExportFlow, message: Message): DocumentText {
  const body = bodyText(flow, message);
  const fields = body === null ? message.fields : message.fields.filter(({ name }) => name !== 'body');
  const lines = [withoutClock(message), ...messageLines(message, fields)];
  return document(`${nameOf(flow, message)}.txt`, { id: 'plaintext', ending: '.txt' }, `${lines.join('\n')}\n${body === null ? '' : `\n${body.text}\n`}`, body?.hasSecrets === true || hasSecrets(message.fields));
}

/** The conversation of a flow with what was decoded, without times, so that two of them compare by what was said. */
export function* flowText(flow: ExportFlow): Generator<number, DocumentText> {
  const parts = [`Connection ${flow.id}\n${flowWords(flow.row).map(([name, value]) => `    ${name}: ${value}\n`).join('')}`];
  let length = parts[0]!.length;
  let left = 0;
  for (const { messages, bytes } of flow.messages()) {
    for (const message of messages) {
      if (maxCharacters <= length) {
        left += 1;
        continue;
      }
      const text = `\n${withoutClock(message)}\n${[...messageLines(message)].map((line) => `${line}\n`).join('')}`;
      parts.push(text);
      length += text.length;
    }
    yield bytes;
    if (0 < left) break;
  }
  const cut = left === 0 ? {} : { cut: say`The conversation goes on: only its first ${maxCharacters >> 20} million characters are shown.` };
  return { ...document(`connection-${flow.id}.txt`, { id: 'plaintext', ending: '.txt' }, parts.join(''), false), ...cut };
}

function withoutClock(message: Message): string {
  return headline(message).replace(` ${clockOf(message.startedAt)}`, '').replace(/ {2}\([\d.]+ ms\)$/, '');
}

function document(name: string, { id }: Language, text: string, hasSecretsIn: boolean): DocumentText {
  const isCut = maxCharacters < text.length;
  return {
    name, language: id, hasSecrets: hasSecretsIn,
    text: isCut ? text.slice(0, maxCharacters) : text,
    ...(isCut ? { cut: say`Only the first ${maxCharacters >> 20} million of ${text.length} characters are shown.` } : {}),
  };
}

function dumped(name: string, bytes: Uint8Array): DocumentText {
  const shown = bytes.subarray(0, maxDumpedBytes);
  return {
    name: `${name}.hex.txt`, language: 'plaintext', text: hexLines(shown),
    hasSecrets: 0 < secretSpans(Buffer.from(shown).toString('latin1')).length,
    ...(shown.length < bytes.length ? { cut: say`Only the first ${shown.length} of ${bytes.length} bytes are shown.` } : {}),
  };
}

/** JSON in one line is indented; what is laid out already stays as it is. */
function pretty({ id }: Language, text: string): string {
  if (id !== 'json' || text.trim().includes('\n') || !isJson(text)) return text;
  return indented(text);
}

/** By hand: parsing and printing again would change long numbers, names that stand twice, and their order. */
export function indented(text: string): string {
  let out = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      const start = at;
      for (at += 1; text[at] !== '"'; at++) if (text[at] === '\\') at += 1;
      out += text.slice(start, at + 1);
    } else if (character === '{' || character === '[') {
      const next = /[^\s]/.exec(text.slice(at + 1, at + 100));
      const isEmpty = next !== null && (next[0] === '}' || next[0] === ']');
      out += character;
      if (isEmpty) {
        at += next.index + 1;
        out += next[0];
      } else {
        depth += 1;
        out += line();
      }
    } else if (character === '}' || character === ']') {
      depth -= 1;
      out += line() + character;
    } else if (character === ',') {
      out += character + line();
    } else if (character === ':') {
      out += ': ';
    } else if (!/\s/.test(character)) {
      out += character;
    }
  }
  return out;
}

/** `connection-3-message-12-GET-cart`; no characters that mean something in a path */
function nameOf(flow: ExportFlow, { index, summary, from }: Message): string {
  const words = summary.split(/[?·]/, 1)[0]!.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 40);
  return `${flow.id}-${index}-${words === '' ? from : words}`;
}
