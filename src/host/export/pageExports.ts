// What a page of the inspector may ask to be taken along, each request checked.

import type { ExportWhat, PageExport } from '../../shared/export.js';
import { rowsIn } from '../../shared/rowSet.js';
import type { InspectorHostContract, InspectorPageContract } from '../../shared/protocol.js';
import type { Rpc } from '../../shared/rpc.js';
import { pageExport } from '../panels/validateInspect.js';
import type { LensClient } from '../services.js';
import type { Exports } from './exports.js';

/** Adds the handler of 'export/run' for the page of one lens. */
export function answerAboutExports(rpc: Rpc<InspectorHostContract, InspectorPageContract>, lens: () => LensClient | undefined, exports: Exports): void {
  rpc.handle('export/run', async (raw) => {
    const what = pageExport(raw);
    await exports.run(orderOf(what), nameOf(what), lens());
    return null;
  });
}

function orderOf(what: PageExport): ExportWhat {
  return what !== 'all' && 'flows' in what ? { flows: [...rowsIn(what.flows)] } : what;
}

/** Of the file that is proposed. */
function nameOf(what: PageExport): string {
  return what === 'all' ? 'traffic' : 'flows' in what ? 'connections' : 'messages';
}
