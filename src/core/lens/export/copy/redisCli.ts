// A command of Redis for redis-cli.

import { say } from '../../../../shared/sentences.js';
import type { Field } from '../../../../shared/message.js';
import { textOfBytes } from '../bodyText.js';
import { maskedText } from '../secretText.js';
import { valueIn } from '../valuePlace.js';
import type { CopyContext } from './copyContext.js';
import { isPlainText, lines, piped, quoted, word } from './shell.js';

/** RESP commands (redis.io/docs/reference/protocol-spec): the words, byte for byte. */
export function redisCli(context: CopyContext): string | undefined {
  const { message, flow, before, masking, notes } = context;
  if (message.protocol !== 'redis' || message.from !== 'client' || message.kind !== 'request') return undefined;
  const { local } = flow.row;
  const words = ['redis-cli', ...('path' in local ? ['-s', word(local.path)] : ['-h', word(local.host), '-p', String(local.port)])];
  const database = before.find(({ summary }) => summary.startsWith('SELECT '))?.summary.slice('SELECT '.length);
  if (database !== undefined && /^\d+$/.test(database)) words.push('-n', database);
  if (before.some(({ summary }) => /^(?:AUTH|HELLO .*AUTH)/.test(summary))) notes.push(say`The connection had logged in: add --user and --pass.`);
  const named = message.fields.filter(({ name }) => name === 'command' || name === 'argument');
  let last: Uint8Array | undefined;
  for (const [index, field] of named.entries()) {
    const bytes = valueOf(context, field);
    if (bytes === undefined) return undefined;
    if (field.isSecret === true && masking.isOn) {
      masking.count += 1;
      words.push(quoted(maskedText));
      continue;
    }
    const text = textOfBytes(bytes);
    if (text !== undefined && isPlainText(text)) {
      words.push(word(masking.text(text)));
      continue;
    }
    // Only the last one may come from a pipe.
    if (index !== named.length - 1) {
      notes.push(say`An argument that is no text is written as text: it may not arrive as it was.`);
      words.push(word(Buffer.from(bytes).toString('utf8')));
      continue;
    }
    if (masking.isOn && masking.hides(bytes)) return undefined;
    last = bytes;
  }
  if (last === undefined) return lines(words);
  words.splice(1, 0, '-x');
  return piped(last, lines(words));
}

function valueOf({ flow }: CopyContext, { range, name, text }: Field): Uint8Array | undefined {
  const bytes = flow.read('client', range.start, range.end);
  if (bytes === undefined) return undefined;
  // A word of a line is its own bytes.
  if ((name === 'command' || name === 'argument') && bytes[0] !== 0x24) return bytes;
  if (name === 'topic' && bytes.length === Buffer.byteLength(text)) return bytes;
  const { start, end } = valueIn(bytes);
  return bytes.subarray(start, end);
}
