// Rules that hold messages, and the messages that stand at this moment, over all flows.

import { defaultHoldMs, type HeldMessage, type HoldAction, type HoldRule, type HoldStatus } from '../../../shared/hold.js';
import type { FilterProblem } from '../../../shared/inspect.js';
import { Emitter, Owner, toDisposable } from '../../../shared/lifecycle.js';
import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import { bareContext } from '../../dissectors/dissector.js';
import { decompress } from '../../lens/decompress.js';
import { parseFilter, type Filter } from '../../lens/filter/filter.js';
import type { Flow } from '../flow.js';
import { unholdable } from './holdable.js';
import { HoldGate, type GateKeeper, type Standing } from './holdGate.js';
import type { Gate, HoldPoint } from './holdPoint.js';
import { messageSubject } from './messageSubject.js';

/** Messages that stand at a time; a person decides about them one by one. Beyond, they go on, with a note. */
const maxStanding = 200;
const maxRules = 50;
const shortestMs = 1000;
const longestMs = 600_000;

interface RuleInForce {
  rule: HoldRule;
  filter: Filter;
  isArmed: boolean;
  count: number;
}

interface Entry {
  held: HeldMessage;
  standing: Standing;
  gate: HoldGate;
  timer: NodeJS.Timeout;
}

export class Holds extends Owner implements HoldPoint, GateKeeper {
  readonly context = { ...bareContext, decompress };
  private rules: RuleInForce[] = [];
  private readonly entries = new Map<number, Entry>();
  private readonly gates = new Map<Flow, HoldGate>();
  private readonly changed = this.register(new Emitter<void>());
  private spoken: ReadonlyMap<number, string> = new Map();
  private lastId = 0;
  /** the rule that the message just judged matched */
  private matched: RuleInForce | undefined;

  /** a message stands, or left; a rule was used up */
  readonly onChanged = this.changed.event;

  constructor() {
    super();
    this.register(toDisposable(() => this.letAllGo()));
  }

  get isOn(): boolean {
    return 0 < this.rules.length;
  }

  /**
   * @param spoken what open flows speak
   * @returns what is wrong with which rule; those are not in force
   */
  set(rules: readonly HoldRule[], spoken: readonly (readonly [number, string])[]): (FilterProblem & { rule: string })[] {
    const problems: (FilterProblem & { rule: string })[] = [];
    const before = new Map(this.rules.map((one) => [one.rule.id, one]));
    this.rules = [];
    this.spoken = new Map(spoken);
    for (const rule of rules.slice(0, maxRules)) {
      const filter = parseFilter(rule.filter);
      const problem = 'message' in filter ? filter : unholdable(rule.filter, filter.expression);
      if ('message' in filter || problem !== undefined) {
        if (problem !== undefined) problems.push({ rule: rule.id, ...problem });
        continue;
      }
      // Set again, a rule is armed again; its count goes on.
      this.rules.push({ rule: { ...rule, timeoutMs: withinBounds(rule.timeoutMs) }, filter, isArmed: true, count: before.get(rule.id)?.count ?? 0 });
    }
    if (!this.isOn) this.letAllGo();
    this.changed.fire();
    return problems;
  }

  status(): HoldStatus {
    return {
      rules: this.rules.map(({ rule, isArmed, count }) => ({ ...rule, isArmed, count })),
      held: [...this.entries.values()].map(({ held }) => held),
    };
  }

  read(id: number): Uint8Array | undefined {
    const entry = this.entries.get(id);
    return entry?.gate.read(entry.standing);
  }

  decide(id: number, action: HoldAction): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.standing.action !== undefined) return false;
    entry.gate.decide(entry.standing, action);
    return true;
  }

  open(flow: Flow): Gate {
    const gate = new HoldGate(flow, this, this.spoken.get(flow.id));
    this.gates.set(flow, gate);
    return gate;
  }

  wants(flow: Flow, message: Message, bytes: () => Uint8Array): boolean {
    const subject = messageSubject(message, flow.facts, bytes);
    this.matched = this.rules.find(({ isArmed, filter }) => isArmed && filter.matches(subject));
    if (this.matched === undefined) return false;
    if (this.entries.size < maxStanding) return true;
    flow.note(say`A message that was to be held (${message.summary}) went on: ${maxStanding} are held already.`);
    return false;
  }

  stands(flow: Flow, standing: Standing): void {
    const { matched } = this;
    const gate = this.gates.get(flow);
    if (matched === undefined || gate === undefined) return;
    matched.count += 1;
    if (matched.rule.isOneShot) matched.isArmed = false;
    const { message, heldAt } = standing;
    const id = ++this.lastId;
    const { timeoutMs } = matched.rule;
    const held: HeldMessage = {
      id,
      rule: matched.rule.id,
      flow: flow.id,
      from: message.from,
      protocol: message.protocol,
      summary: message.summary,
      start: message.range.start,
      end: message.range.end,
      heldAt,
      releasesAt: heldAt + timeoutMs,
    };
    const timer = setTimeout(() => {
      standing.touch.what = 'timedOut';
      this.decide(id, { kind: 'release' });
    }, timeoutMs);
    this.entries.set(id, { held, standing, gate, timer });
    flow.touched(standing.touch);
    this.changed.fire();
  }

  left(flow: Flow, standing: Standing): void {
    for (const [id, entry] of this.entries) {
      if (entry.standing !== standing) continue;
      clearTimeout(entry.timer);
      this.entries.delete(id);
    }
    flow.touched(standing.touch);
    this.changed.fire();
  }

  gone(flow: Flow): void {
    this.gates.delete(flow);
  }

  private letAllGo(): void {
    for (const { timer } of this.entries.values()) clearTimeout(timer);
    for (const gate of this.gates.values()) gate.openUp();
    this.gates.clear();
  }
}

function withinBounds(timeoutMs: number): number {
  return Number.isFinite(timeoutMs) ? Math.min(longestMs, Math.max(shortestMs, timeoutMs)) : defaultHoldMs;
}
