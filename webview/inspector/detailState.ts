// What the lower half remembers of how it was looked at: tabs, forms, columns.

import type { BytesState } from './bytes/bytesPane.js';
import type { FollowState } from './follow/follow.js';

export type DetailState = BytesState & FollowState;

export const initialDetail: DetailState = {
  bytesTab: 'hex', hexColumns: 0, hexOffsets: 'hex', textEncoding: 'utf-8', hasValues: false, followForm: 'text', followSides: 'both',
};

const choices: { [K in keyof DetailState]: readonly DetailState[K][] } = {
  bytesTab: ['hex', 'text', 'body'],
  hexColumns: [0, 8, 16, 32],
  hexOffsets: ['hex', 'decimal'],
  textEncoding: ['utf-8', 'latin1'],
  hasValues: [false, true],
  followForm: ['text', 'hex', 'decoded', 'reads'],
  followSides: ['both', 'client', 'upstream'],
};

/** Whether what was saved fits; what is missing is as at first. */
export function isDetailState(saved: Record<string, unknown>): boolean {
  return Object.entries(choices).every(([key, allowed]) => saved[key] === undefined || (allowed as readonly unknown[]).includes(saved[key]));
}
