// What the inspector remembers while its tab is hidden or the window reloads: places and choices, never traffic.

import type { Speaker } from '../../src/shared/flow.js';
import { initialDetail, isDetailState, type DetailState } from './detailState.js';

export interface PageState extends DetailState {
  text: string;
  listenerId: string;
  selected: number | null;
  /** when the selected flow opened: another engine gives the same number to another flow */
  selectedOpenedAt: number;
  /** row at the top of the list, or null while it stands at the end */
  topRow: number | null;
  tab: string;
  from: Speaker;
  hexTopRow: number;
  hexSelection: { anchor: number; cursor: number } | null;
  listPercent: number;
  leftPercent: number;
}

export const initialState: PageState = {
  text: '', listenerId: '', selected: null, selectedOpenedAt: 0, topRow: null, tab: 'decoded', from: 'client', hexTopRow: 0, hexSelection: null, listPercent: 52, leftPercent: 46, ...initialDetail,
};

/** Whether what was saved fits; an older version of the page may have saved something else. */
export function isPageState(value: unknown): value is Partial<PageState> {
  if (typeof value !== 'object' || value === null) return false;
  const saved = value as Record<string, unknown>;
  const isNumberOr = (key: string, other: unknown): boolean => saved[key] === undefined || saved[key] === other || (typeof saved[key] === 'number' && Number.isFinite(saved[key]));
  const isText = (key: string): boolean => saved[key] === undefined || typeof saved[key] === 'string';
  const selection = saved['hexSelection'];
  const isSelection = selection === undefined || selection === null
    || (typeof selection === 'object' && typeof (selection as Record<string, unknown>)['anchor'] === 'number' && typeof (selection as Record<string, unknown>)['cursor'] === 'number');
  return isText('text') && isText('listenerId') && isText('tab') && (saved['from'] === undefined || saved['from'] === 'client' || saved['from'] === 'upstream')
    && isNumberOr('selected', null) && isNumberOr('topRow', null) && isNumberOr('selectedOpenedAt', 0) && isNumberOr('hexTopRow', 0) && isNumberOr('listPercent', 0) && isNumberOr('leftPercent', 0) && isSelection && isDetailState(saved);
}
