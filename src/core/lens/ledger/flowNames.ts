// What a flow is called in filters: its ends with port and without, its client's program by all its names.

import { formatHost } from '../../../shared/address.js';
import type { FlowFacts } from '../../../shared/flow.js';
import { programName } from '../../../shared/programName.js';

export interface FlowNames {
  client: readonly string[];
  upstream: readonly string[];
  program: readonly string[];
}

export const noNames: FlowNames = { client: [], upstream: [], program: [] };

/** Facts are replaced when they change, so that names of the same object stay. */
const known = new WeakMap<FlowFacts, FlowNames>();

export function namesOfFlow(facts: FlowFacts): FlowNames {
  let names = known.get(facts);
  if (names === undefined) known.set(facts, (names = namesOf(facts)));
  return names;
}

/** The same for facts that change in place, as the engine's do. */
export function namesOf({ client, upstream, process }: FlowFacts): FlowNames {
  return {
    client: 'path' in client ? [client.path] : namesOfEnd(client),
    upstream: upstream === undefined ? [] : namesOfUpstream(upstream),
    program: process === undefined ? [] : [...new Set([programName(process), process.name, process.commandLine])],
  };
}

/** An end may be named with and without its port. */
export function namesOfEnd({ host, port }: { host: string; port: number }): string[] {
  return [`${formatHost(host)}:${port}`, host];
}

/** As written in the rules: `127.0.0.1:8080`, `[::1]:8080`, `unix:/tmp/x.sock`. */
function namesOfUpstream(text: string): string[] {
  const found = /^\[?(.*?)\]?:(\d+)$/.exec(text);
  return found === null ? [text] : [text, found[1]!];
}
