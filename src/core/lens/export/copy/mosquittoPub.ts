// A publication of MQTT for mosquitto_pub (MQTT 5 §3.3): topic, payload, flags and properties, byte for byte.

import type { Field, Message } from '../../../../shared/message.js';
import { say } from '../../../../shared/sentences.js';
import { textOfBytes } from '../bodyText.js';
import { maskedText } from '../secretText.js';
import { everyField, topicAlias, type CopyContext } from './copyContext.js';
import { hidden, notKept, Refusal, tooLong } from './refusal.js';
import { byteWord, isPlainText, lines, maxArgumentBytes, piped, quoted, word } from './shell.js';

/** A longer payload comes from a pipe. */
const maxShownCharacters = 8 << 10;
/** A larger one is nothing to be pasted. */
const maxPayloadBytes = 16 << 20;

/** Names that mosquitto_pub has for properties (its manual, "-D"); a subscription id is for servers only, an alias is undone. */
const properties: Readonly<Record<string, string>> = {
  'payload format': 'payload-format-indicator', 'message expiry': 'message-expiry-interval', 'content type': 'content-type', 'response topic': 'response-topic',
  'correlation data': 'correlation-data', 'user property': 'user-property',
};

export function mosquittoPub(context: CopyContext): string | Refusal | undefined {
  const { message, flow, before, masking } = context;
  if (message.protocol !== 'mqtt' || message.from !== 'client' || !message.summary.startsWith('PUBLISH')) return undefined;
  const flags = flow.read('client', message.range.start, message.range.start + 1)?.[0];
  const topic = topicOf(context, message);
  if (flags === undefined || topic === undefined) return notKept();
  if (topic.length === 0) return new Refusal(say`The topic was given by a number whose name came before the capture began, or too long ago.`);
  const { local } = flow.row;
  const connect = before.find(({ summary }) => summary.startsWith('CONNECT'));
  const level = everyField(connect?.fields ?? []).find(({ name }) => name === 'protocol level')?.value;
  const isFive = level === 5 || message.fields.some(({ name }) => name === 'properties length');
  const words = ['mosquitto_pub', ...('path' in local ? ['--unix', word(local.path)] : ['-h', word(local.host), '-p', String(local.port)])];
  if (isFive) words.push('-V mqttv5');
  else if (level === 3) words.push('-V mqttv31');
  const login = loginOf(context, connect);
  const told = propertiesOf(context);
  if (login instanceof Refusal) return login;
  if (told instanceof Refusal) return told;
  words.push(...login);
  const qos = (flags >> 1) & 3;
  if (0 < qos) words.push(`-q ${qos}`);
  if ((flags & 1) !== 0) words.push('-r');
  const topicWord = byteWord(topic);
  if (topicWord === undefined) return new Refusal(say`mosquitto_pub takes no NUL in ${'topic'}.`);
  words.push('-t', topicWord, ...told);
  const payload = payloadOf(context);
  if (payload === undefined) return notKept();
  if (payload.length === 0) return lines([...words, '-n']);
  const text = textOfBytes(payload);
  if (text === undefined && masking.isOn && masking.hides(payload)) return hidden(context);
  const shown = text === undefined ? undefined : masking.text(text);
  if (shown !== undefined && isPlainText(shown) && shown.length <= maxShownCharacters) return lines([...words, '-m', quoted(shown)]);
  if (maxArgumentBytes < Math.max(...words.map((one) => one.length))) return tooLong('mosquitto_pub');
  return piped(shown === undefined ? payload : Buffer.from(shown, 'utf8'), lines([...words, '-s']));
}

/** The topic as it was written, or what its number stands for. */
function topicOf(context: CopyContext, message: Message): Uint8Array | undefined {
  const topic = message.fields.find(({ name }) => name === 'topic');
  const bytes = topic === undefined ? undefined : prefixed(context, topic);
  if (bytes === undefined || 0 < bytes.length) return bytes;
  const number = aliasOf(message);
  const named = number === undefined ? undefined : context.before.find((one) => aliasOf(one) === number && one.fields.some(({ name, text }) => name === 'topic' && text !== ''));
  return named === undefined ? bytes : topicOf(context, named);
}

function aliasOf({ fields }: Message): number | undefined {
  const value = everyField(fields).find(({ name }) => name === topicAlias)?.value;
  return typeof value === 'number' ? value : undefined;
}

function loginOf(context: CopyContext, connect: Message | undefined): string[] | Refusal {
  const words: string[] = [];
  const { masking, flow } = context;
  for (const field of everyField(connect?.fields ?? [])) {
    if (field.name !== 'user name' && field.name !== 'password') continue;
    const isPassword = field.name === 'password';
    if (isPassword && masking.isOn) masking.count += 1;
    const bytes = isPassword ? flow.read('client', field.range.start, field.range.end) : prefixed(context, field);
    const one = isPassword && masking.isOn ? quoted(maskedText) : bytes === undefined ? undefined : byteWord(bytes);
    if (one === undefined) return new Refusal(say`mosquitto_pub takes no NUL in ${field.name}.`);
    words.push(isPassword ? '-P' : '-u', one);
  }
  return words;
}

function propertiesOf(context: CopyContext): string[] | Refusal {
  const words: string[] = [];
  const { masking, message } = context;
  for (const field of everyField(message.fields)) {
    const name = properties[field.name];
    if (name === undefined) continue;
    const values = field.fields === undefined ? [typeof field.value === 'number' ? Buffer.from(String(field.value)) : prefixed(context, field)] : field.fields.map((one) => prefixed(context, one));
    if (masking.isOn && values.some((value) => value !== undefined && textOfBytes(value) === undefined && masking.hides(value))) return hidden(context);
    const shown = values.map((value) => (value === undefined ? undefined : byteWord(masking.isOn ? maskedValue(context, value, values[0]) : value)));
    if (shown.includes(undefined)) return new Refusal(say`mosquitto_pub takes no NUL in ${field.name}.`);
    words.push(`-D publish ${name} ${shown.join(' ')}`);
  }
  return words;
}

/** A user property is a secret by its name, as a header is. */
function maskedValue({ masking }: CopyContext, value: Uint8Array, name: Uint8Array | undefined): Uint8Array {
  const text = textOfBytes(value);
  if (text === undefined) return value;
  const key = name === undefined || name === value ? '' : Buffer.from(name).toString('utf8');
  return Buffer.from(key === '' ? masking.text(text) : masking.header(key, text), 'utf8');
}

/** What stands behind the two bytes of its length (§1.5.4). */
function prefixed({ flow }: CopyContext, { range }: Field): Uint8Array | undefined {
  return flow.read('client', range.start + 2, range.end);
}

/** Flags, a length of one to four bytes (§2.1.4), topic, packet id, properties: the rest. */
function payloadOf({ flow, message }: CopyContext): Uint8Array | undefined {
  const { start, end } = message.range;
  const place = message.fields.find(({ name }) => name === 'payload');
  if (place === undefined) return new Uint8Array(0);
  return end - start <= maxPayloadBytes ? flow.read('client', place.range.start, end) : undefined;
}
