// What the rule editor remembers while it is collapsed: the draft, never saved to the file without being asked.

import type { RuleSelection } from '../../src/shared/protocol.js';
import type { Json } from '../../src/shared/rules.js';

export type SelectedRule = Exclude<RuleSelection, { kind: 'none' }>;

export interface Draft {
  /** which rule it is of */
  key: string;
  /** the rule as it stood in the file when the draft began */
  base: Json;
  value: Json;
}

export interface EditorState {
  draft: Draft | null;
  isTrying: boolean;
  tryText: string;
}

export const initialEditorState: EditorState = { draft: null, isTrying: false, tryText: '' };

export function isEditorState(value: unknown): value is Partial<EditorState> {
  if (typeof value !== 'object' || value === null) return false;
  const { draft, isTrying, tryText } = value as Record<string, unknown>;
  const isDraft = draft === undefined || draft === null || (typeof draft === 'object' && typeof (draft as Record<string, unknown>)['key'] === 'string' && 'base' in draft && 'value' in draft);
  return isDraft && (isTrying === undefined || typeof isTrying === 'boolean') && (tryText === undefined || typeof tryText === 'string');
}

/** A rule by its names: indexes shift while a file is edited. */
export function ruleKey(rule: SelectedRule): string {
  const name = typeof rule.value === 'object' && rule.value !== null && !Array.isArray(rule.value) ? rule.value['name'] : undefined;
  return JSON.stringify([rule.file, rule.kind, rule.listenerName, typeof name === 'string' ? name : rule.path]);
}
