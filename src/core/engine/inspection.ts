// One flow while it is being inspected: remembers what is known, and asks inspect() whenever that changes. Holds no socket.

import type { ProcessFacts, FlowFacts } from '../../shared/flow.js';
import type { VerdictTrace } from '../../shared/rules.js';
import { inspect, inspectMemory, type InspectMemory, type Outcome } from './inspect.js';
import type { RouteInForce, RulesInForce } from './rulesInForce.js';

/** Where a flow goes; `undecided` = wait for more bytes, the deadline or the look-up. */
export type Decision =
  | { kind: 'undecided'; waitsForServerSettings: boolean }
  | { kind: 'route'; route: RouteInForce; outcome: Outcome }
  | { kind: 'close'; outcome: Outcome };

/** The rules are those the flow started under: a change of rules meanwhile is for the flows after it. */
export class Inspection {
  private readonly memory: InspectMemory;
  private readonly remote: string;
  /** undefined = the look-up runs (or nobody asked for one), null = no program was found */
  private process: ProcessFacts | null | undefined;
  private isEnded = false;
  private isSilent = false;
  private isFinal = false;

  constructor(private readonly rules: RulesInForce, client: FlowFacts['client']) {
    this.memory = inspectMemory(rules.compiled);
    this.remote = 'host' in client ? client.host : '';
  }

  /** The client sent FIN. */
  end(): void {
    this.isEnded = true;
  }

  found(process: ProcessFacts | null): void {
    this.process = process;
  }

  /**
   * The inspect timeout has passed.
   *
   * @param isSilent no byte has come; a flow that nothing takes then goes on waiting, and its first byte starts the time again
   */
  expire(isSilent: boolean): void {
    this.isSilent = isSilent;
    this.isFinal = !isSilent;
  }

  judge(prefix: Uint8Array): Decision {
    const outcome = inspect(this.rules.compiled, prefix, {
      ended: this.isEnded,
      isFinal: this.isFinal,
      facts: { remote: this.remote, process: this.process, isSilent: this.isSilent },
      memory: this.memory,
    });
    switch (outcome.kind) {
      case 'undecided':
        return { kind: 'undecided', waitsForServerSettings: outcome.waitsForServerSettings };
      case 'close':
        return { kind: 'close', outcome };
      case 'fallback':
      case 'route': {
        const route = outcome.kind === 'route' ? this.rules.routes[outcome.route] : this.rules.fallback;
        return route === undefined ? { kind: 'close', outcome } : { kind: 'route', route, outcome };
      }
    }
  }

  /**
   * Why it was decided so. Working a trace out costs more than deciding, and under load most first flights are alike: traces of
   * equal first flights are shared.
   */
  trace(outcome: Outcome, prefix: Uint8Array, tookMs: number): VerdictTrace {
    if (maxKeyBytes < prefix.length) return outcome.trace(tookMs);
    const how = `${outcome.kind} ${this.isEnded} ${this.isFinal} ${this.isSilent} ${this.remote} ${this.process?.pid ?? this.process} `;
    const key = how + Buffer.from(prefix.buffer, prefix.byteOffset, prefix.length).toString('latin1');
    const { traces } = this.rules;
    const known = traces.get(key);
    if (known !== undefined) return { ...known, tookMs };
    const trace = outcome.trace(tookMs);
    if (maxTraces <= traces.size) traces.clear();
    traces.set(key, trace);
    return trace;
  }
}

/** First flights longer than this are compared with nothing; requests in a row from one program are shorter. */
const maxKeyBytes = 1024;

/** Traces remembered per listener: about 1 MB at worst. */
const maxTraces = 200;
