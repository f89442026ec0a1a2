// What `port-prism run` says: events as JSON lines for programs, or as sentences for people.

import { formatHost } from '../shared/address.js';
import type { ErrorData } from '../shared/errors.js';
import type { EndReason, FlowFacts } from '../shared/flow.js';
import { assertNever } from '../shared/lifecycle.js';
import type { LensEvents } from '../shared/protocol.js';

type FlowEvent = LensEvents['notifications']['lens/flow'];

/** Takes whole lines, each with its line feed. */
export interface LineSink {
  write(text: string): void;
}

export interface Listening {
  listener: string;
  address: string;
  /** absent for a Unix socket or a pipe */
  port?: number;
}

export class Report {
  constructor(private readonly output: LineSink, private readonly errors: LineSink, private readonly isJson: boolean, private readonly now: () => number) {}

  listening(listening: Listening): void {
    if (this.isJson) this.event('listening', this.now(), listening);
    else this.line(this.now(), `${listening.listener} listens on ${listening.address}`);
  }

  stoppedListening({ listener, address }: Listening): void {
    if (!this.isJson) this.line(this.now(), `${listener} listens on ${address} no more`);
  }

  rulesApplied(file: string, listeners: readonly Listening[]): void {
    if (this.isJson) this.event('rules.applied', this.now(), { file, listeners });
    else this.line(this.now(), `${file} was applied`);
  }

  recorded(file: string, packets: number, bytes: number): void {
    if (!this.isJson) this.line(this.now(), `${file}: ${packets} packets, ${bytes} bytes`);
  }

  /** A failure while others go on: an event, and a line on standard error. */
  failed(error: ErrorData, listener?: string): void {
    if (this.isJson) this.event('error', this.now(), { code: error.code, message: error.message, ...(listener === undefined ? {} : { listener }) });
    this.complaint(listener === undefined ? error.message : `${listener}: ${error.message}`);
  }

  complaint(text: string): void {
    this.errors.write(`${text}\n`);
  }

  flow({ event, at, flow, classification, totals }: FlowEvent): void {
    const common = { flow: flow.id, client: clientOf(flow) };
    switch (event) {
      case 'opened':
        if (this.isJson) this.event('flow.opened', at, { ...common, listener: flow.listenerName, local: endOf(flow.local) });
        else this.line(at, `#${flow.id} ${clientOf(flow)} connected to ${flow.listenerName}`);
        return;
      case 'classified': {
        const { protocol, layers, by } = classification;
        const routing = { route: flow.route ?? null, upstream: flow.upstream ?? null };
        if (this.isJson) this.event('flow.classified', at, { ...common, protocol, layers, by, ...routing, ...(flow.process === undefined ? {} : { process: { pid: flow.process.pid, name: flow.process.name } }) });
        else this.line(at, `#${flow.id} speaks ${layers.length > 1 ? layers.join(' > ') : protocol}${flow.route === undefined ? ', no route' : `, route ${flow.route} to ${flow.upstream ?? 'no upstream'}`}${programOf(flow)}`);
        return;
      }
      case 'closed': {
        const { protocol } = classification;
        const facts = { reason: flow.endReason ?? 'engineFailed', ...(flow.endDetail === undefined ? {} : { detail: flow.endDetail }) };
        if (this.isJson) this.event('flow.closed', at, { ...common, ...facts, bytes: totals, protocol, route: flow.route ?? null, upstream: flow.upstream ?? null });
        else this.line(at, `#${flow.id} ended: ${endingOf(flow)}; ${totals.client} bytes from the client, ${totals.upstream} from the upstream`);
        return;
      }
      default:
        assertNever(event);
    }
  }

  private event(name: string, at: number, facts: object): void {
    this.output.write(`${JSON.stringify({ event: name, time: new Date(at).toISOString(), ...facts })}\n`);
  }

  private line(at: number, text: string): void {
    this.output.write(`${clockOf(at)} ${printable(text)}\n`);
  }
}

export function clockOf(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** Names may come from strangers: nothing of them may steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u00b7');
}

function clientOf(flow: FlowFacts): string {
  return endOf(flow.client) === 'unix:' ? `${endOf(flow.local)}#${flow.id}` : endOf(flow.client);
}

function endOf(end: FlowFacts['client']): string {
  if ('path' in end) return end.path.startsWith('\\\\') ? end.path : `unix:${end.path}`;
  return `${formatHost(end.host)}:${end.port}`;
}

function programOf(flow: FlowFacts): string {
  return flow.process === undefined ? '' : `, from ${flow.process.name} (${flow.process.pid})`;
}

function endingOf(flow: FlowFacts): string {
  return flow.endDetail?.replace(/\.$/, '') ?? phraseOf(flow.endReason ?? 'engineFailed');
}

export function phraseOf(reason: EndReason): string {
  switch (reason) {
    case 'clientClosed':
      return 'the client closed';
    case 'upstreamClosed':
      return 'the upstream closed';
    case 'bothClosed':
      return 'both sides closed';
    case 'clientReset':
      return 'the client reset the connection';
    case 'upstreamReset':
      return 'the upstream reset the connection';
    case 'connectRefused':
      return 'the upstream refused the connection';
    case 'connectTimeout':
      return 'the upstream did not answer in time';
    case 'connectFailed':
      return 'the upstream could not be reached';
    case 'noRoute':
      return 'no route took it';
    case 'clientLeftWhileInspected':
      return 'the client left before a route was chosen';
    case 'idle':
      return 'nobody said anything for too long';
    case 'closedByPerson':
      return 'closed by hand';
    case 'stopped':
      return 'the listener was stopped';
    case 'engineFailed':
      return 'Port Prism failed';
    default:
      return assertNever(reason);
  }
}
