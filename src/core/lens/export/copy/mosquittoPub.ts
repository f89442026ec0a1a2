// A publication of MQTT for mosquitto_pub.

import type { Field } from '../../../../shared/message.js';
import { textOfBytes } from '../bodyText.js';
import { maskedText } from '../secretText.js';
import { valueIn } from '../valuePlace.js';
import { everyField, type CopyContext } from './copyContext.js';
import { isPlainText, lines, piped, quoted, word } from './shell.js';

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
