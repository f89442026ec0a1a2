// What is compared, protocol by protocol: which fields of tshark are which of ours.
import { leaves, named, textOfHex, texts, type Comparison } from './facts.js';

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
];
