// A message on its way as a filter judges it: alone, since its answer has not been given.

import type { FlowFacts } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import type { Subject } from '../../lens/filter/subject.js';
import { someFieldOf, worstOf } from '../../lens/filter/wholeMessage.js';
import { namesOf } from '../../lens/ledger/flowNames.js';

/** @param bytes its bytes on the wire, for filters that ask */
export function messageSubject(message: Message, facts: FlowFacts, bytes: () => Uint8Array): Subject {
  const { protocol, from, kind, summary, range, startedAt, endedAt, latencyMs, stream, problems } = message;
  return {
    flowId: facts.id,
    protocols: [protocol],
    ...namesOf(facts),
    listener: facts.listenerName,
    route: facts.route,
    pid: facts.process?.pid,
    session: [],
    from,
    kind,
    summaries: [summary],
    latencyMs,
    durationMs: endedAt - startedAt,
    bytes: range.end - range.start,
    stream,
    startedAt,
    isMarked: false,
    isWaiting: kind === 'request',
    severity: worstOf([message]),
    someProblem: (test) => problems.some(({ text }) => test(text)),
    someField: (selector, test) => someFieldOf(message, selector, test),
    someBytes: (test) => test(bytes()),
  };
}
