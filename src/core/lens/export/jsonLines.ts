// JSON Lines: a line per connection and per message, in the words of `port-prism decode --json`, with bodies.

import { formatHost } from '../../../shared/address.js';
import type { Content, Message } from '../../../shared/message.js';
import { textOfBytes } from './bodyText.js';
import type { ExportFlow } from './exportFlow.js';
import type { Sink } from './fileSink.js';
import type { Job, Steps } from './job.js';
import { secretSpans } from './secretText.js';
import { choiceOf } from './selection.js';
import { hasSecrets } from './wireMasks.js';

export function* jsonLinesSteps(job: Job, sink: Sink): Steps {
  for (const { flow, indexes } of job.selected) {
    sink.text(`${JSON.stringify(flowLine(job, flow))}\n`);
    const isChosen = choiceOf(indexes);
    for (const { messages, bytes } of flow.messages()) {
      for (const message of messages) {
        if (!isChosen(message)) continue;
        sink.text(`${JSON.stringify(messageLine(job, flow, message))}\n`);
        job.report.messages += 1;
      }
      yield bytes;
    }
  }
}

/** What is known of a connection, as an object of JSON. */
export function flowLine(job: Pick<Job, 'masking'>, flow: ExportFlow): object {
  const { id, listenerName, client, local, process, route, upstream, openedAt, connectedAt, closedAt, endReason, endDetail, classification, fromClient, fromUpstream, notes } = job.masking.facts(flow.row);
  return {
    event: 'flow',
    time: new Date(openedAt).toISOString(),
    flow: id,
    listener: listenerName,
    client: endOf(client),
    server: endOf(local),
    ...(process === undefined ? {} : { process }),
    ...(route === undefined ? {} : { route }),
    ...(upstream === undefined ? {} : { upstream }),
    protocol: classification.protocol,
    layers: classification.layers,
    startedAt: openedAt,
    ...(connectedAt === undefined ? {} : { connectedAt }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(endReason === undefined ? {} : { endReason }),
    ...(endDetail === undefined ? {} : { endDetail }),
    bytes: { client: fromClient.total, upstream: fromUpstream.total },
    dropped: { client: fromClient.dropped, upstream: fromUpstream.dropped },
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function messageLine({ masking }: Job, flow: ExportFlow, message: Message): object {
  const { fields, content, summary, problems, ...facts } = message;
  return {
    event: 'message',
    time: new Date(message.startedAt).toISOString(),
    flow: flow.id,
    ...facts,
    summary: masking.quietly(summary),
    fields: masking.fields(message, flow),
    problems: problems.map((problem) => ({ ...problem, text: masking.quietly(problem.text) })),
    ...(content === undefined ? {} : { content: contentOf(masking, content, hasSecrets(fields)) }),
  };
}

/** A body as text where it is text, else in base64. */
function contentOf(masking: Job['masking'], { bytes, mediaType, range, isDecoded }: Content, hasSecret: boolean): object {
  const facts = { mediaType, length: bytes.length, range, isDecoded };
  const text = textOfBytes(bytes);
  // The secrets of fields were counted with them.
  if (text !== undefined) return { ...facts, text: masking.quietly(text) };
  if (masking.isOn && (hasSecret || 0 < secretSpans(Buffer.from(bytes).toString('latin1')).length)) return { ...facts, leftOut: 'it has secrets in it' };
  return { ...facts, base64: Buffer.from(bytes).toString('base64') };
}

function endOf(end: { host: string; port: number } | { path: string }): string {
  return 'path' in end ? end.path : `${formatHost(end.host)}:${end.port}`;
}
