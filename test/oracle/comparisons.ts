// What is compared, protocol by protocol: which fields of tshark are which of ours.
import { leaves, named, textOfHex, texts, unquoted, values, type Comparison } from './facts.js';

export const comparisons: readonly Comparison[] = [
  {
    protocol: 'redis',
    decodeAs: 'resp',
    fields: ['resp.bulk_string.value', 'resp.string', 'resp.error', 'resp.integer'],
    theirs: (frame) =>
      frame.from === 'client'
        ? named('word', frame.all('resp.bulk_string.value').map(textOfHex))
        : named('value', [...frame.all('resp.bulk_string.value').map(textOfHex), ...frame.all('resp.string'), ...frame.all('resp.error'), ...frame.all('resp.integer')]),
    ours: ({ from, fields }) =>
      from === 'client' ? named('word', texts(fields, 'command', 'argument')) : named('value', leaves(fields).filter(({ name, text }) => name !== 'count' && text !== '(nil)').map(({ text }) => text)),
    // tshark's fields come by type.
    unordered: ['value'],
  },
  {
    protocol: 'mqtt',
    decodeAs: 'mqtt',
    fields: ['mqtt.msgtype', 'mqtt.topic', 'mqtt.msg', 'mqtt.clientid', 'mqtt.ver', 'mqtt.msgid', 'mqtt.kalive'],
    theirs: (frame) => [
      ...['msgtype', 'topic', 'clientid', 'ver', 'msgid', 'kalive'].flatMap((name) => named(name, frame.all(`mqtt.${name}`))),
      ...named('msg', frame.all('mqtt.msg').map(textOfHex)),
    ],
    ours: ({ fields }) => [
      ...named('msgtype', values(fields, 'type')),
      ...named('topic', texts(fields, 'topic', 'topic filter', 'will topic')),
      ...named('clientid', texts(fields, 'client id')),
      ...named('ver', values(fields, 'protocol level')),
      ...named('msgid', values(fields, 'packet id')),
      ...named('kalive', values(fields, 'keep alive')),
      ...named('msg', texts(fields, 'payload').map(unquoted)),
    ],
  },
];
