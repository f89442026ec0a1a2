// What every format is given while it writes.

import type { ExportReport } from '../../../shared/export.js';
import { say } from '../../../shared/sentences.js';
import type { Capture } from './exportFlow.js';
import type { Masking } from './maskedValues.js';
import type { Selected } from './selection.js';
import { findMasks, WireMasks } from './wireMasks.js';

export interface Job {
  readonly selected: readonly Selected[];
  readonly capture: Capture;
  readonly masking: Masking;
  readonly version: string;
  /** filled as the export goes on */
  readonly report: ExportReport;
}

/** Yields bytes of traffic that were gone through: whoever runs it may rest there, or leave. */
export type Steps = Generator<number, void>;

/** For formats that write bytes as they were: the secrets of a flow, none when they are to be shown. */
export function* masksOf(job: Job, { flow }: Selected): Generator<number, WireMasks> {
  const masks = new WireMasks();
  if (!job.masking.isOn) return masks;
  yield* findMasks(flow, job.capture.context, masks);
  job.masking.count += masks.count;
  if (0 < masks.wholeBodies) {
    job.report.notes.push(masks.wholeBodies === 1
      ? say`Connection ${flow.id}: a compressed or encoded body is masked as a whole, because secrets are in there, or what is in there cannot be seen.`
      : say`Connection ${flow.id}: ${masks.wholeBodies} compressed or encoded bodies are masked as a whole, because secrets are in there, or what is in there cannot be seen.`);
  }
  return masks;
}
