// Answers about filters as they are typed, in the words of whoever asks.

import type { LensContract, LensEvents } from '../../../shared/protocol.js';
import type { Rpc } from '../../../shared/rpc.js';
import { checkFilter, type SavedFilter, type Seen } from './completion.js';
import { english, translator } from './translate.js';

/** Adds the handlers 'filter/check' and 'filter/setup'. */
export function serveFilters(rpc: Rpc<LensContract, LensEvents>, seen: Seen): void {
  let translate = english;
  let known: readonly SavedFilter[] = [];
  rpc.handle('filter/setup', ({ strings, saved }) => {
    if (strings !== undefined) translate = translator(strings);
    if (saved !== undefined) known = saved;
    return null;
  });
  rpc.handle('filter/check', ({ text, caret }) => checkFilter(text, caret, seen, known, translate));
}
