// A message as lines of text: who said what when, its fields below it, what is wrong with it.

import type { Field, Message } from '../../../shared/message.js';
import type { FlowRow } from '../../../shared/flow.js';
import { formatHost } from '../../../shared/address.js';
import { programOf } from './maskedValues.js';

/** Fields of one message; a table of a million rows is not read as text. */
const maxFields = 2000;

/** `→ 12:03:41.250 GET /cart` */
export function headline({ from, startedAt, summary, latencyMs }: Pick<Message, 'from' | 'startedAt' | 'summary' | 'latencyMs'>): string {
  return `${from === 'client' ? '→' : '←'} ${clockOf(startedAt)} ${oneLine(summary)}${latencyMs === undefined ? '' : `  (${Math.round(latencyMs * 1000) / 1000} ms)`}`;
}

/** @param fields in place of the message's own, where secrets are masked */
export function* messageLines(message: Message, fields: readonly Field[] = message.fields): Generator<string> {
  let left = maxFields;
  const walk = function* (list: readonly Field[], indent: string): Generator<string> {
    for (const { name, text, fields: inner } of list) {
      if (left-- <= 0) {
        if (left === -1) yield `${indent}…`;
        return;
      }
      const own = oneLine(text);
      yield `${indent}${oneLine(name)}${own === '' ? '' : `: ${own}`}`;
      if (inner !== undefined) yield* walk(inner, `${indent}  `);
    }
  };
  yield* walk(fields, '    ');
  for (const { severity, text } of message.problems) yield `    ${severity}: ${oneLine(text)}`;
}

/** What is known of a connection, as names and values. */
export function flowWords(row: FlowRow): [name: string, value: string][] {
  const words: [string, string | undefined][] = [
    ['Protocol', row.classification.layers.join(' > ') || row.classification.protocol],
    ['Client', [endOf(row.client), programOf(row)].filter((text) => text !== undefined).join(', ')],
    ['Listener', `${row.listenerName}, ${endOf(row.local)}`],
    ['Route', row.route === undefined ? undefined : [row.route, row.upstream].filter((text) => text !== undefined).join(' → ')],
    ['Opened', new Date(row.openedAt).toISOString()],
    ['Closed', row.closedAt === undefined ? undefined : `${new Date(row.closedAt).toISOString()}, ${row.endDetail ?? row.endReason ?? ''}`],
    ['Bytes', `${row.fromClient.total} from the client, ${row.fromUpstream.total} from the upstream`],
    ['Not kept', row.fromClient.dropped + row.fromUpstream.dropped === 0 ? undefined : `${row.fromClient.dropped + row.fromUpstream.dropped} bytes`],
  ];
  return words.filter((word): word is [string, string] => word[1] !== undefined && word[1] !== '');
}

export function endOf(end: FlowRow['client']): string {
  return 'path' in end ? end.path : `${formatHost(end.host)}:${end.port}`;
}

/** UTC, so that two exports of two machines compare. */
export function clockOf(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}

/** Line ends would make two lines of one; other control characters are left to whoever shows them. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '⏎').replaceAll('\u0000', '␀');
}
