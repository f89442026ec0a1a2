// Which debug session a flow belongs to, and how long a debugger held its programs meanwhile.

import { maxDebugPauses, maxDebugSessions, type DebugPause, type DebugSessionFacts, type DebugSnapshot } from '../../../shared/debug.js';
import type { FlowFacts, FlowRow, ProcessFacts } from '../../../shared/flow.js';
import { Intervals } from './intervals.js';

/** What a flow's row says about sessions. */
export type FlowSessions = Pick<FlowRow, 'session' | 'upstreamSession'>;

/** A flow's place among sessions, as long as neither its facts nor the sessions change. */
interface Place {
  readonly version: number;
  readonly sessions: FlowSessions;
  readonly words: readonly string[];
  /** times at which the client's or the upstream's program was held */
  readonly held: Intervals;
}

const noSessions: FlowSessions = {};
const noWords: readonly string[] = [];
const neverHeld = new Intervals([]);

export class DebugSessions {
  private sessions = new Map<string, DebugSessionFacts>();
  /** newest first: a process id may come again */
  private byPid = new Map<number, DebugSessionFacts[]>();
  private pausesOf = new Map<string, DebugPause[]>();
  private heldOf = new Map<string, Intervals>();
  /** facts are replaced, never changed: what was found for them counts until the sessions change */
  private places = new WeakMap<FlowFacts, Place>();
  private version = 0;

  set(snapshot: DebugSnapshot): void {
    this.version += 1;
    this.sessions = new Map(snapshot.sessions.slice(-maxDebugSessions).map((session) => [session.id, session]));
    this.byPid = new Map();
    for (const session of this.sessions.values()) for (const pid of session.pids) this.byPid.set(pid, [session, ...(this.byPid.get(pid) ?? [])]);
    this.pausesOf = new Map();
    for (const pause of snapshot.pauses.slice(-maxDebugPauses)) {
      const pauses = this.pausesOf.get(pause.session);
      if (pauses === undefined) this.pausesOf.set(pause.session, [pause]);
      else pauses.push(pause);
    }
    this.heldOf = new Map();
  }

  of(facts: FlowFacts): FlowSessions {
    return this.sessions.size === 0 ? noSessions : this.place(facts).sessions;
  }

  /** @returns names and ids of a flow's sessions, names first; for filters */
  wordsFor(facts: FlowFacts): readonly string[] {
    return this.sessions.size === 0 ? noWords : this.place(facts).words;
  }

  owns(session: string, facts: FlowFacts): boolean {
    const { session: first, upstreamSession } = this.of(facts);
    return first === session || upstreamSession === session;
  }

  /** @returns how many of the milliseconds between two times a debugger held the flow's client or upstream */
  pausedBetween(facts: FlowFacts, from: number, to: number): number {
    return this.pausesOf.size === 0 ? 0 : this.place(facts).held.overlap(from, to);
  }

  private place(facts: FlowFacts): Place {
    const known = this.places.get(facts);
    if (known?.version === this.version) return known;
    const client = this.ownerOf(facts, facts.process);
    const upstream = this.ownerOf(facts, facts.upstreamProcess);
    const session = client ?? upstream;
    const ids = [...new Set([client, upstream])].filter((id) => id !== undefined);
    const place: Place = {
      version: this.version,
      sessions: session === undefined ? noSessions : { session, ...(upstream === undefined || upstream === session ? {} : { upstreamSession: upstream }) },
      words: ids.length === 0 ? noWords : [...ids.map((id) => this.sessions.get(id)?.name ?? id), ...ids],
      held: this.held([[client, facts.process?.pid], [upstream, facts.upstreamProcess?.pid]]),
    };
    this.places.set(facts, place);
    return place;
  }

  /** The newest session that had the process, or one of those that started it, while the flow lived: what was attached to later counts as well. */
  private ownerOf(facts: FlowFacts, process: ProcessFacts | undefined): string | undefined {
    if (process === undefined) return undefined;
    for (const pid of [process.pid, ...(process.ancestors ?? [])]) {
      const owner = this.byPid.get(pid)?.find(({ startedAt, endedAt }) => startedAt <= (facts.closedAt ?? Number.POSITIVE_INFINITY) && facts.openedAt <= (endedAt ?? Number.POSITIVE_INFINITY));
      if (owner !== undefined) return owner.id;
    }
    return undefined;
  }

  private held(programs: readonly [session: string | undefined, pid: number | undefined][]): Intervals {
    const wanted = programs.filter(([session]) => session !== undefined && this.pausesOf.has(session));
    if (wanted.length === 0) return neverHeld;
    const key = wanted.map(([session, pid]) => `${session} ${pid}`).join('|');
    const known = this.heldOf.get(key);
    if (known !== undefined) return known;
    // One time that held both counts once.
    const held = new Intervals(wanted.flatMap(([session, pid]) => this.pausesOf.get(session!)!.filter(({ pids }) => holds(pids, pid)).map(({ startedAt, endedAt }) => ({ start: startedAt, end: endedAt ?? Number.POSITIVE_INFINITY }))));
    this.heldOf.set(key, held);
    return held;
  }
}

/** A debugger holds the programs it is in, not those that they started. */
function holds(pids: readonly number[], pid: number | undefined): boolean {
  return pids.length === 0 || (pid !== undefined && pids.includes(pid));
}
