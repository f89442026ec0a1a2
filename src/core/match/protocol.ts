// `protocol`: the client's first bytes are those of one of the catalogue's protocols.

import type { Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { groups, protocolOf } from '../protocols/index.js';
import type { Protocol } from '../protocols/protocol.js';
import { atPhrase, routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';

/**
 * Server-first protocols say `no` before any byte: their clients wait for a greeting, so nothing that a client sends first can be
 * theirs, and a route on them must not make the routes below wait.
 *
 * @throws on an id that the catalogue does not have: validation comes first
 */
export function protocol(condition: Extract<Condition, { kind: 'protocol' }>): RouteMatcher {
  const protocols = condition.ids.map((id) => {
    const found = protocolOf(id);
    if (found === undefined) throw new Error(`unknown protocol ${id}`);
    return found;
  });
  const matchers = protocols.filter((one) => one.firstSpeaker !== 'server').map((one) => one.client);
  const names = listOf(protocols.map((one) => one.id));

  return routeMatcher({
    maxBytes: matchers.reduce((most, one) => (most < one.maxBytes ? one.maxBytes : most), 0),
    readsHttp2: protocols.some((one) => one.id === 'grpc' || one.id === 'websocket'),
    match(prefix, ended): Verdict {
      let isOpen = false;
      for (const matcher of matchers) {
        const verdict = matcher.match(prefix, ended);
        if (verdict === 'match') return 'match';
        if (verdict === 'more') isOpen = true;
      }
      return isOpen ? 'more' : 'no';
    },
    explain(verdict, prefix, atByte) {
      if (verdict === 'match') return say`client bytes are ${whichOf(protocols, prefix) ?? names}`;
      if (verdict === 'more') return say`needs more bytes to tell whether this is ${names}`;
      if (matchers.length === 0) return say`a client of ${names} waits for its server to speak, so its first bytes cannot tell`;
      return say`client bytes are not ${names} (${atPhrase(prefix, atByte)})`;
    },
  });
}

function whichOf(protocols: readonly Protocol[], prefix: Uint8Array): string | undefined {
  return protocols.find((one) => one.firstSpeaker !== 'server' && one.client.match(prefix, false) === 'match')?.id;
}

/** "redis or ssh"; a whole group goes by its name. */
function listOf(all: readonly string[]): string {
  const group = Object.entries(groups).find(([, members]) => members.every((id) => all.includes(id)));
  const ids = group === undefined ? all : [group[0], ...all.filter((id) => !group[1].includes(id))];
  return ids.length < 2 ? ids.join('') : say`${ids.slice(0, -1).join(', ')} or ${ids[ids.length - 1] ?? ''}`;
}
