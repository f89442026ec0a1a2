// A statement of PostgreSQL for psql; one with parameters is prepared and executed (PostgreSQL documentation, "Message Formats").

import type { Message } from '../../../../shared/message.js';
import { say } from '../../../../shared/sentences.js';
import { everyField, type CopyContext } from './copyContext.js';
import { readBind, readParameterTypes, readParse, readQuery, typeList } from './pgMessages.js';
import { literalOf } from './pgLiterals.js';
import { notKept, Refusal, tooLong } from './refusal.js';
import { isPlainText, lines, maxArgumentBytes, quoted, word } from './shell.js';

/** A longer statement is longer than an argument, whatever is in it. */
const maxMessageBytes = 1 << 20;

export function psql(context: CopyContext): string | Refusal | undefined {
  const { message, masking, notes } = context;
  if (message.protocol !== 'postgres' || message.from !== 'client') return undefined;
  const sql = statementOf(context);
  if (typeof sql !== 'string') return sql;
  if (sql.trim() === '') return undefined;
  const shown = masking.text(sql);
  if (maxArgumentBytes < Buffer.byteLength(shown)) return tooLong('psql');
  if (/^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(shown)) notes.push(say`psql reads the rows of COPY from its input.`);
  // psql takes what begins with a backslash for a command of its own; a statement never does.
  const argument = shown.startsWith('\\') ? ` ${shown}` : shown;
  // Without --no-psqlrc it might say more than this.
  return lines(['psql', '--no-psqlrc', quoted(connectionOf(context)), `--command ${isPlainText(argument) ? quoted(argument) : word(argument)}`]);
}

function connectionOf({ flow, before }: CopyContext): string {
  const { local } = flow.row;
  const startup = before.find(({ summary, from }) => from === 'client' && summary.startsWith('startup'));
  const setting = (name: string): string | undefined => everyField(startup?.fields ?? []).find((field) => field.name === name)?.text;
  const values = [
    'path' in local ? ['host', local.path.replace(/\/[^/]*$/, '')] : ['host', local.host],
    ...('path' in local ? [] : [['port', String(local.port)]]),
    ['user', setting('user')], ['dbname', setting('database') ?? setting('user')], ['client_encoding', setting('client_encoding')], ['options', setting('options')],
    // What was seen was not encrypted.
    ['sslmode', 'disable'],
  ];
  return values.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value!) ? value! : `'${value!.replace(/['\\]/g, '\\$&')}'`}`).join(' ');
}

function statementOf(context: CopyContext): string | Refusal | undefined {
  const { message } = context;
  const isNamed = (name: string): boolean => message.fields.some((field) => field.name === name);
  if (isNamed('query')) {
    const bytes = bytesOf(context, message);
    if (bytes === undefined) return notKept();
    if (!isNamed('statement')) return textOf(readQuery(bytes));
    const parsed = readParse(bytes);
    const sql = textOf(parsed?.sql);
    if (typeof sql !== 'string' || !/\$\d/.test(sql)) return sql;
    context.notes.push(say`The statement has parameters: copy the bind that follows it to have their values.`);
    return prepared(sql, parsed!.types);
  }
  return isNamed('portal') && isNamed('statement') ? boundOf(context) : undefined;
}

/** A Bind with the statement that was prepared for it. */
function boundOf(context: CopyContext): string | Refusal | undefined {
  const { message, before, notes } = context;
  const bytes = bytesOf(context, message);
  const bind = bytes === undefined ? undefined : readBind(bytes);
  if (bind === undefined) return notKept();
  const isOf = ({ fields }: Message): boolean => fields.find(({ name }) => name === 'statement')?.text === message.fields.find(({ name }) => name === 'statement')?.text;
  const preparation = before.find((one) => one.fields.some(({ name }) => name === 'query') && isOf(one));
  if (preparation === undefined) return new Refusal(say`The statement that these values are for was prepared before the capture began, or too long ago.`);
  const parseBytes = bytesOf(context, preparation);
  const parsed = parseBytes === undefined ? undefined : readParse(parseBytes);
  const sql = textOf(parsed?.sql);
  if (typeof sql !== 'string' || bind.values.length === 0) return sql;
  // What the server made of it, where it was asked.
  const description = before.find((one) => one.from === 'upstream' && before.some((asked) => asked.index === one.answers && isOf(asked)));
  const told = description === undefined ? undefined : bytesOf(context, description);
  const types = (told === undefined ? undefined : readParameterTypes(told)) ?? parsed!.types;
  const literals: string[] = [];
  for (const [i, { value, isBinary }] of bind.values.entries()) {
    const literal = literalOf(value, types[i] ?? 0, isBinary);
    if (literal === undefined) return new Refusal(say`$${i + 1} was sent in the binary form of a type that is not known, or that has no exact text here.`);
    literals.push(literal);
  }
  if (typeList(types) === undefined && types.some((type) => type !== 0)) notes.push(say`Some parameters have types that are not built in: a cast may be needed.`);
  return `${prepared(sql, types)}EXECUTE asked(${literals.join(', ')})`;
}

/** A comment at its end must not swallow what follows. */
function prepared(sql: string, types: readonly number[]): string {
  return `PREPARE asked${typeList(types) ?? ''} AS ${sql.trim().replace(/;$/, '')}${sql.includes('--') ? '\n' : ''}; `;
}

function bytesOf({ flow }: CopyContext, { from, range }: Message): Uint8Array | undefined {
  return range.end - range.start <= maxMessageBytes ? flow.read(from, range.start, range.end) : undefined;
}

function textOf(bytes: Uint8Array | undefined): string | Refusal {
  if (bytes === undefined) return notKept();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Text of another encoding: psql would send what the terminal has.
    return new Refusal(say`The statement is no UTF-8 text.`);
  }
}
