// What a person did to a message on its way, in words.

import type { FlowRow } from '../../src/shared/flow.js';
import type { Touch } from '../../src/shared/hold.js';
import type { RowTouch } from '../../src/shared/inspect.js';
import { l10n, plural } from '../l10n.js';
import { formatDuration } from '../widgets/format.js';

export function touchWords({ what, heldMs }: Pick<Touch, 'what' | 'heldMs'>): string {
  switch (what) {
    case 'held': return heldMs === 0 ? l10n.t('held') : l10n.t('held {0}', formatDuration(heldMs));
    case 'released': return l10n.t('held {0}', formatDuration(heldMs));
    case 'timedOut': return heldMs === 0 ? l10n.t('held') : l10n.t('went on by itself after {0}', formatDuration(heldMs));
    case 'replaced': return l10n.t('changed by you');
    case 'dropped': return l10n.t('dropped by you');
    case 'answered': return l10n.t('answered by you');
  }
}

/** @returns '' when nothing was done */
export function rowTouchWords(touch: RowTouch | undefined): string {
  if (touch === undefined) return '';
  return touch.isAnswer ? l10n.t('answer {0}', touchWords(touch)) : touchWords(touch);
}

/** One line for each thing that was done in a flow. */
export function flowTouchWords({ touches = [] }: FlowRow): string {
  return touches.map((touch) => {
    const { from, start, end, what, heldMs, bytes } = touch;
    const where = from === 'client' ? l10n.t('from client, bytes {0}–{1}', start, end) : l10n.t('from upstream, bytes {0}–{1}', start, end);
    const stood = what !== 'held' && what !== 'released' && what !== 'timedOut' ? ` · ${l10n.t('held {0}', formatDuration(heldMs))}` : '';
    const instead = bytes === undefined ? '' : ` · ${plural(bytes, '{0} byte instead', '{0} bytes instead')}`;
    return `${where}: ${touchWords(touch)}${stood}${instead}`;
  }).join('\n');
}
