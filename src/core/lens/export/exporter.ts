// Runs exports on lens' thread, in slices between the engine's batches: nothing is held but what is being written, and whoever asked may leave.

import { randomUUID } from 'node:crypto';
import { exportCancelled } from '../../../shared/errors.js';
import type { CopiedText, CopyForm, DocumentText, ExportOrder, ExportProgress, ExportReport, ExportSurvey, ExportWhat, MessageId } from '../../../shared/export.js';
import { assertNever, Owner, toDisposable } from '../../../shared/lifecycle.js';
import { say } from '../../../shared/sentences.js';
import { RowSet } from '../../../shared/rowSet.js';
import type { FlowTable } from '../flowTable.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';
import { copyAs, formsOf } from './copy/copyAs.js';
import { findContext } from './copy/copyContext.js';
import { bodyText, findMessage, flowText, messageText } from './documentText.js';
import { ExportFlow, type Capture } from './exportFlow.js';
import { FileSink, FolderSink } from './fileSink.js';
import { harSteps } from './har.js';
import { hexdumpSteps } from './hexdump.js';
import type { Job, Steps } from './job.js';
import { jsonLinesSteps } from './jsonLines.js';
import { markdownSteps } from './markdown.js';
import { Masking } from './maskedValues.js';
import { pcapngSteps } from './pcapngExport.js';
import { rawFiles } from './rawBytes.js';
import { select, type Selected } from './selection.js';
import { findMasks, WireMasks } from './wireMasks.js';

/** How long one slice may take, in milliseconds: a batch of the engine waits no longer than that. */
const sliceMs = 12;
/** How long a survey looks, in milliseconds: somebody waits for its answer. */
const surveyMs = 1000;

export interface ExporterOptions {
  flows: FlowTable;
  ledger: LedgerReader;
  /** as it is now: the protobuf types of the workspace may change */
  capture(): Capture;
  /** milliseconds */
  now(): number;
}

interface Running {
  progress: ExportProgress;
  isCancelled: boolean;
}

export class Exporter extends Owner {
  private readonly running = new Map<number, Running>();

  constructor(private readonly options: ExporterOptions) {
    super();
    this.register(toDisposable(() => this.running.forEach((one) => (one.isCancelled = true))));
  }

  /** @throws MuxError `exportFailed`, or `requestCancelled` when it was cancelled */
  async export(order: ExportOrder): Promise<ExportReport> {
    const capture = this.options.capture();
    const selected = select(order.what, this.options.flows, this.options.ledger, capture);
    const masking = new Masking(!order.withSecrets);
    const report: ExportReport = { file: order.file, files: 1, flows: selected.length, messages: 0, bytes: 0, masked: 0, notes: [] };
    const job: Job = { selected, capture, masking, version: order.version, report };
    // Formats of bytes look for secrets before they write.
    const isTwice = masking.isOn && (order.format === 'pcapng' || order.format === 'raw' || order.format === 'hexdump');
    const run: Running = { progress: { done: 0, total: bytesOf(selected) * (isTwice ? 2 : 1) }, isCancelled: false };
    this.running.set(order.job, run);
    try {
      if (order.format === 'raw') await this.folder(order, job, run);
      else await this.file(order, job, run);
    } finally {
      this.running.delete(order.job);
    }
    report.masked = masking.count;
    if (order.what !== 'all' && 'flows' in order.what && selected.length < new Set(order.what.flows).size) report.notes.push(say`${new Set(order.what.flows).size - selected.length} of the connections are no longer kept.`);
    return report;
  }

  cancel(job: number): void {
    const run = this.running.get(job);
    if (run !== undefined) run.isCancelled = true;
  }

  progress(job: number): ExportProgress | null {
    const run = this.running.get(job);
    return run === undefined ? null : { ...run.progress };
  }

  async survey(what: ExportWhat): Promise<ExportSurvey> {
    const capture = this.options.capture();
    const selected = select(what, this.options.flows, this.options.ledger, capture);
    const messages = what === 'all' || 'flows' in what ? {} : { messages: 'rows' in what ? what.rows.length : RowSet.from(what.messages).size };
    const until = this.options.now() + surveyMs;
    let secrets = 0;
    for (const { flow } of selected) {
      const masks = new WireMasks();
      let isDone = false;
      for (const steps = findMasks(flow, capture.context, masks); !isDone; ) {
        isDone = this.slice(steps, { progress: { done: 0, total: 0 }, isCancelled: false });
        if (!isDone) await nextTurn();
        if (until < this.options.now()) break;
      }
      secrets += masks.count;
      if (!isDone) return { flows: selected.length, ...messages, bytes: bytesOf(selected), secrets, isWhole: false };
    }
    return { flows: selected.length, ...messages, bytes: bytesOf(selected), secrets, isWhole: true };
  }

  // ---- one message, one flow ----

  async copyForms(id: MessageId): Promise<{ forms: CopyForm[] }> {
    const context = await this.through(findContext(this.flowOf(id.flow), this.options.capture(), id, new Masking(false)));
    return { forms: context === undefined ? [] : formsOf(context) };
  }

  async copyAs({ form, withSecrets, ...id }: MessageId & { form: CopyForm; withSecrets: boolean }): Promise<CopiedText | null> {
    const context = await this.through(findContext(this.flowOf(id.flow), this.options.capture(), id, new Masking(!withSecrets)));
    return context === undefined ? null : copyAs(context, form);
  }

  async body(id: MessageId): Promise<DocumentText | null> {
    const flow = this.flowOf(id.flow);
    const message = await this.through(findMessage(flow, id));
    return message === undefined ? null : bodyText(flow, message);
  }

  async messageText(id: MessageId): Promise<DocumentText | null> {
    const flow = this.flowOf(id.flow);
    const message = await this.through(findMessage(flow, id));
    return message === undefined ? null : messageText(flow, message);
  }

  async flowText(flow: number): Promise<DocumentText> {
    return this.through(flowText(this.flowOf(flow)));
  }

  /** @throws MuxError `unknownFlow` */
  private flowOf(id: number): ExportFlow {
    return new ExportFlow(this.options.flows.require(id), this.options.capture());
  }

  /** Runs steps to their end, in slices. */
  private async through<T>(steps: Generator<number, T>): Promise<T> {
    let until = this.options.now() + sliceMs;
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done === true) return next.value;
      if (this.options.now() < until) continue;
      await nextTurn();
      until = this.options.now() + sliceMs;
    }
  }

  // ---- files ----

  private async file(order: ExportOrder, job: Job, run: Running): Promise<void> {
    const sink = await FileSink.create(order.file, randomUUID());
    try {
      await this.run(stepsOf(order, job, sink), run, sink, order.file);
    } catch (fault) {
      await sink.discard();
      throw fault;
    }
    await sink.finish();
    job.report.bytes = sink.written;
  }

  private async folder(order: ExportOrder, job: Job, run: Running): Promise<void> {
    const folder = await FolderSink.create(order.file, randomUUID());
    job.report.files = 0;
    try {
      let since = this.options.now();
      for (const next of rawFiles(job)) {
        if (typeof next === 'number') {
          run.progress.done += next;
          if (run.isCancelled) throw exportCancelled(order.file);
          if (sliceMs <= this.options.now() - since) {
            await nextTurn();
            since = this.options.now();
          }
          continue;
        }
        const sink = await folder.file(next.name);
        try {
          await this.run(next.steps(sink), run, sink, order.file);
        } catch (fault) {
          await sink.discard();
          throw fault;
        }
        await sink.finish();
        job.report.bytes += sink.written;
        job.report.files += 1;
      }
    } catch (fault) {
      await folder.discard();
      throw fault;
    }
    await folder.finish();
  }

  private async run(steps: Steps, run: Running, sink: FileSink, file: string): Promise<void> {
    while (!this.slice(steps, run)) {
      if (run.isCancelled) throw exportCancelled(file);
      await sink.room();
      await nextTurn();
    }
    if (run.isCancelled) throw exportCancelled(file);
  }

  /** @returns whether it is done */
  private slice(steps: Steps, run: Running): boolean {
    const until = this.options.now() + sliceMs;
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done === true) return true;
      run.progress.done += next.value;
      if (until <= this.options.now() || run.isCancelled) return false;
    }
  }
}

function stepsOf({ format }: ExportOrder, job: Job, sink: FileSink): Steps {
  switch (format) {
    case 'pcapng':
      return pcapngSteps(job, sink);
    case 'har':
      return harSteps(job, sink);
    case 'jsonl':
      return jsonLinesSteps(job, sink);
    case 'hexdump':
      return hexdumpSteps(job, sink);
    case 'markdown':
      return markdownSteps(job, sink);
    case 'raw':
      throw new Error('raw bytes go into a folder');
    default:
      return assertNever(format);
  }
}

function bytesOf(selected: readonly Selected[]): number {
  return selected.reduce((sum, { flow }) => sum + flow.bytes, 0);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
