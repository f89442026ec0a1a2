// A lens that heard conversations, and exports of it into a folder of its own.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCaptureFile } from '../../src/core/capture/captureFile.js';
import { bareContext } from '../../src/core/dissectors/dissector.js';
import { CaptureFlow } from '../../src/core/lens/captureFlow.js';
import { decompress } from '../../src/core/lens/decompress.js';
import { Lens } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import type { ExportFormat, ExportOrder, ExportReport, ExportWhat } from '../../src/shared/export.js';
import type { Message } from '../../src/shared/message.js';
import { CaptureFeed } from './captureFeed.js';

export class ExportDesk {
  readonly folder = mkdtempSync(join(tmpdir(), 'port-prism-export-'));
  readonly feed = new CaptureFeed(16);
  readonly lens = new Lens({ classify, now: () => performance.now() });
  private jobs = 0;

  /** Lets the lens hear what the feed was told. */
  push(): this {
    this.lens.ingest(this.feed.take());
    return this;
  }

  async export(format: ExportFormat, more: Partial<ExportOrder> & { what?: ExportWhat } = {}): Promise<ExportReport & { text: string }> {
    const file = join(this.folder, `out-${this.jobs}.${format}`);
    const report = await this.lens.exporter.export({ job: this.jobs++, what: 'all', format, file, withSecrets: false, version: '0.0.0', ...more });
    return { ...report, text: format === 'raw' ? readdirSync(report.file).map((name) => `${name}\n${readFileSync(join(report.file, name), 'latin1')}`).join('\n') : readFileSync(report.file, 'utf8') };
  }

  /** Names of what is in the folder, half-written files too. */
  files(): string[] {
    return readdirSync(this.folder).sort();
  }

  dispose(): void {
    this.lens.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What `port-prism decode` makes of a file. */
export async function decoded(file: string): Promise<{ flow: CaptureFlow; messages: Message[] }[]> {
  const flows = new Map<number, { flow: CaptureFlow; messages: Message[] }>();
  for await (const events of readCaptureFile(file)) {
    for (const event of events) {
      if (event.kind === 'finished') continue;
      if (event.kind === 'opened') flows.set(event.flow, { flow: new CaptureFlow(event, { ...bareContext, decompress }), messages: [] });
      else flows.get(event.flow)!.messages.push(...flows.get(event.flow)!.flow.take(event));
    }
  }
  return [...flows.values()];
}
