// What is told of a flow: facts that views, recordings and rules read. They are sent whole whenever they change, so what grows in them is bounded.

import type { FlowFacts } from '../../shared/flow.js';
import type { Touch } from '../../shared/hold.js';
import type { Sentence } from '../../shared/sentences.js';
import { epochNow } from './clock.js';
import { plainEndpoint, type Wire } from './wire.js';

/** So many of what was done to a flow's messages, the newest; and so many notes. */
const maxTouches = 500;
const maxNotes = 100;

/** Facts of a connection that was just accepted. */
export function firstFacts(id: number, owner: { readonly id: string; readonly name: string }, wire: Wire, local: FlowFacts['local'] | undefined): FlowFacts {
  return {
    id,
    listenerId: owner.id,
    listenerName: owner.name,
    openedAt: epochNow(),
    client: plainEndpoint(wire.remote()),
    local: local ?? plainEndpoint(wire.local()),
    failedUpstreams: [],
    notes: [],
  };
}

/** Something was done to what a speaker said; told again when it has come to its end. */
export function keepTouch(facts: FlowFacts, touch: Touch): void {
  const touches = (facts.touches ??= []);
  if (touches.includes(touch)) return;
  if (maxTouches <= touches.length) touches.shift();
  touches.push(touch);
}

/** @returns whether there was room for it */
export function keepNote(facts: FlowFacts, text: Sentence): boolean {
  if (maxNotes <= facts.notes.length) return false;
  facts.notes.push(text);
  return true;
}
