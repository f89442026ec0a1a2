// A statement of PostgreSQL for psql.

import { say } from '../../../../shared/sentences.js';
import type { Message } from '../../../../shared/message.js';
import { everyField, type CopyContext } from './copyContext.js';
import { isPlainText, lines, quoted } from './shell.js';

/** Statements of PostgreSQL; those with parameters are prepared and executed. */
export function psql(context: CopyContext): string | undefined {
  const { message, flow, before, masking, notes } = context;
  if (message.protocol !== 'postgres' || message.from !== 'client') return undefined;
  const own = queryOf(context, message);
  const bound = own === undefined ? boundTo(context) : undefined;
  const sql = own ?? bound;
  if (sql === undefined || sql.trim() === '') return undefined;
  const { local } = flow.row;
  const startup = before.find(({ summary }) => summary.startsWith('startup'));
  const setting = (name: string): string | undefined => everyField(startup?.fields ?? []).find((field) => field.name === name)?.text;
  const values = [
    'path' in local ? ['host', local.path.replace(/\/[^/]*$/, '')] : ['host', local.host],
    ...('path' in local ? [] : [['port', String(local.port)]]),
    ['user', setting('user')], ['dbname', setting('database') ?? setting('user')],
    // What was seen was not encrypted.
    ['sslmode', 'disable'],
  ];
  const connection = values.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value!) ? value! : `'${value!.replace(/['\\]/g, '\\$&')}'`}`).join(' ');
  if (/\$\d/.test(sql) && own !== undefined && !message.summary.startsWith('bind')) notes.push(say`The statement has parameters: copy the bind that follows it to have their values.`);
  return lines(['psql', quoted(connection), `--command ${quoted(masking.text(sql))}`]);
}

/** @returns the whole SQL of a Query or Parse */
function queryOf(context: CopyContext, message: Message): string | undefined {
  const field = message.fields.find(({ name }) => name === 'query');
  const bytes = field === undefined ? undefined : context.flow.read('client', field.range.start, field.range.end);
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString('utf8').replace(/\0$/, '');
  return isPlainText(text) || !text.includes('\0') ? text : undefined;
}

/** A Bind with the statement that was prepared for it. */
function boundTo(context: CopyContext): string | undefined {
  const { message, before } = context;
  const portal = message.fields.find(({ name }) => name === 'portal');
  const statement = message.fields.find(({ name }) => name === 'statement');
  if (portal === undefined || statement === undefined) return undefined;
  const prepared = before.find(({ fields }) => fields.some(({ name }) => name === 'query') && fields.find(({ name }) => name === 'statement')?.text === statement.text);
  const sql = prepared === undefined ? undefined : queryOf(context, prepared);
  if (sql === undefined) return undefined;
  const values = everyField(message.fields).filter(({ name }) => /^\$\d+$/.test(name)).map(({ text }) => (text === 'NULL' ? 'NULL' : `'${text.replaceAll("'", "''")}'`));
  if (values.length === 0) return sql;
  context.notes.push(say`Values are written as text: types that read them otherwise may need a cast.`);
  return `PREPARE asked AS ${sql.trim().replace(/;$/, '')}; EXECUTE asked(${values.join(', ')})`;
}
