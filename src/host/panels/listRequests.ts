// What the message list asks of the editor beside traffic: filters that have a name in the rule file, and columns that are remembered.

import * as vscode from 'vscode';
import type { ColumnSetting, SavedFilter } from '../../shared/protocol.js';
import type { Dialogs } from '../dialogs.js';
import type { RuleFile, RuleFiles } from '../services.js';
import type { PageRpc } from './lensRelay.js';
import * as inspect from './validateInspect.js';

export interface ListRequestsDeps {
  ruleFiles: RuleFiles;
  dialogs: Dialogs;
  /** of the person, not of the workspace: columns are a habit */
  memory: vscode.Memento;
}

const columnsKey = 'inspector.columns';
const maxNameCharacters = 80;

/** @returns columns of the last time; undefined when nobody ever changed them */
export function rememberedColumns({ memory }: ListRequestsDeps): ColumnSetting[] | undefined {
  return memory.get<ColumnSetting[]>(columnsKey);
}

export function answerListRequests(rpc: PageRpc, deps: ListRequestsDeps): void {
  rpc.handle('columns/save', async (raw) => {
    await deps.memory.update(columnsKey, inspect.columnSettings(raw));
    return null;
  });
  rpc.handle('filters/list', async () => ({ filters: (await Promise.all(deps.ruleFiles.list.map((file) => savedIn(file, deps.ruleFiles)))).flat() }));
  rpc.handle('filters/save', (raw) => save(inspect.savedFilter(raw), deps));
}

async function save(filter: string, { ruleFiles, dialogs }: ListRequestsDeps): Promise<{ name: string } | null> {
  const files = ruleFiles.list.filter(({ exists }) => exists);
  if (files.length === 0) {
    await ruleFiles.create();
    return null;
  }
  const file = files.length === 1 ? files[0] : await dialogs.pick(files.map((one) => ({ label: vscode.workspace.asRelativePath(one.uri), value: one })), vscode.l10n.t('Rule file for the filter'));
  if (file === undefined) return null;
  const saved = await savedIn(file, ruleFiles);
  const name = await dialogs.input({
    title: vscode.l10n.t('Save Filter'),
    prompt: vscode.l10n.t('Name of the filter; it goes into {0}', vscode.workspace.asRelativePath(file.uri)),
    check: (text) => nameProblem(text.trim(), saved),
  });
  if (name === undefined) return null;
  await ruleFiles.edit(file.uri, [{ kind: 'set', path: ['filters', name.trim()], value: filter }]);
  return { name: name.trim() };
}

async function savedIn(file: RuleFile, ruleFiles: RuleFiles): Promise<SavedFilter[]> {
  const value = file.exists ? (await ruleFiles.read(file.uri, ['filters']))?.value : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, filter]) => (typeof filter === 'string' ? [{ name, filter }] : []));
}

function nameProblem(name: string, saved: readonly SavedFilter[]): string | undefined {
  if (name === '') return vscode.l10n.t('The filter needs a name.');
  if (name.length > maxNameCharacters) return vscode.l10n.t('At most {0} characters.', maxNameCharacters);
  return saved.some((one) => one.name === name) ? vscode.l10n.t('There is a filter of this name already.') : undefined;
}
