// The comments that a recording of ours has beside its packets: written by core/lens/recorder.ts, read back here.

import { formatHost } from '../../shared/address.js';
import type { ProcessFacts } from '../../shared/flow.js';
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
const introduction = /^Connection (\d+), listener (.*?)\.(?= Socket | Client program: | Route | The recording began |$)/s;
const program = /^(?: Socket .*?: the addresses stand in for it\.)? Client program: (.*?) \((\d+)\) (.*?)\.(?= Route | The recording began |$)/s;
const routing = /(?:^| )Route (.*?)(?:, upstream (.*?))?\.(?= The recording began | \d+ bytes before this | Ended: |$)/s;
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
  const routed = routing.exec(rest);
  if (routed !== null) {
    facts.route = routed[1]!;
    if (routed[2] !== undefined) facts.upstream = routed[2];
  }
  const ended = ending.exec(rest);
  if (ended === null) return;
  facts.endReason = ended[1]!;
  if (ended[2] !== undefined) facts.endDetail = ended[2];
}
