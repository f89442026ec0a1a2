// Look-ups of clients' programs, so arranged that they never slow forwarding: those that a route waits for run at once and
// together; those for display are one look at the system for many, with a rest after it in proportion to what it cost.

import { setTimeout as wait } from 'node:timers/promises';
import { formatAddress } from '../../shared/address.js';
import type { ProcessFacts } from '../../shared/flow.js';
import type { Disposable } from '../../shared/lifecycle.js';
import type { Address } from '../../shared/rules.js';
import { socketOwners, type Endpoint, type OwnerQuestion, type SocketOwners } from './socketOwner.js';

/** A route waits this long for an answer; then no program was found. Windows starts PowerShell for it. */
const answerWithinMs = 3000;

/** Rest after a display look-up, at least; what is asked meanwhile is answered by one look. */
const restMs = 150;

/** The same as a multiple of the time the look took: a tenth of the thread at most. */
const restFactor = 10;

/** Flows waiting for a display look-up; beyond, new ones go without. */
const maxWaiting = 500;

interface Waiting {
  question: OwnerQuestion | Address;
  isStillWanted: () => boolean;
  answer: (process: ProcessFacts | null) => void;
}

export class ProcessResolver implements Disposable {
  private urgent: { question: OwnerQuestion; answer: (process: ProcessFacts | null) => void }[] = [];
  private isAnswering = false;
  private displayed: Waiting[] = [];
  private isDisplaying = false;
  private readonly ending = new AbortController();

  constructor(private readonly owners: SocketOwners = socketOwners()) {}

  /** @returns null when no program was found in time */
  now(client: Endpoint, local: Endpoint): Promise<ProcessFacts | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), answerWithinMs);
      this.urgent.push({
        question: { client, local },
        answer: (process) => {
          clearTimeout(timer);
          resolve(process);
        },
      });
      if (!this.isAnswering) void this.answer();
    });
  }

  /** A look for display would be made at once: short flows can be named as well. */
  get isRested(): boolean {
    return !this.isDisplaying;
  }

  /** Tells when there is time, at once when rested; may never. */
  later(client: Endpoint, local: Endpoint, isStillWanted: () => boolean, found: (process: ProcessFacts) => void): void {
    this.wait({ question: { client, local }, isStillWanted, answer: (process) => process !== null && found(process) });
  }

  /** Tells when there is time who listens at an address of this machine; null = nobody was found, or too many are waiting. */
  laterListening(address: Address, answer: (process: ProcessFacts | null) => void): void {
    if (!this.wait({ question: address, isStillWanted: () => true, answer })) answer(null);
  }

  dispose(): void {
    this.ending.abort();
    for (const { answer } of this.urgent) answer(null);
    this.urgent = [];
    this.displayed = [];
  }

  private wait(waiting: Waiting): boolean {
    if (maxWaiting <= this.displayed.length) return false;
    this.displayed.push(waiting);
    if (!this.isDisplaying) void this.display();
    return true;
  }

  private async answer(): Promise<void> {
    this.isAnswering = true;
    while (0 < this.urgent.length && !this.ending.signal.aborted) {
      // One turn of the loop gathers the connections that came together.
      await wait(0);
      const asked = this.urgent;
      this.urgent = [];
      const answers = await this.find(asked.map(({ question }) => question));
      asked.forEach(({ answer }, index) => answer(answers[index] ?? null));
    }
    this.isAnswering = false;
  }

  private async display(): Promise<void> {
    this.isDisplaying = true;
    while (0 < this.displayed.length) {
      const asked = this.displayed.filter((waiting) => waiting.isStillWanted());
      this.displayed = [];
      const start = performance.now();
      const answers = await this.look(asked.map(({ question }) => question));
      // A flow may have ended while the system was looked at: its program is worth knowing all the same.
      asked.forEach((waiting, index) => waiting.answer(answers[index] ?? null));
      if (!(await this.rest(Math.max(restMs, (performance.now() - start) * restFactor)))) return;
    }
    this.isDisplaying = false;
  }

  /** @returns answers in the order of the questions */
  private async look(questions: readonly (OwnerQuestion | Address)[]): Promise<(ProcessFacts | null)[]> {
    const connections = questions.filter((question) => 'client' in question);
    const owners = connections.length === 0 ? [] : await this.find(connections);
    const answers = new Map<OwnerQuestion | Address, ProcessFacts | null>(connections.map((question, index) => [question, owners[index] ?? null]));
    const listening = new Map<string, ProcessFacts | null>();
    for (const question of questions) {
      if ('client' in question) continue;
      const address = formatAddress(question);
      if (!listening.has(address)) listening.set(address, await this.owners.listening(question).catch(() => null));
      answers.set(question, listening.get(address) ?? null);
    }
    return questions.map((question) => answers.get(question) ?? null);
  }

  /** A look-up that fails has found nothing: forwarding goes on without a name. */
  private find(questions: readonly OwnerQuestion[]): Promise<(ProcessFacts | null)[]> {
    return this.owners.find(questions).catch(() => questions.map(() => null));
  }

  private rest(ms: number): Promise<boolean> {
    return wait(ms, true, { signal: this.ending.signal }).catch(() => false);
  }
}
