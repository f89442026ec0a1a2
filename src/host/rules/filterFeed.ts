// Filters that the rule files keep, handed to lens: it offers them while one types, and paints what those with a colour fit. Its plain words are
// in the editor's language.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import { MutableDisposable, Owner, background } from '../../shared/lifecycle.js';
import type { FilterRule } from '../../shared/rules.js';
import type { EngineClient, LensClient, RuleFiles } from '../services.js';

/** The good filters of all rule files, in their order. */
export function savedFilters(ruleFiles: Pick<RuleFiles, 'list'>): FilterRule[] {
  return ruleFiles.list.flatMap(({ rules }) => rules?.filters ?? []);
}

export class FilterFeed extends Owner {
  private readonly following = this.register(new MutableDisposable<vscode.Disposable>());
  /** what was sent last, as JSON: rule files change with every key that is pressed in them */
  private sent: string | undefined;

  constructor(private readonly engine: Pick<EngineClient, 'lens' | 'onDidChangeLens'>, private readonly ruleFiles: Pick<RuleFiles, 'list' | 'onDidChange'>, private readonly log: vscode.LogOutputChannel) {
    super();
    this.register(engine.onDidChangeLens((lens) => this.follow(lens)));
    this.register(ruleFiles.onDidChange(() => this.send(false)));
    this.follow(engine.lens);
  }

  private follow(lens: LensClient | undefined): void {
    this.following.value = undefined;
    if (lens === undefined) return;
    this.following.value = lens.onReset(() => this.send(true));
    this.send(true);
  }

  private send(isNew: boolean): void {
    const { lens } = this.engine;
    if (lens === undefined) return;
    const filters = savedFilters(this.ruleFiles);
    const now = JSON.stringify(filters);
    if (!isNew && now === this.sent) return;
    this.sent = now;
    background(give(lens, filters), (fault) => {
      // The worker went away meanwhile; its successor says "reset" and gets them then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) this.log.error(fault instanceof Error ? fault : String(fault));
    });
  }
}

/** Also for a lens that reads a file. */
export async function give(lens: Pick<LensClient, 'request'>, filters: readonly FilterRule[]): Promise<void> {
  await lens.request('filter/setup', { strings: vscode.l10n.bundle ?? {}, saved: filters.map(({ name, filter }) => ({ name, filter })) });
  await lens.request('colors/set', { rules: filters.flatMap(({ filter, color }) => (color === undefined ? [] : [{ filter, color }])) });
}
