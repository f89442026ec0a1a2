// What the inspector remembers while its tab is hidden or the window reloads: places and choices, never traffic.

import type { Speaker } from '../../src/shared/flow.js';
import { initialDetail, isDetailState, type DetailState } from './detailState.js';

import type { ColumnSetting, SortOrder } from './columns.js';
import { columnsFrom } from './columns.js';

export type ListName = 'messages' | 'flows' | 'statistics';

/** The message that is chosen. */
export interface ChosenMessage {
  /** its number in the ledger */
  row: number;
  flow: number;
  index: number;
}

export interface PageState extends DetailState {
  list: ListName;
  /** expression over the messages */
  filter: string;
  /** filters that were in force, newest first */
  history: string[];
  /** answers are rows of their own */
  areAnswersRows: boolean;
  /** undefined = as the host remembers them, or the usual ones */
  columns: ColumnSetting[] | null;
  sort: SortOrder | null;
  message: ChosenMessage | null;
  /** runs of ledger numbers (first, count) that are chosen; null = the message alone, or too many to remember */
  chosenMessages: number[] | null;
  /** the same of connections */
  chosenFlows: number[] | null;
  /** row at the top of the message list, or null while it follows the newest */
  messageTopRow: number | null;
  /** only messages of this connection */
  onlyFlow: number | null;
  /** epoch milliseconds: only messages from then on; set by clearing */
  since: number | null;
  /** epoch milliseconds: only what overlaps this stretch; set with the brush over time */
  stretch: { from: number; to: number } | null;
  /** the strip with the prism is open */
  hasOverview: boolean;
  /** text over the connections */
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
  list: 'messages', filter: '', history: [], areAnswersRows: false, columns: null, sort: null, message: null, chosenMessages: null, chosenFlows: null, messageTopRow: null, onlyFlow: null, since: null, stretch: null, hasOverview: true,
  text: '', listenerId: '', selected: null, selectedOpenedAt: 0, topRow: null, tab: 'decoded', from: 'client', hexTopRow: 0, hexSelection: null, listPercent: 52, leftPercent: 45, ...initialDetail,
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
  const isNumbers = (value: unknown, ...keys: string[]): boolean => typeof value === 'object' && value !== null && keys.every((key) => Number.isSafeInteger((value as Record<string, unknown>)[key]));
  const areRuns = ['chosenMessages', 'chosenFlows'].every((key) => saved[key] === undefined || saved[key] === null || isRuns(saved[key]));
  const { list, history, columns, sort, message } = saved;
  const isList = list === undefined || list === 'messages' || list === 'flows' || list === 'statistics';
  const isHistory = history === undefined || (Array.isArray(history) && history.every((text) => typeof text === 'string'));
  const areColumns = columns === undefined || columns === null || columnsFrom(columns) !== undefined;
  const isSort = sort === undefined || sort === null || (typeof sort === 'object' && typeof (sort as Record<string, unknown>)['column'] === 'string');
  const isMessage = message === undefined || message === null || isNumbers(message, 'row', 'flow', 'index');
  const isFlag = ['areAnswersRows', 'hasOverview'].every((key) => saved[key] === undefined || typeof saved[key] === 'boolean');
  const { stretch } = saved;
  const isStretch = stretch === undefined || stretch === null || (typeof stretch === 'object' && ['from', 'to'].every((key) => Number.isFinite((stretch as Record<string, unknown>)[key])));
  return isList && isHistory && areColumns && isSort && isMessage && isFlag && isStretch && areRuns && isText('filter') && isNumberOr('messageTopRow', null) && isNumberOr('onlyFlow', null) && isNumberOr('since', null)
    && isText('text') && isText('listenerId') && isText('tab') && (saved['from'] === undefined || saved['from'] === 'client' || saved['from'] === 'upstream')
    && isNumberOr('selected', null) && isNumberOr('topRow', null) && isNumberOr('selectedOpenedAt', 0) && isNumberOr('hexTopRow', 0) && isNumberOr('listPercent', 0) && isNumberOr('leftPercent', 0) && isSelection && isDetailState(saved);
}

/** At most a million rows, whatever was saved. */
function isRuns(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && 0 <= one) && value.reduce((sum: number, one: number, at) => (at % 2 === 0 ? sum : sum + one), 0) < 1e6;
}

/** Earlier filters that are offered, and how long each may be: the state is written often and stays below 10 KB. */
const maxHistory = 20;
const maxHistoryCharacters = 250;

/** @returns the history with a filter at its front; one that only went on from the newest takes its place */
export function withHistory(history: readonly string[], filter: string): string[] {
  if (filter.length > maxHistoryCharacters) return [...history];
  const rest = history.filter((text, index) => text !== filter && !(index === 0 && filter.startsWith(text)));
  return [filter, ...rest].slice(0, maxHistory);
}
