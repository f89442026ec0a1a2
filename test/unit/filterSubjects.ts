// Subjects for filters, made from what a test says about them.

import type { FieldSelector, Subject } from '../../src/core/lens/filter/subject.js';

export interface Facts extends Partial<Omit<Subject, 'someProblem' | 'someField' | 'someBytes'>> {
  problems?: readonly string[];
  /** decoded fields by path: `headers/content-type` */
  decoded?: readonly (readonly [path: string, text: string, value?: number | boolean])[];
  /** bytes on the wire; a text stands for its UTF-8 */
  wire?: readonly (Uint8Array | string)[];
}

export interface TestSubject extends Subject {
  /** how often bytes were asked for */
  reads: number;
}

export function subject({ problems = [], decoded = [], wire = [], ...facts }: Facts): TestSubject {
  const protocols = facts.protocols ?? [];
  const made: TestSubject = {
    flowId: 1, client: [], upstream: [], listener: undefined, route: undefined, program: [], pid: undefined, session: [], from: undefined, kind: undefined, summaries: [], latencyMs: undefined,
    durationMs: undefined, bytes: undefined, stream: undefined, startedAt: 0, isMarked: false, isWaiting: false, severity: problems.length === 0 ? undefined : 'error',
    ...facts,
    protocols,
    reads: 0,
    someProblem: (test) => problems.some(test),
    someField: (selector: FieldSelector, test) => decoded.some(([path, text, value]) => selector.matches(protocols[0] ?? '', path) && test(text, value)),
    someBytes: (test) => {
      made.reads += 1;
      return wire.some((bytes) => test(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes));
    },
  };
  return made;
}
