// The comments that a recording of ours has beside its packets: written by flowPackets.ts, read back by whoever opens the file.

import { formatHost } from '../../shared/address.js';
import type { FlowFacts, ProcessFacts } from '../../shared/flow.js';
import type { PacketEnd } from './captureEvents.js';

/** What Port Prism knew of a connection when it recorded it. */
export interface RecordedFacts {
  /** its number then */
  connection?: number;
  listener?: string;
  process?: ProcessFacts;
  route?: string;
  upstream?: string;
  endReason?: string;
  endDetail?: string;
}

/** The comment on a flow's first packet. */
export function introductionOf(facts: FlowFacts): string {
  const started = facts.process === undefined ? '' : ` Client program: ${facts.process.name} (${facts.process.pid}) ${facts.process.commandLine}.`;
  const client = 'path' in facts.client || 'path' in facts.local ? ` Socket ${'path' in facts.local ? facts.local.path : ''}: the addresses stand in for it.` : '';
  return `Connection ${facts.id}, listener ${facts.listenerName}.${client}${started}${facts.route === undefined ? '' : ` ${routingOf(facts)}`}`;
}

export function routingOf(facts: FlowFacts): string {
  return `Route ${facts.route}${facts.upstream === undefined ? '' : `, upstream ${facts.upstream}`}.`;
}

export function endingOf(facts: FlowFacts): string {
  return `Ended: ${facts.endReason ?? 'unknown'}.${facts.endDetail === undefined ? '' : ` ${facts.endDetail}`}`;
}

/** The sentence about a connection that had begun before its recording. */
export function begunBefore(client: PacketEnd, clientBytes: number, upstreamBytes: number): string {
  return `The recording began ${clientBytes} client bytes and ${upstreamBytes} upstream bytes into it. The client is ${formatHost(client.host)}:${client.port}.`;
}

/** @returns who the client is, where a comment says so because no SYN does */
export function clientOfComment(comments: readonly string[]): PacketEnd | undefined {
  for (const comment of comments) {
    const found = /The recording began \d+ client bytes and \d+ upstream bytes into it\. The client is \[?([0-9a-f.:]+?)\]?:(\d+)\.$/.exec(comment);
    if (found !== null) return { host: found[1]!, port: Number(found[2]) };
  }
  return undefined;
}

/** A phrase ends where one of the next begins, since names and command lines have full stops of their own. */
const introduction = /^Connection (\d+), listener (.*?)\.(?= Socket | Client program: | Route | The recording began | Of this connection | \d+ secrets are masked | \d+ of its messages are |$)/s;
const program = /^(?: Socket .*?: the addresses stand in for it\.)? Client program: (.*?) \((\d+)\) (.*?)\.(?= Route | The recording began | Of this connection | \d+ secrets are masked | \d+ of its messages are |$)/s;
const routing = /(?:^| )Route (.*?)(?:, upstream (.*?))?\.(?= The recording began | Of this connection | \d+ secrets are masked | \d+ of its messages are | \d+ bytes before this | Ended: |$)/s;
const ending = /(?:^| )Ended: (\w+)\.(?: (.*))?$/s;

/** Adds what a comment says; a comment of another program says nothing. */
export function readRecordedComment(comment: string, facts: RecordedFacts): void {
  let rest = comment;
  const introduced = introduction.exec(rest);
  if (introduced !== null) {
    facts.connection = Number(introduced[1]);
    facts.listener = introduced[2]!;
    rest = rest.slice(introduced[0].length);
  }
  const started = program.exec(rest);
  if (started !== null) {
    facts.process = { name: started[1]!, pid: Number(started[2]), commandLine: started[3]! };
    rest = rest.slice(started[0].length);
  }
  const way = routing.exec(rest);
  if (way !== null) {
    facts.route = way[1]!;
    if (way[2] !== undefined) facts.upstream = way[2];
  }
  const end = ending.exec(rest);
  if (end === null) return;
  facts.endReason = end[1]!;
  if (end[2] !== undefined) facts.endDetail = end[2];
}
