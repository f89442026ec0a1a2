// Which fields the dissectors write, found out by running every conversation of the conformance pages.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareName } from '../../src/core/lens/filter/names.js';
import type { Field } from '../../src/shared/message.js';
import { conversationsOf } from './conversations.js';
import { decode } from './decoding.js';

/** Below these stand names that the conversation made up: members of JSON, arguments, columns. */
const holders = /(^|\/)(body|data|line|message|row|attributes|arguments|result|query|document|properties|info|values|target\/query|session state|argument|structure)$/;

/** Names of columns, parameters and members that conversations of the pages made up. */
const madeUp = new Set([
  'a', 'at', 'b', 'big', 'by', 'c', 'customer', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'nn', 'o', 'p', 'q', 'r', 't', 'ta', 'total', 'trace', 'u', 'v', 'v6', 'x', 'x_checksum', 'x_sum', 'y', 'z', 'pq_x', 'column_1', '1_type', 'part_of_clienthello', 'part_of_certificate',
]);

/** @returns by catalogue id, the names as a filter writes them, sorted */
export function fieldNamesOf(folder: string): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const page of readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3))) {
    for (const { sayings, protocol } of conversationsOf(page, readFileSync(join(folder, `${page}.md`), 'utf8'))) {
      for (const message of decode(sayings, protocol)) {
        let names = found.get(message.protocol);
        if (names === undefined) found.set(message.protocol, (names = new Set()));
        collect(message.fields, '', names);
      }
    }
  }
  return Object.fromEntries([...found].filter(([, names]) => 0 < names.size).sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, names]) => [id, [...names].sort()]));
}

function collect(fields: readonly Field[], above: string, names: Set<string>): void {
  if (holders.test(above)) return;
  for (const field of fields) {
    const path = above === '' ? field.name : `${above}/${field.name}`;
    const name = bareName(field.name);
    if (/\p{L}/u.test(name) && !madeUp.has(name) && !name.startsWith('grease') && !/^(handshake_)?type_(0x|\d)/.test(name)) names.add(name);
    collect(field.fields ?? [], path, names);
  }
}
