// Commands of other protocols' own programs: redis-cli, psql, grpcurl, mosquitto_pub.

import type { Field, Message } from '../../../../shared/message.js';
import { say } from '../../../../shared/sentences.js';
import { textOfBytes } from '../bodyText.js';
import { readBody } from '../httpExchange.js';
import { maskedText } from '../secretText.js';
import { valueIn } from '../valuePlace.js';
import type { CopyContext } from './copyContext.js';
import { isCall } from './httpCommands.js';
import { protobufJson } from './protobufJson.js';
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

/** The first message of a call. */
export function grpcurl(context: CopyContext): string | undefined {
  const { exchange, flow, masking, capture, notes } = context;
  if (exchange === undefined || exchange.protocol !== 'http2' || !isCall(exchange)) return undefined;
  const { request } = exchange;
  const { local } = flow.row;
  const words = ['grpcurl', '-plaintext'];
  if ('path' in local) words.push('-unix');
  if (request.authority !== '' && !('path' in local) && request.authority !== `${local.host}:${local.port}`) words.push(`-authority ${word(request.authority)}`);
  const own = /^(?:content-type|te|user-agent|grpc-.*|accept-encoding)$/i;
  for (const { name, value } of request.headers) if (!own.test(name)) words.push(`-H ${word(`${name}: ${masking.header(name, value)}`)}`);
  const type = capture.context.schemas?.method(request.target)?.request;
  const bytes = readBody(flow, 'client', request, capture.context, true)?.bytes;
  const data = bytes === undefined || type === undefined ? undefined : messagesOf(context, bytes).map((one) => protobufJson(one, type));
  if (data === undefined || data.includes(undefined)) {
    notes.push(type === undefined ? say`No .proto file of the workspace names the fields of this message: fill in what stands behind -d.` : say`The message is not of the type that the .proto file says: fill in what stands behind -d.`);
    words.push("-d '{}'");
  } else {
    words.push(`-d ${quoted(masking.text(data.map((one) => JSON.stringify(one)).join('\n')))}`);
  }
  words.push(word('path' in local ? local.path : `${local.host.includes(':') ? `[${local.host}]` : local.host}:${local.port}`), word(request.target.replace(/^\//, '')));
  return lines(words);
}

/** Behind five bytes each (gRPC over HTTP/2); compressed ones are undone. */
function messagesOf({ exchange, capture }: CopyContext, bytes: Uint8Array): Uint8Array[] {
  const encoding = exchange?.request.headers.find(({ name }) => name === 'grpc-encoding')?.value ?? 'identity';
  const messages: Uint8Array[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0;
    const one = bytes.subarray(at + 5, at + 5 + length);
    const plain = bytes[at] === 1 ? capture.context.decompress(encoding, one, 4 << 20) : one;
    if (typeof plain !== 'string') messages.push(plain);
    at += 5 + length;
  }
  return messages;
}

/** PUBLISH (MQTT 5 §3.3). */
export function mosquittoPub(context: CopyContext): string | undefined {
  const { message, flow, before, masking } = context;
  if (message.protocol !== 'mqtt' || message.from !== 'client' || !message.summary.startsWith('PUBLISH')) return undefined;
  const topic = message.fields.find(({ name }) => name === 'topic');
  const flags = flow.read('client', message.range.start, message.range.start + 1)?.[0];
  const topicBytes = topic === undefined ? undefined : valueOf(context, topic);
  if (flags === undefined || topicBytes === undefined) return undefined;
  const { local } = flow.row;
  const connect = before.find(({ summary }) => summary.startsWith('CONNECT'));
  const said = (name: string): Field | undefined => everyField(connect?.fields ?? []).find((field) => field.name === name);
  const level = said('protocol level')?.value;
  const words = ['mosquitto_pub', ...('path' in local ? ['--unix', word(local.path)] : ['-h', word(local.host), '-p', String(local.port)])];
  if (level === 5) words.push('-V mqttv5');
  else if (level === 3) words.push('-V mqttv31');
  if (said('user name') !== undefined) words.push('-u', word(said('user name')!.text));
  const password = said('password');
  if (password !== undefined) {
    if (masking.isOn) masking.count += 1;
    const bytes = masking.isOn ? undefined : flow.read('client', password.range.start, password.range.end);
    words.push('-P', word(bytes === undefined ? maskedText : Buffer.from(bytes).toString('utf8').replace(/^[\0-\x08]{2}/, '')));
  }
  const qos = (flags >> 1) & 3;
  if (0 < qos) words.push(`-q ${qos}`);
  if ((flags & 1) !== 0) words.push('-r');
  words.push('-t', word(Buffer.from(topicBytes).toString('utf8')));
  const payload = message.content?.bytes;
  if (payload === undefined || payload.length === 0) return lines([...words, '-n']);
  const text = textOfBytes(payload);
  if (text !== undefined && isPlainText(text) && text.length <= 8192) return lines([...words, '-m', quoted(masking.text(text))]);
  if (masking.isOn && masking.hides(payload)) return undefined;
  return piped(payload, lines([...words, '-s']));
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

function everyField(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...everyField(field.fields ?? [])]);
}
