// Answers what is asked about taking things along.

import type { LensContract, LensEvents } from '../../../shared/protocol.js';
import type { Rpc } from '../../../shared/rpc.js';
import type { Exporter } from './exporter.js';

/** Adds the handlers of `shared/export.ts`. */
export function serveExports(rpc: Rpc<LensContract, LensEvents>, exporter: Exporter): void {
  rpc.handle('export/start', (order) => exporter.export(order));
  rpc.handle('export/cancel', ({ job }) => {
    exporter.cancel(job);
    return null;
  });
  rpc.handle('export/progress', ({ job }) => exporter.progress(job));
  rpc.handle('export/survey', ({ what }) => exporter.survey(what));
}
