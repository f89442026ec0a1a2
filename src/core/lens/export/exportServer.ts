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
  rpc.handle('copy/forms', (id) => exporter.copyForms(id));
  rpc.handle('copy/as', (params) => exporter.copyAs(params));
  rpc.handle('text/body', (id) => exporter.body(id));
  rpc.handle('text/message', (id) => exporter.messageText(id));
  rpc.handle('text/flow', ({ flow }) => exporter.flowText(flow));
}
