// Debug sessions, and the times at which a debugger held their programs: followed by the host, told to lens as a whole, shown beside flows.

/** A debug session of the editor; what a debugger starts under one (js-debug has one per process) counts as a part of it. */
export interface DebugSessionFacts {
  id: string;
  name: string;
  /** the debugger's type: 'pwa-node', 'debugpy' */
  type: string;
  /** epoch milliseconds */
  startedAt: number;
  /** the last time its program was started again */
  restartedAt?: number;
  /** undefined = it runs */
  endedAt?: number;
  /** its programs so far, ended ones included; what they start belongs to it as well */
  pids: number[];
}

/** A stretch of time in which a debugger held a program. */
export interface DebugPause {
  /** id of the session */
  session: string;
  startedAt: number;
  /** undefined = it is held now */
  endedAt?: number;
  /** 'breakpoint', 'step', 'exception', 'pause', ... as the debugger says */
  reason: string;
  /** where the program stood: `server.js:42`, or a function's name where there is no source */
  where?: string;
  /** absolute path, when the debugger tells one */
  file?: string;
  /** counts from 1 */
  line?: number;
  /** the programs that were held; empty = not known, so all of the session */
  pids: number[];
}

/** A whole snapshot: a later one replaces it. */
export interface DebugSnapshot {
  /** in the order they started; at most 100, ended ones forgotten first */
  sessions: DebugSessionFacts[];
  /** in the order they started; at most 10,000, oldest forgotten first */
  pauses: DebugPause[];
}

/** What a person narrowed the inspector to; held by the host, so that commands and page agree. */
export interface DebugNarrowing {
  /** only flows of this debug session */
  session?: string;
  /** only what happened from then on; epoch milliseconds */
  from?: number;
  /** `from` is the last start of the session, and moves with each */
  isSinceRestart?: true;
}

export const maxDebugSessions = 100;
export const maxDebugPauses = 10_000;

/** What lens is told. A type, not an interface: contracts are records. */
export type DebugLensRequests = {
  /** Flows are told again with their sessions; ask again when 'lens/changed' comes. */
  'debug/set': { params: DebugSnapshot; result: null };
};

/** What the inspector page asks of the host. */
export type DebugPageRequests = {
  'debug/sessions': { params: null; result: { sessions: DebugSessionFacts[]; narrowing: DebugNarrowing } };
  /** pauses that overlap [from, to), for bands; at most the 1,000 latest of them */
  'debug/timeline': { params: { from?: number; to?: number }; result: { pauses: DebugPause[] } };
  /** the page's chip was pressed or taken away; {} = all */
  'debug/narrow': { params: DebugNarrowing; result: null };
  /** opens the file where a pause was */
  'debug/reveal': { params: { file: string; line: number }; result: null };
};

/** What the page hears. */
export type DebugPageNotifications = {
  /** sessions, pauses or the narrowing changed: the page asks for what it shows of them */
  'debug/changed': { sessions: DebugSessionFacts[]; narrowing: DebugNarrowing; /** counts up with every change of the pauses */ pausesRevision: number };
};
