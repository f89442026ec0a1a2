// What a page of the inspector may ask about documents, each request checked.

import type { MessageId } from '../../shared/export.js';
import type { InspectorHostContract, InspectorPageContract } from '../../shared/protocol.js';
import type { Rpc } from '../../shared/rpc.js';
import { unknownFlow } from '../../shared/errors.js';
import { documentTarget, documentTargets } from '../panels/validate.js';
import type { LensClient } from '../services.js';
import type { DocumentOf } from './documents.js';
import type { MessageDocuments } from './messageDocuments.js';

/** Adds the handlers of 'document/open' and 'document/compare' for the page of one lens. */
export function answerAboutDocuments(rpc: Rpc<InspectorHostContract, InspectorPageContract>, lens: () => LensClient | undefined, texts: MessageDocuments): void {
  const lensOf = (flow: number): LensClient => {
    const found = lens();
    if (found === undefined) throw unknownFlow(flow);
    return found;
  };
  rpc.handle('document/open', async (raw) => {
    const { flow, index, kind } = documentTarget(raw);
    if (index === undefined) await texts.openFlow(lensOf(flow), flow);
    else if (kind === 'body') await texts.openBody(lensOf(flow), { flow, index });
    else await texts.openText(lensOf(flow), { flow, index });
    return null;
  });
  rpc.handle('document/compare', async (raw) => {
    const { left, right } = documentTargets(raw);
    await texts.compare(lensOf(left.flow), documentOf(left), documentOf(right));
    return null;
  });
}

function documentOf({ flow, index }: { flow: number; index?: MessageId['index'] }): DocumentOf {
  return index === undefined ? { kind: 'flow', flow } : { kind: 'message', message: { flow, index } };
}
