// What the message list asks of the editor beside traffic: filters that have a name in the rule file, and columns that are remembered.

import * as vscode from 'vscode';
import type { ColumnSetting, SavedFilter } from '../../shared/protocol.js';
import type { Dialogs } from '../dialogs.js';
import type { RuleFile, RuleFiles } from '../services.js';
import type { PageRpc } from './lensRelay.js';
import * as inspect from './validateInspect.js';

/** How long the status bar says that a filter was saved, in milliseconds. */
const savedMs = 4000;

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
  rpc.handle('filters/list', () => ({ filters: deps.ruleFiles.list.flatMap(savedIn) }));
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
  const saved = savedIn(file);
  const name = await dialogs.input({
    title: vscode.l10n.t('Save Filter'),
    prompt: vscode.l10n.t('Name of the filter; it goes into {0}', vscode.workspace.asRelativePath(file.uri)),
    check: (text) => nameProblem(text.trim(), saved),
  });
  if (name === undefined) return null;
  const value = { name: name.trim(), filter };
  const isFirst = saved.length === 0 && (await ruleFiles.read(file.uri, ['filters'])) === undefined;
  await ruleFiles.edit(file.uri, [isFirst ? { kind: 'set', path: ['filters'], value: [value] } : { kind: 'insert', path: ['filters'], index: saved.length, value }]);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Saved as {0}.', value.name), savedMs);
  return { name: value.name };
}

export function savedIn(file: RuleFile): SavedFilter[] {
  return (file.rules?.filters ?? []).map(({ name, filter }) => ({ name, filter }));
}

function nameProblem(name: string, saved: readonly SavedFilter[]): string | undefined {
  if (name === '') return vscode.l10n.t('The filter needs a name.');
  if (name.length > maxNameCharacters) return vscode.l10n.t('At most {0} characters.', maxNameCharacters);
  return saved.some((one) => one.name === name) ? vscode.l10n.t('There is a filter of this name already.') : undefined;
}
