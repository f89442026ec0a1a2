// HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): the requests and answers of all HTTP flows, written one by one. Messages of a WebSocket
// stand in the entry of the request that opened it, as Chrome writes them.

import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import { textOfBytes } from './bodyText.js';
import type { ExportFlow } from './exportFlow.js';
import type { Sink } from './fileSink.js';
import { entryOf } from './harEntry.js';
import { HttpExchanges, type HttpExchange } from './httpExchange.js';
import type { Job, Steps } from './job.js';
import { choiceOf, type Selected } from './selection.js';

const httpLayers = new Set(['http1', 'http2', 'grpc', 'http-connect', 'websocket', 'cdp']);

export function* harSteps(job: Job, sink: Sink): Steps {
  const archive = new Archive(job, sink);
  sink.text(`{"log":{"version":"1.2","creator":${JSON.stringify({ name: 'Port Prism', version: job.version })},"entries":[`);
  let others = 0;
  for (const selected of job.selected) {
    const { layers } = selected.flow.row.classification;
    if (layers.some((layer) => httpLayers.has(layer))) yield* archive.flow(selected);
    else others += 1;
  }
  if (0 < others) job.report.notes.push(others === 1 ? say`1 connection speaks no HTTP and is not in the archive.` : say`${others} connections speak no HTTP and are not in the archive.`);
  const comment = job.masking.isOn ? `Secrets are masked (${job.masking.count} of them).` : 'Secrets are included.';
  sink.text(`\n],"comment":${JSON.stringify([comment, ...job.report.notes].join(' '))}}}\n`);
}

class Archive {
  private isFirst = true;

  constructor(private readonly job: Job, private readonly sink: Sink) {}

  *flow({ flow, indexes }: Selected): Steps {
    const exchanges = new HttpExchanges(flow);
    const isChosen = choiceOf(indexes);
    const chosen = new Set<number>();
    let socket: WebSocketPart | undefined;
    for (const { messages, bytes } of flow.messages()) {
      for (const message of messages) {
        if (indexes !== undefined && isChosen(message)) chosen.add(message.index);
        if (message.protocol === 'websocket' || message.protocol === 'cdp') {
          socket ??= this.openSocket(flow, exchanges.finish(), chosen, indexes !== undefined);
          if (indexes === undefined || chosen.has(message.index)) socket.message(message);
          continue;
        }
        for (const exchange of exchanges.take(message)) this.entry(flow, exchange, chosen, indexes !== undefined);
      }
      yield bytes;
    }
    if (socket !== undefined) socket.end();
    else for (const exchange of exchanges.finish()) this.entry(flow, exchange, chosen, indexes !== undefined);
  }

  private entry(flow: ExportFlow, exchange: HttpExchange, chosen: ReadonlySet<number>, isPart: boolean): void {
    if (isWanted(exchange, chosen, isPart)) this.write(JSON.stringify(entryOf(this.job, flow, exchange)));
  }

  private openSocket(flow: ExportFlow, exchanges: readonly HttpExchange[], chosen: ReadonlySet<number>, isPart: boolean): WebSocketPart {
    const last = exchanges.at(-1);
    for (const exchange of exchanges) if (exchange !== last) this.entry(flow, exchange, chosen, isPart);
    // The handshake is there for its messages, whether or not it was chosen.
    return new WebSocketPart(this.job, this.sink, last === undefined ? undefined : () => this.write(`${JSON.stringify(entryOf(this.job, flow, last)).slice(0, -1)},"_webSocketMessages":[`));
  }

  private write(text: string): void {
    this.sink.text(`${this.isFirst ? '' : ','}\n${text}`);
    this.isFirst = false;
    this.job.report.messages += 1;
  }
}

function isWanted({ request, answer }: HttpExchange, chosen: ReadonlySet<number>, isPart: boolean): boolean {
  return !isPart || chosen.has(request.index) || (answer !== undefined && chosen.has(answer.index));
}

/** What is said behind a handshake, written while it is read. */
class WebSocketPart {
  private isOpen = false;
  private isFirst = true;

  /** @param open writes the entry up to its messages; undefined = the handshake is not there */
  constructor(private readonly job: Job, private readonly sink: Sink, private readonly open: (() => void) | undefined) {}

  message(message: Message): void {
    const opcode = opcodeOf(message);
    if (this.open === undefined || message.content === undefined || opcode === undefined) return;
    if (!this.isOpen) this.open();
    this.isOpen = true;
    const { masking } = this.job;
    const text = opcode === 1 ? textOfBytes(message.content.bytes) : undefined;
    const data = text === undefined ? Buffer.from(message.content.bytes).toString('base64') : masking.text(text);
    // Seconds, and 2 for what is in base64, as Chrome writes them.
    this.sink.text(`${this.isFirst ? '' : ','}${JSON.stringify({ type: message.from === 'client' ? 'send' : 'receive', time: message.startedAt / 1000, opcode: text === undefined ? 2 : 1, data })}`);
    this.isFirst = false;
  }

  end(): void {
    if (!this.isOpen) this.open?.();
    if (this.open !== undefined) this.sink.text(']}');
  }
}

/** @returns 1 for text, 2 for bytes; undefined for frames that carry neither */
function opcodeOf({ fields }: Message): number | undefined {
  const said = fields.find(({ name }) => name === 'opcode')?.value;
  // The last frame of several says only that it goes on.
  return said === 1 || said === 2 ? said : said === 0 ? 1 : undefined;
}
