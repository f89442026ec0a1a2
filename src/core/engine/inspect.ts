// Which route takes a connection, judged from its first bytes: pure, strict in order, and able to say why.

import type { ListenerRule, RouteRule, TraceStep, VerdictTrace } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { compile } from '../match/compile.js';
import { byteCount, type FlowFactsForMatch, type RouteMatcher, type Verdict } from '../match/matcher.js';
import { waitsForServer } from '../protocols/http2Frames.js';

export type { FlowFactsForMatch } from '../match/matcher.js';
export { h2AckFilter, type H2AckFilter } from '../protocols/h2AckFilter.js';
export { emptySettings } from '../protocols/http2Frames.js';

export interface CompiledRoute {
  readonly rule: RouteRule;
  readonly matcher: RouteMatcher;
}

/** A listener's enabled routes, ready to judge. Compiled once when rules are applied; shared by all its connections. */
export interface CompiledListener {
  readonly routes: readonly CompiledRoute[];
  /** 'bytes': takes what no route took; 'silentToo': also clients that say nothing */
  readonly fallback: 'none' | 'bytes' | 'silentToo';
  /** never look at more of the first flight than this */
  readonly maxBytes: number;
  /** start the program look-up at accept */
  readonly needsProcess: boolean;
}

/** What was settled in earlier calls for the same connection, so that it is not asked again. Only `inspect` writes it. */
export interface InspectMemory {
  /** per route: 0 open, 1 no, 2 match */
  readonly settled: Uint8Array;
  /** routes before this one have all said no */
  next: number;
  /** bytes judged so far, summed over calls: what trickling clients have cost */
  judged: number;
  /** prefix length of the last judgement */
  seen: number;
}

export interface InspectInput {
  /** the client's half-close has come: nothing will follow */
  ended: boolean;
  /**
   * The inspect timeout has passed: every `more` becomes `no` and the list is judged once more. Only a program look-up that still
   * runs is waited for beyond it; call again (still final) when it has an answer or has used up its own time.
   */
  isFinal: boolean;
  facts: FlowFactsForMatch;
  memory?: InspectMemory;
}

export type Outcome =
  | {
      kind: 'undecided';
      /**
       * An HTTP/2 client has said all it will say before it hears the server's SETTINGS, and a route wants its HEADERS. Send it
       * `emptySettings` once, and pass what it sends (first flight included) through an `h2AckFilter` to the upstream.
       */
      waitsForServerSettings: boolean;
      /** the first open route only waits for the program look-up; the timeout does not end that */
      waitsForProcess: boolean;
      trace(tookMs: number): VerdictTrace;
    }
  /** `trace` reads the prefix it was judged on: call it before that memory is used again */
  | { kind: 'route'; route: number; trace(tookMs: number): VerdictTrace }
  | { kind: 'fallback'; trace(tookMs: number): VerdictTrace }
  /** nothing takes it; the trace's summary is the sentence for the person */
  | { kind: 'close'; trace(tookMs: number): VerdictTrace };

/** Steps kept in a trace; a list with more routes than this shows the first ones and the deciding one. */
export const maxTraceSteps = 64;

// A client that sends its first flight byte by byte has every open route judged again per byte. Up to this many bytes judged the
// answer comes at the earliest byte; beyond, routes are asked again only when the prefix has grown by an eighth (or time is up),
// which bounds the work per connection to a few times this figure whatever the client does.
const eagerBytes = 1 << 20;

/** @throws when a condition is malformed: only rules that passed validation come here */
export function compileListener(rule: ListenerRule): CompiledListener {
  const routes = rule.routes.filter((route) => route.isEnabled).map((route) => ({ rule: route, matcher: compile(route.condition) }));
  const fallback = rule.fallback === undefined ? 'none' : rule.fallback.whenSilent ? 'silentToo' : 'bytes';
  return { routes, fallback, maxBytes: rule.inspect.maxBytes, needsProcess: routes.some((route) => route.matcher.needsProcess) };
}

export function inspectMemory(list: CompiledListener): InspectMemory {
  return { settled: new Uint8Array(list.routes.length), next: 0, judged: 0, seen: -1 };
}

/**
 * Judges the list on what the client has sent so far.
 *
 * A route wins when it says `match` and every route above it has said `no`. While a route above is open, a match below waits.
 * On silence (no byte, `facts.isSilent`) open routes count as `no` for that one judgement; when nothing takes silence the
 * connection stays undecided, and later bytes are judged as if nothing had happened.
 *
 * @param prefix everything the client has sent, from byte 0; bytes behind `list.maxBytes` are not looked at
 */
export function inspect(list: CompiledListener, prefix: Uint8Array, input: InspectInput): Outcome {
  const isFull = list.maxBytes <= prefix.length;
  const bytes = isFull && list.maxBytes < prefix.length ? prefix.subarray(0, list.maxBytes) : prefix;
  const isSilence = bytes.length === 0 && !input.ended && input.facts.isSilent;
  const isLast = input.ended || input.isFinal || isFull;
  const memory = input.memory;
  const facts = input.facts;
  const judgement: Judgement = { list, bytes, facts, by: isSilence || input.isFinal ? 'deadline' : isFull ? 'maxBytes' : 'ended', isForced: false };

  if (memory !== undefined && !isLast && !isSilence && canWait(memory, bytes.length)) return undecided(judgement, memory.next, false);

  for (let i = memory?.next ?? 0; i < list.routes.length; i++) {
    const route = list.routes[i];
    if (route === undefined) break;
    let verdict = settledVerdict(memory, i) ?? route.matcher.match(bytes, false, facts);
    if (verdict === 'more') {
      if (!isLast && !isSilence) return open(judgement, i, memory);
      if (isSilence) {
        if (waitsForProcess(route.matcher, bytes, facts)) return undecided(judgement, i, false);
        judgement.isForced = true;
        continue;
      }
      if (route.matcher.waitsForHello(bytes)) return refuse(judgement, i);
      // What is open with nothing to follow is a program look-up, which has a time limit of its own (PowerShell takes seconds).
      verdict = route.matcher.match(bytes, true, facts);
      if (verdict === 'more') return undecided(judgement, i, false);
      judgement.isForced = true;
    }
    if (verdict === 'match') return taken(judgement, i);
    if (memory !== undefined && !judgement.isForced) memory.next = i + 1;
  }
  if (isSilence && judgement.isForced && list.fallback !== 'silentToo') return undecided(judgement, memory?.next ?? 0, false);
  if (list.fallback === 'none') return { kind: 'close', trace: (tookMs) => traceOf(judgement, list.routes.length, tookMs, say`closed: no route takes it and there is no default`) };
  return { kind: 'fallback', trace: (tookMs) => traceOf(judgement, list.routes.length, tookMs, say`no route takes it: default`) };
}

interface Judgement {
  list: CompiledListener;
  bytes: Uint8Array;
  facts: FlowFactsForMatch;
  by: 'deadline' | 'maxBytes' | 'ended';
  /** some `more` was turned into `no` */
  isForced: boolean;
}

function settledVerdict(memory: InspectMemory | undefined, route: number): Verdict | undefined {
  const code = memory?.settled[route];
  return code === 1 ? 'no' : code === 2 ? 'match' : undefined;
}

function canWait(memory: InspectMemory, length: number): boolean {
  return eagerBytes < memory.judged && length < memory.seen + (memory.seen >> 3);
}

/** The first open route: those below are asked as well, so that their answers need not be asked for later, and HTTP/2 waits are noticed. */
function open(judgement: Judgement, from: number, memory: InspectMemory | undefined): Outcome {
  const { list, bytes, facts } = judgement;
  let readsHttp2 = false;
  for (let i = from; i < list.routes.length; i++) {
    const route = list.routes[i];
    if (route === undefined) break;
    const verdict = i === from ? 'more' : (settledVerdict(memory, i) ?? route.matcher.match(bytes, false, facts));
    if (verdict === 'more') readsHttp2 ||= route.matcher.readsHttp2;
    else if (memory !== undefined) memory.settled[i] = verdict === 'no' ? 1 : 2;
    // Nothing below a match can win any more.
    if (verdict === 'match') break;
  }
  if (memory !== undefined) {
    memory.judged += bytes.length;
    memory.seen = bytes.length;
  }
  return undecided(judgement, from, readsHttp2);
}

function undecided(judgement: Judgement, first: number, readsHttp2: boolean): Outcome {
  const { list, bytes, facts } = judgement;
  const matcher = list.routes[first]?.matcher;
  return {
    kind: 'undecided',
    waitsForServerSettings: readsHttp2 && waitsForServer(bytes),
    waitsForProcess: matcher !== undefined && waitsForProcess(matcher, bytes, facts),
    trace: (tookMs) => pendingTrace(judgement, tookMs),
  };
}

/** Would the answer be there if it were known that no program can be found? */
function waitsForProcess(matcher: RouteMatcher, bytes: Uint8Array, facts: FlowFactsForMatch): boolean {
  return matcher.needsProcess && facts.process === undefined && matcher.match(bytes, false, { ...facts, process: null }) !== 'more';
}

function taken(judgement: Judgement, index: number): Outcome {
  return {
    kind: 'route',
    route: index,
    trace(tookMs) {
      const route = judgement.list.routes[index];
      const trace = traceOf(judgement, index + 1, tookMs, '');
      const step = trace.steps[trace.steps.length - 1];
      const after = step === undefined || step.atByte === 0 ? step?.why ?? '' : say`matched after ${byteCount(step.atByte)}`;
      return { ...trace, summary: say`route ${route?.rule.name ?? index}: ${after}` };
    },
  };
}

/** A TLS hello that stays incomplete is never routed on what is missing from it. */
function refuse(judgement: Judgement, index: number): Outcome {
  return {
    kind: 'close',
    trace(tookMs) {
      const name = judgement.list.routes[index]?.rule.name ?? String(index);
      const summary = say`closed: the TLS hello is incomplete ${endPhrase(judgement.by)}, and route ${name} depends on its server name or protocols`;
      const trace = traceOf({ ...judgement, isForced: true }, index, tookMs, summary);
      trace.steps.push(stepOf(judgement, index, 'more'));
      return trace;
    },
  };
}

function traceOf(judgement: Judgement, count: number, tookMs: number, summary: Sentence | ''): VerdictTrace {
  const steps: TraceStep[] = [];
  let isFactsOnly = true;
  for (let i = 0; i < count; i++) {
    if (0 < (judgement.list.routes[i]?.matcher.maxBytes ?? 0)) isFactsOnly = false;
    if (maxTraceSteps <= i + 1 && i < count - 1) continue;
    // Unless something was forced, every route above the winner said no, and need not be asked again.
    const known = judgement.isForced ? undefined : summary === '' && i === count - 1 ? 'match' : 'no';
    steps.push(stepOf(judgement, i, known));
  }
  const decidedBy = judgement.isForced ? judgement.by : isFactsOnly ? 'facts' : 'bytes';
  if (summary !== '' && steps.length < maxTraceSteps) steps.push({ route: -1, name: 'default', verdict: judgement.list.fallback === 'none' ? 'no' : 'match', atByte: judgement.bytes.length, why: summary });
  return { steps, decidedBy, tookMs, summary };
}

function pendingTrace(judgement: Judgement, tookMs: number): VerdictTrace {
  const steps = judgement.list.routes.slice(0, maxTraceSteps).map((_, i) => stepOf(judgement, i, judgement.list.routes[i]?.matcher.match(judgement.bytes, false, judgement.facts)));
  const first = steps.find((step) => step.verdict !== 'no');
  return { steps, decidedBy: 'pending', tookMs, summary: first === undefined ? say`undecided` : say`undecided: route ${first.name} ${first.why}` };
}

/** One line of the trace. Verdicts are found again from the bytes: matchers are pure, and a trace is rarely read. */
function stepOf(judgement: Judgement, index: number, given: Verdict | undefined): TraceStep {
  const { list, bytes, facts } = judgement;
  const route = list.routes[index];
  if (route === undefined) return { route: index, name: '', verdict: 'no', atByte: 0, why: '' };
  const { matcher, rule } = route;
  const bare = given ?? matcher.match(bytes, false, facts);
  const base = { route: index, name: rule.name };
  if (bare !== 'more') {
    const atByte = earliest(matcher, bare, bytes, facts);
    return { ...base, verdict: bare, atByte, why: matcher.explain(bare, bytes, atByte, facts) };
  }
  const open = matcher.explain('more', bytes, bytes.length, facts);
  if (given === 'more') return { ...base, verdict: 'more', atByte: bytes.length, why: open };
  const isSilence = bytes.length === 0 && judgement.by === 'deadline';
  const verdict = !isSilence && matcher.match(bytes, true, facts) === 'match' ? 'match' : 'no';
  const why = verdict === 'match' ? say`${matcher.explain('match', bytes, bytes.length, facts)}, since nothing more came ${endPhrase(judgement.by)}` : say`${open}; nothing came ${endPhrase(judgement.by)}`;
  return { ...base, verdict, atByte: bytes.length, why };
}

function endPhrase(by: Judgement['by']): Sentence {
  if (by === 'deadline') return say`by the inspect timeout`;
  return by === 'maxBytes' ? say`within the byte limit` : say`before the client ended`;
}

/** Fewest bytes that give the verdict. Verdicts are stable, so doubling and then halving finds it. */
function earliest(matcher: RouteMatcher, verdict: Verdict, bytes: Uint8Array, facts: FlowFactsForMatch): number {
  if (bytes.length === 0) return 0;
  const holds = (length: number): boolean => matcher.match(bytes.subarray(0, length), false, facts) === verdict;
  // Most refusals stand on the first byte, a few on facts alone.
  if (holds(1)) return holds(0) ? 0 : 1;
  let low = 1;
  let high = 2;
  while (high < bytes.length && !holds(high)) {
    low = high;
    high *= 2;
  }
  if (bytes.length < high) high = bytes.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
