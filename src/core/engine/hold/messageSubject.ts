// A message on its way as a filter judges it: alone, since its answer has not been given.

import { formatHost } from '../../../shared/address.js';
import type { FlowFacts } from '../../../shared/flow.js';
import type { Field, Message } from '../../../shared/message.js';
import { programName } from '../../../shared/programName.js';
import type { FieldSelector, Subject } from '../../lens/filter/subject.js';

/** @param bytes its bytes on the wire, for filters that ask */
export function messageSubject(message: Message, facts: FlowFacts, bytes: () => Uint8Array): Subject {
  const { protocol, from, kind, summary, range, startedAt, endedAt, latencyMs, stream, problems, fields } = message;
  return {
    flowId: facts.id,
    protocols: [protocol],
    client: endNames(facts.client),
    upstream: facts.upstream === undefined ? [] : [facts.upstream],
    listener: facts.listenerName,
    route: facts.route,
    program: facts.process === undefined ? [] : [programName(facts.process), facts.process.name, facts.process.commandLine],
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
    severity: problems.some(({ severity }) => severity === 'error') ? 'error' : problems.some(({ severity }) => severity === 'warning') ? 'warning' : problems[0]?.severity,
    someProblem: (test) => problems.some(({ text }) => test(text)),
    someField: (selector, test) => someField(fields, '', protocol, selector, test),
    someBytes: (test) => test(bytes()),
  };
}

function someField(fields: readonly Field[], above: string, protocol: string, selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean {
  return fields.some((field) => {
    const path = above === '' ? field.name : `${above}/${field.name}`;
    if (selector.matches(protocol, path) && test(field.text, field.value)) return true;
    return field.fields !== undefined && someField(field.fields, path, protocol, selector, test);
  });
}

function endNames(end: FlowFacts['client']): string[] {
  return 'path' in end ? [end.path] : [`${formatHost(end.host)}:${end.port}`, end.host];
}
