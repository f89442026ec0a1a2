// Answers what the inspector asks about messages of all flows.

import type { LensContract, LensEvents } from '../../../shared/protocol.js';
import { withTransfer, type Rpc } from '../../../shared/rpc.js';
import type { Inspection } from './inspection.js';

export function serveInspection(rpc: Rpc<LensContract, LensEvents>, inspection: Inspection): void {
  const { views, throughput } = inspection;
  rpc.handle('view/open', (query) => views.open(query));
  rpc.handle('view/rows', (params) => views.page(params));
  rpc.handle('view/position', (params) => ({ position: views.positionOf(params) }));
  rpc.handle('view/between', (params) => {
    const told = views.between(params);
    return withTransfer(told, [told.bits.buffer]);
  });
  rpc.handle('view/close', ({ view }) => {
    views.close(view);
    return null;
  });
  rpc.handle('marks/set', ({ rows, color }) => {
    views.setMarks(rows, color);
    return null;
  });
  rpc.handle('colors/set', ({ rules }) => views.setColors(rules));
  rpc.handle('stats/table', (params) => inspection.getTable(params));
  rpc.handle('prism/get', () => inspection.getPrism());
  rpc.handle('throughput/get', (params) => {
    const told = throughput.get(params);
    return withTransfer(told, [told.client.buffer, told.upstream.buffer]);
  });
}
