// `port-prism decode`: what a capture file holds, as connections with their messages.

import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { readCapture, readCaptureFile } from '../core/capture/captureFile.js';
import type { CaptureEvent } from '../core/capture/captureEvents.js';
import { bareContext, type DissectContext } from '../core/dissectors/dissector.js';
import { CaptureFlow } from '../core/lens/captureFlow.js';
import { decompress } from '../core/lens/decompress.js';
import { parseFilter, type Filter } from '../core/lens/filter/filter.js';
import { reasonOf } from '../core/fileFault.js';
import { FlowSubject, KnownFlow } from '../core/lens/judging/messageSubject.js';
import { Judging } from '../core/lens/judging/judging.js';
import { loadProtobufSchemas } from '../core/lens/protoFiles.js';
import { fileNotReadable } from '../shared/errors.js';
import type { Message } from '../shared/message.js';
import type { DecodeCommand } from './arguments.js';
import { DecodeReport } from './decodeReport.js';
import type { TextOutput } from './output.js';
import { pointAt } from './pointAt.js';

/**
 * @param input read when the file is named `-`
 * @returns exit code: 1 when the file could be read in part only, 2 when the filter is wrong
 * @throws MuxError `fileNotReadable`, `captureNotReadable`
 */
export async function runDecode(command: DecodeCommand, input: () => Readable, output: TextOutput, errors: TextOutput): Promise<number> {
  const filter = command.filter === undefined ? undefined : parseFilter(command.filter);
  if (filter !== undefined && 'message' in filter) {
    errors.write(pointAt(command.filter!, filter));
    return 2;
  }
  const context = contextWith(command.proto, errors);
  const report = new DecodeReport(output, errors, command.json);
  const run = new Run(report, filter, context);
  const batches = command.file === '-' ? readCapture(input(), 'standard input') : readCaptureFile(command.file);
  for await (const events of batches) {
    for (const event of events) {
      run.take(event);
      // A reader of ours that is slow is waited for: lines that pile up would be dropped.
      if (output.isBehind) await output.drained();
      if (output.isGone) return run.exitCode;
    }
  }
  return run.exitCode;
}

/** @param proto `.proto` files that name the fields of gRPC messages; what is wrong with one is told, and the others count */
function contextWith(proto: readonly string[], errors: TextOutput): DissectContext {
  if (proto.length === 0) return { ...bareContext, decompress };
  const { schemas, problems } = loadProtobufSchemas(proto.map((file) => ({ name: file, text: readText(file) })));
  for (const { file, line, text } of problems) errors.write(`${file}${line === undefined ? '' : `:${line}`}: ${text}\n`);
  return { ...bareContext, decompress, schemas };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    throw fileNotReadable(file, reasonOf(fault as NodeJS.ErrnoException), fault);
  }
}

class Run {
  exitCode = 0;
  private readonly flows = new Map<number, { flow: CaptureFlow; isShown: boolean }>();
  private readonly judging: Judging | undefined;

  constructor(private readonly report: DecodeReport, private readonly filter: Filter | undefined, private readonly context: DissectContext) {
    this.judging = filter === undefined ? undefined : new Judging(filter, (flow, message) => this.show(flow, message));
  }

  take(event: CaptureEvent): void {
    if (event.kind === 'opened') {
      this.flows.set(event.flow, { flow: new CaptureFlow(event, this.context), isShown: false });
      return;
    }
    if (event.kind === 'finished') {
      this.report.finished(event);
      if (event.broken !== undefined) this.exitCode = 1;
      return;
    }
    const known = this.flows.get(event.flow);
    if (known === undefined) return;
    const { flow } = known;
    const messages = flow.take(event);
    if (this.judging === undefined) for (const message of messages) this.show(flow, message);
    else this.judging.take(flow, event, messages);
    if (event.kind !== 'closed') return;
    this.judging?.end(flow);
    this.flows.delete(event.flow);
    // A flow without messages is judged by itself; one with messages is there because of them.
    if (known.isShown || this.filter === undefined || (flow.messageCount === 0 && this.filter.matches(new FlowSubject(new KnownFlow(flow))))) this.report.flow(flow);
    if (flow.fault === undefined) return;
    this.report.fault(flow);
    this.exitCode = 1;
  }

  private show(flow: CaptureFlow, message: Message): void {
    const known = this.flows.get(flow.opened.flow);
    if (known !== undefined) known.isShown = true;
    this.report.message(flow, message);
  }
}
