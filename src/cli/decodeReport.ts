// What `port-prism decode` says: JSON lines as messages come, or connections in prose, each with its messages below it.

import type { CaptureEvent, NotDecoded, PacketEndReason } from '../core/capture/captureEvents.js';
import type { CaptureFlow } from '../core/lens/captureFlow.js';
import { formatHost } from '../shared/address.js';
import type { EndReason } from '../shared/flow.js';
import { assertNever } from '../shared/lifecycle.js';
import type { Field, Message } from '../shared/message.js';
import { clockOf, phraseOf, printable, type LineSink } from './report.js';

/** Lines that wait for the end of their connections; beyond it the longest part is printed before its time. */
const maxWaitingCharacters = 32 << 20;

/** What stands for a password, a token, a key. */
const masked = '••••••';

type Finished = Extract<CaptureEvent, { kind: 'finished' }>;

/** Bytes in a row that nobody decoded: one line for all of them. */
interface Undecoded {
  first: Message;
  count: number;
  bytes: number;
}

interface Waiting {
  lines: string[];
  characters: number;
  undecoded: Undecoded | undefined;
  isContinued: boolean;
}

export class DecodeReport {
  private readonly waiting = new Map<number, Waiting>();
  private waitingCharacters = 0;
  private flows = 0;

  constructor(private readonly output: LineSink, private readonly errors: LineSink, private readonly isJson: boolean) {}

  message(flow: CaptureFlow, message: Message): void {
    if (this.isJson) {
      const { fields, content, ...facts } = message;
      this.event('message', message.startedAt, {
        flow: flow.opened.flow,
        ...facts,
        fields: withoutSecrets(fields),
        // Bodies are what files are made of: the range tells where their bytes are.
        ...(content === undefined ? {} : { content: { mediaType: content.mediaType, length: content.bytes.length, range: content.range, isDecoded: content.isDecoded } }),
      });
      return;
    }
    const { flow: id } = flow.opened;
    let own = this.waiting.get(id);
    if (own === undefined) this.waiting.set(id, (own = { lines: [], characters: 0, undecoded: undefined, isContinued: false }));
    if (message.kind === 'undecoded' && message.problems.length === 0) {
      if (own.undecoded?.first.from !== message.from) this.endUndecoded(own);
      own.undecoded ??= { first: message, count: 0, bytes: 0 };
      own.undecoded.count += 1;
      own.undecoded.bytes += message.range.end - message.range.start;
      return;
    }
    this.endUndecoded(own);
    this.line(own, `${String(message.index).padStart(6)}  ${clockOf(message.startedAt)} ${arrowOf(message)} ${message.summary}${message.latencyMs === undefined ? '' : `  (${durationOf(message.latencyMs)})`}`);
    for (const { severity, text, range } of message.problems) this.line(own, `${' '.repeat(23)}${severity}: ${text} (bytes ${range.start}-${range.end})`);
    if (maxWaitingCharacters < this.waitingCharacters) this.tellSoFar(flow, own);
  }

  flow(flow: CaptureFlow): void {
    this.flows += 1;
    if (this.isJson) {
      this.event('flow', flow.opened.startedAt, flowFacts(flow));
      return;
    }
    const own = this.waiting.get(flow.opened.flow);
    this.waiting.delete(flow.opened.flow);
    this.write(`${headingOf(flow)}${own?.isContinued === true ? ' (continued)' : ''}`);
    for (const text of aboutOf(flow)) this.write(`    ${text}`);
    if (own === undefined) return;
    this.endUndecoded(own);
    this.tellLines(own);
  }

  finished({ counts, broken }: Finished): void {
    if (this.isJson) {
      this.event('capture', undefined, { packets: counts.packets, notDecoded: counts.notDecoded, unreadLinkTypes: counts.unreadLinkTypes, flows: this.flows });
      if (broken !== undefined) this.event('error', undefined, { code: 'captureNotReadable', message: broken.message, offset: broken.offset });
    } else {
      const lost = (Object.entries(counts.notDecoded) as [NotDecoded, number][]).filter(([, count]) => 0 < count).map(([why, count]) => `${count} ${phraseOfLoss(why)}`);
      this.write(`${counted(this.flows, 'connection')} in ${counted(counts.packets, 'packet')}${lost.length === 0 ? '' : `; not part of any: ${lost.join(', ')}`}`);
      if (0 < counts.unreadLinkTypes.length) this.write(`Link types that are not read: ${counts.unreadLinkTypes.join(', ')} (tcpdump.org/linktypes.html)`);
    }
    if (broken !== undefined) this.errors.write(`${broken.message}\n`);
  }

  /** A dissector failed: a bug of ours. */
  fault({ opened, fault }: CaptureFlow): void {
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.errors.write(`The messages of connection ${opened.flow} end early, by a fault of Port Prism: ${text}\n`);
  }

  private endUndecoded(own: Waiting): void {
    const { undecoded } = own;
    if (undecoded === undefined) return;
    own.undecoded = undefined;
    const { first, count, bytes } = undecoded;
    const text = count === 1 ? first.summary : `${counted(bytes, 'byte')} in ${count} pieces, the first: ${first.summary}`;
    this.line(own, `${String(first.index).padStart(6)}  ${clockOf(first.startedAt)} ${arrowOf(first)} ${text}`);
  }

  private line(own: Waiting, text: string): void {
    own.lines.push(text);
    own.characters += text.length;
    this.waitingCharacters += text.length;
  }

  private tellSoFar(flow: CaptureFlow, own: Waiting): void {
    this.write(`${headingOf(flow)} (${own.isContinued ? 'continued, ' : ''}goes on)`);
    this.tellLines(own);
    own.isContinued = true;
  }

  private tellLines(own: Waiting): void {
    for (const line of own.lines) this.write(line);
    this.waitingCharacters -= own.characters;
    own.lines = [];
    own.characters = 0;
  }

  private write(text: string): void {
    this.output.write(`${printable(text)}\n`);
  }

  private event(name: string, at: number | undefined, facts: object): void {
    this.output.write(`${JSON.stringify({ event: name, ...(at === undefined ? {} : { time: new Date(at).toISOString() }), ...facts })}\n`);
  }
}

/** @returns the fields with masked values; the very same ones when there is nothing to mask */
export function withoutSecrets(fields: Field[]): Field[] {
  const shown = fields.map((field): Field => {
    if (field.isSecret === true) return { name: field.name, range: field.range, text: masked, isSecret: true };
    if (field.fields === undefined) return field;
    const inner = withoutSecrets(field.fields);
    return inner === field.fields ? field : { ...field, fields: inner };
  });
  return shown.every((field, index) => field === fields[index]) ? fields : shown;
}

function flowFacts(flow: CaptureFlow): object {
  const { opened, bytes, gaps, recorded, comments, lastAt, reason } = flow;
  const { protocol, layers, by } = flow.classification();
  return {
    flow: opened.flow,
    client: endOf(opened.client),
    server: endOf(opened.server),
    clientBy: opened.clientBy,
    isPartial: opened.isPartial,
    protocol, layers, by,
    startedAt: opened.startedAt,
    durationMs: Math.max(0, round(lastAt - opened.startedAt)),
    bytes, gaps, reason,
    messages: flow.messageCount,
    ...(Object.keys(recorded).length === 0 ? {} : { recorded }),
    ...(comments.length === 0 ? {} : { comments }),
    ...(flow.fault === undefined ? {} : { fault: flow.fault instanceof Error ? flow.fault.message : String(flow.fault) }),
  };
}

function headingOf(flow: CaptureFlow): string {
  const { opened } = flow;
  const { protocol, layers } = flow.classification();
  return `#${opened.flow} ${endOf(opened.client)} -> ${endOf(opened.server)}  ${1 < layers.length ? layers.join(' > ') : protocol}`;
}

/** What there is to say about a connection, line by line. */
function aboutOf(flow: CaptureFlow): string[] {
  const { opened, bytes, gaps, recorded, comments, lastAt, reason } = flow;
  const lines = [
    `${dayOf(opened.startedAt)} ${clockOf(opened.startedAt)}, ${durationOf(lastAt - opened.startedAt)}; ${counted(bytes.client, 'byte')} from the client, ${bytes.upstream} from the upstream; ${endingOf(reason, recorded.endReason, recorded.endDetail)}`,
  ];
  const missing = (['client', 'upstream'] as const).filter((from) => 0 < gaps[from].count).map((from) => `${counted(gaps[from].bytes, 'byte')} of the ${from} in ${counted(gaps[from].count, 'gap')}`);
  if (0 < missing.length) lines.push(`missing: ${missing.join(', ')}`);
  if (opened.isPartial) lines.push(`it began before the capture${opened.clientBy === 'comment' ? '' : `; which end is the client is a guess, by ${opened.clientBy === 'port' ? 'the ports' : 'who speaks first'}`}`);
  if (recorded.listener !== undefined) {
    const { process, route, upstream } = recorded;
    lines.push(`listener ${recorded.listener}${route === undefined ? '' : `, route ${route}`}${upstream === undefined ? '' : ` to ${upstream}`}${process === undefined ? '' : `, from ${process.name} (${process.pid})`}`);
  } else {
    for (const comment of comments) lines.push(`comment: ${comment}`);
  }
  return lines;
}

function endingOf(reason: PacketEndReason | undefined, recorded: string | undefined, detail: string | undefined): string {
  // A sentence of its own becomes part of this one.
  if (detail !== undefined) return detail.replace(/\.$/, '').replace(/^The /, 'the ');
  const known = recorded as EndReason | undefined;
  switch (reason) {
    case 'portReused':
      return 'a new connection took its ports';
    case 'captureEnded':
    case undefined:
      return 'it was open when the capture ended';
    case 'unanswered':
      return 'nobody answered';
    case 'notFollowed':
      return 'it was followed no further: too many connections were open';
    case 'clientClosed':
    case 'upstreamClosed':
    case 'clientReset':
    case 'upstreamReset':
    case 'connectRefused':
      return isEndReason(known) ? phraseOf(known) : phraseOf(reason);
    default:
      return assertNever(reason);
  }
}

const endReasons: readonly string[] = [
  'clientClosed', 'upstreamClosed', 'bothClosed', 'clientReset', 'upstreamReset', 'connectRefused', 'connectTimeout', 'connectFailed', 'noRoute',
  'clientLeftWhileInspected', 'idle', 'closedByPerson', 'stopped', 'engineFailed',
] satisfies EndReason[];

function isEndReason(text: string | undefined): text is EndReason {
  return text !== undefined && endReasons.includes(text);
}

function phraseOfLoss(why: NotDecoded): string {
  switch (why) {
    case 'linkType':
      return 'of a link type that is not read';
    case 'noInterface':
      return 'of an interface that is not described';
    case 'notIp':
      return 'not IP';
    case 'notTcp':
      return 'not TCP';
    case 'fragment':
      return 'fragments without the others';
    case 'malformed':
      return 'malformed';
    case 'late':
      return 'of connections that had ended or are not in the file';
    default:
      return assertNever(why);
  }
}

function endOf({ host, port }: { host: string; port: number }): string {
  return `${formatHost(host)}:${port}`;
}

function arrowOf({ from }: Message): string {
  return from === 'client' ? '->' : '<-';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function durationOf(milliseconds: number): string {
  return milliseconds < 1000 ? `${round(Math.max(0, milliseconds))} ms` : `${(milliseconds / 1000).toFixed(3)} s`;
}

/** Microseconds are as fine as most captures are. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function dayOf(at: number): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, '0')}-${String(time.getDate()).padStart(2, '0')}`;
}
