// The rules in force, as plain data: what core/config makes of a rule file, what the engine runs, what the views show.
// Everything is already checked and complete here; the written form with its shorthands is described by the JSON schema.

import type { RowColor } from './inspect.js';
import type { Sentence } from './sentences.js';

/** Where a listener listens or an upstream is reached. A path is a Unix socket, or a Windows pipe (`\\.\pipe\name`). */
export type Address =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'path'; path: string };

/** What a route asks of a connection. All strings are as written in the rule file; globs are picomatch's without path semantics. */
export type Condition =
  | { kind: 'always' }
  /** catalogue ids; groups such as `http` are already expanded */
  | { kind: 'protocol'; ids: string[] }
  /** the hello must carry a name (ALPN: offer a protocol) that one of the globs matches */
  | { kind: 'tls'; sni?: string[]; alpn?: string[] }
  /** over http1, and http2 once HEADERS are there; header names are lower case */
  | { kind: 'http'; method?: string[]; host?: string[]; path?: string[]; headers?: { name: string; values: string[] }[] }
  /** one of the byte strings stands at `offset`; `mask` (as long as the hex) is ANDed to both first */
  | { kind: 'payload'; offset: number; hex: string[]; mask?: string }
  /** RE2 syntax over latin1 text of the first flight, tried on at most `maxBytes` */
  | { kind: 'pattern'; source: string; flags: string; maxBytes: number }
  /** CIDR ranges; single addresses are /32 or /128 */
  | { kind: 'remote'; ranges: string[] }
  /** name or command-line globs of the program that owns the client's socket */
  | { kind: 'process'; globs: string[] }
  /** the client has said nothing by the inspect timeout */
  | { kind: 'silent' }
  | { kind: 'not'; of: Condition }
  | { kind: 'all'; of: Condition[] }
  | { kind: 'any'; of: Condition[] };

export type Balance = 'roundRobin' | 'leastConnections' | 'first';

/** Where a route leads: one or several upstreams. `balance: 'first'` takes the first that answers, in order. */
export interface Destination {
  upstreams: Address[];
  balance: Balance;
}

export interface RouteRule {
  /** unique within its listener */
  name: string;
  isEnabled: boolean;
  condition: Condition;
  to: Destination;
}

export interface ListenerRule {
  /** unique among all rule files that are open: `<source>/<name>` */
  id: string;
  /** unique within its rule file */
  name: string;
  isEnabled: boolean;
  listen: Address;
  inspect: {
    /** how long to wait for the client's first flight, in milliseconds */
    timeoutMs: number;
    /** how much of it to look at, in bytes */
    maxBytes: number;
  };
  /** a flow on which neither side says anything for this long is closed, in milliseconds; 0 = never */
  idleMs: number;
  /** an upstream that does not accept within this many milliseconds counts as hanging */
  connectTimeoutMs: number;
  routes: RouteRule[];
  /** takes what no route took; without it the connection is closed and says why. `whenSilent`: also takes clients that say nothing. */
  fallback?: Destination & { whenSilent: boolean };
}

/** A filter that the rule file keeps. */
export interface FilterRule {
  /** unique within its rule file */
  name: string;
  /** expression of the filter language; it is a good one */
  filter: string;
  /** what fits is painted so; of several that fit the first counts */
  color?: RowColor;
}

export interface RuleSet {
  listeners: ListenerRule[];
  /** in the order of the file; the engine has no use for them */
  filters?: FilterRule[];
}

/** Severity as the Problems view knows it. Only `error` keeps a rule file from being applied. */
export type Severity = 'error' | 'warning' | 'info';

/** Something to say about a place in the rule file. Offsets are UTF-16 units into the text; line and column are 0-based. */
export interface RuleProblem {
  severity: Severity;
  /** stable, for tests and quick fixes: `unknownKey`, `wrongType`, `badAddress`, `shadowedRoute`, ... */
  code: string;
  message: string;
  start: number;
  end: number;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** JSON path of the value (or key) it is about, from the root of the file: lets a form show it beside its field */
  path?: (string | number)[];
  /** a text that would mend it, replacing [start, end) */
  suggestion?: { title: string; newText: string };
}

/** Where in the text a listener or route is written, for "go to rule". */
export interface RulePlace {
  /** index into `listeners` as written, disabled ones included */
  listener: number;
  /** index into that listener's `routes`; absent for the listener itself */
  route?: number;
  start: number;
  end: number;
}

export interface ParsedRules {
  /** absent when a problem has severity `error` */
  rules?: RuleSet;
  problems: RuleProblem[];
  places: RulePlace[];
}

/** JSON value of the rule file, as written. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One change to the rule file. Indexes are into the file as written. */
export type RuleEdit =
  /** sets (or with `value` undefined removes) one value at a JSON path such as ['listeners', 0, 'routes', 2, 'to'] */
  | { kind: 'set'; path: (string | number)[]; value: Json | undefined }
  /** puts a new element into an array, before `index`; an index past the end appends */
  | { kind: 'insert'; path: (string | number)[]; index: number; value: Json }
  | { kind: 'remove'; path: (string | number)[] }
  /** moves one element of an array, with the comments that belong to it */
  | { kind: 'move'; path: (string | number)[]; from: number; to: number };

/** Replace [start, end) of the text, offsets in UTF-16 units of the text before any edit of the list. */
export interface TextEdit {
  start: number;
  end: number;
  newText: string;
}

/** What the rule editor shows for one route or listener: the JSON value as written (comments left out), and where. */
export interface RuleFragment {
  path: (string | number)[];
  value: Json;
}

/** What one line of the verdict trace says. */
export interface TraceStep {
  /** index into the listener's enabled routes; -1 = the fallback or the listener itself */
  route: number;
  name: string;
  verdict: 'match' | 'no' | 'more';
  /** bytes of the first flight that the verdict stands on */
  atByte: number;
  /** a whole phrase for the person: "client bytes are not http1 (byte 0 is 0x16)" */
  why: Sentence | '';
}

/** Why a connection went where it went. Bounded: one step per route and round, at most `maxTraceSteps` in all. */
export interface VerdictTrace {
  steps: TraceStep[];
  /** what ended inspection: enough bytes, the deadline, the byte limit, or the client's half-close */
  decidedBy: 'bytes' | 'deadline' | 'maxBytes' | 'ended' | 'facts' | 'pending';
  /** milliseconds from accept to decision */
  tookMs: number;
  /** one sentence: "route tls: matched after 6 bytes" */
  summary: Sentence | '';
}

/** "What would these bytes do?": asked by the rule editor before a rule is saved, and about old flows. */
export interface TryRequest {
  text: string;
  /** index of the listener as written */
  listener: number;
  /** client's first flight */
  bytes: Uint8Array;
  /** the client's half-close or the deadline has come */
  isEnded: boolean;
  remote?: string;
  process?: string;
}

export interface TryAnswer {
  /** index of the route among the listener's enabled routes; -1 = fallback; undefined = closed or still undecided */
  route?: number;
  trace: VerdictTrace;
  protocol: { id: string; by: string };
}

/** Facts for the rule editor's choices. */
export interface ProtocolChoice {
  id: string;
  title: string;
  /** 'server': client bytes can never match, so the editor flags a route on it */
  firstSpeaker: 'client' | 'server' | 'either';
}

/**
 * Everything pure about rule files. core/config implements it; host and webview code reach it through this interface,
 * since it lives in a bundle that is loaded when the first rule file is looked at, not at activation.
 */
export interface RuleService {
  /** @param source prefix of the listener ids made, e.g. the workspace folder's name */
  parse(text: string, source: string): ParsedRules;
  /** @returns edits that make the change and keep every comment and the file's own formatting */
  edit(text: string, edits: readonly RuleEdit[]): TextEdit[];
  /** @returns the value at a path as plain JSON, or undefined when there is none or the text does not parse that far */
  read(text: string, path: (string | number)[]): RuleFragment | undefined;
  /** problems of one fragment in its place, for "problems as you type": the text with the fragment replaced, parsed */
  tryFragment(text: string, path: (string | number)[], value: Json): RuleProblem[];
  template(): string;
  tryBytes(request: TryRequest): TryAnswer;
  protocols(): ProtocolChoice[];
}
