// Filters that the rule files keep, handed to every lens: it offers them while one types, and paints what those with a colour fit. Its plain words
// are in the editor's language.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import { MutableDisposable, Owner, background, toDisposable, type Disposable } from '../../shared/lifecycle.js';
import type { FilterRule } from '../../shared/rules.js';
import type { EngineClient, LensClient, RuleFiles } from '../services.js';

/** The good filters of all rule files, in their order. */
export function savedFilters(ruleFiles: Pick<RuleFiles, 'list'>): FilterRule[] {
  return ruleFiles.list.flatMap(({ rules }) => rules?.filters ?? []);
}

export class FilterFeed extends Owner {
  /** with what each was given last, as JSON: rule files change with every key that is pressed in them */
  private readonly lenses = new Map<LensClient, string>();
  private readonly engineLens = this.register(new MutableDisposable<Disposable>());

  constructor(engine: Pick<EngineClient, 'onDidChangeLens'>, private readonly ruleFiles: Pick<RuleFiles, 'list' | 'onDidChange'>, private readonly log: vscode.LogOutputChannel) {
    super();
    this.register(engine.onDidChangeLens((lens) => (this.engineLens.value = lens === undefined ? undefined : this.add(lens))));
    this.register(ruleFiles.onDidChange(() => {
      for (const [lens, given] of this.lenses) this.give(lens, given);
    }));
  }

  /** Gives a lens the filters, as long as the answer is not disposed. */
  add(lens: LensClient): Disposable {
    const owner = new Owner();
    owner.register(lens.onReset(() => this.give(lens, '')));
    owner.register(toDisposable(() => this.lenses.delete(lens)));
    this.give(lens, '');
    return owner;
  }

  private give(lens: LensClient, before: string): void {
    const filters = savedFilters(this.ruleFiles);
    const now = JSON.stringify(filters);
    if (now === before) return;
    this.lenses.set(lens, now);
    background(send(lens, filters, before.includes('"color"')), (fault) => {
      // The worker went away meanwhile; its successor says "reset" and gets them then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) this.log.error(fault instanceof Error ? fault : String(fault));
    });
  }
}

async function send(lens: LensClient, filters: readonly FilterRule[], hadColors: boolean): Promise<void> {
  await lens.request('filter/setup', { strings: vscode.l10n.bundle ?? {}, saved: filters.map(({ name, filter }) => ({ name, filter })) });
  const rules = filters.flatMap(({ filter, color }) => (color === undefined ? [] : [{ filter, color }]));
  if (hadColors || rules.length !== 0) await lens.request('colors/set', { rules });
}
