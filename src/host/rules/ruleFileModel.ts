// One rule file: its text as typed (problems), its text as saved (rules in force), and what of the last good rules stays.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { ParsedRules, RulePlace, RuleProblem, RuleSet } from '../../shared/rules.js';
import type { RuleFile, RulePosition } from '../services.js';
import type { RuleServiceLoader } from './ruleService.js';

const noRules: RuleSet = { listeners: [] };

export class RuleFileModel extends Owner implements RuleFile {
  private savedText: string | undefined;
  private typedText: string | undefined;
  private parsed: ParsedRules = { rules: noRules, problems: [], places: [] };
  private good: RuleSet | undefined;
  private counter = 0;
  private saves = 0;

  constructor(
    readonly uri: vscode.Uri,
    readonly source: string,
    private readonly service: RuleServiceLoader,
  ) {
    super();
  }

  get exists(): boolean {
    return this.savedText !== undefined;
  }

  get rules(): RuleSet | undefined {
    return this.good;
  }

  get problems(): readonly RuleProblem[] {
    return this.parsed.problems;
  }

  get places(): readonly RulePlace[] {
    return this.parsed.places;
  }

  get version(): number {
    return this.counter;
  }

  /** how often it was told what stands on disk */
  get revision(): number {
    return this.saves;
  }

  /** the text as it stands in the editor, else as saved */
  get text(): string {
    return this.typedText ?? this.savedText ?? '';
  }

  /** errors alone: what keeps the file from being applied */
  get errors(): RuleProblem[] {
    return this.parsed.problems.filter((problem) => problem.severity === 'error');
  }

  /** @returns whether the text is news */
  typed(text: string): boolean {
    if (text === this.text && this.exists) return false;
    this.typedText = text;
    this.parse(text);
    return true;
  }

  /**
   * What stands on disk now. Rules with an error leave the last good ones in force.
   *
   * @param text undefined = there is no file
   * @returns whether the rules in force changed
   */
  saved(text: string | undefined): boolean {
    this.saves++;
    if (text === this.savedText && this.typedText === undefined) return false;
    const isSame = text === this.savedText;
    this.savedText = text;
    this.typedText = undefined;
    this.parse(text);
    if (isSame && this.good !== undefined) return false;
    if (this.parsed.rules === undefined) return false;
    this.good = this.parsed.rules;
    return true;
  }

  /** @returns the listener's index, and the route's, in the text as it stands; undefined when a name is not there */
  pathOf(position: { listener: string; route?: string }): (string | number)[] | undefined {
    const listeners = this.parsed.rules?.listeners ?? this.good?.listeners ?? [];
    const index = listeners.findIndex((listener) => listener.name === position.listener);
    const listener = listeners[index];
    if (listener === undefined) return undefined;
    if (position.route === undefined) return ['listeners', index];
    const route = listener.routes.findIndex(({ name }) => name === position.route);
    if (0 <= route) return ['listeners', index, 'routes', route];
    return position.route === 'default' && listener.fallback !== undefined ? ['listeners', index, 'default'] : undefined;
  }

  /** @returns where a listener id (and route) is written, by names */
  positionOf(listenerId: string, route?: string): RulePosition | undefined {
    const listener = this.good?.listeners.find(({ id }) => id === listenerId);
    if (listener === undefined) return undefined;
    return { file: this.uri.toString(), listener: listener.name, ...(route === undefined ? {} : { route }) };
  }

  /** @returns the written range of a path of a listener or route, `[start, end)` in UTF-16 units */
  placeOf(path: readonly (string | number)[]): RulePlace | undefined {
    const [, listener, key, route] = path;
    const wanted = key === 'routes' && typeof route === 'number' ? route : undefined;
    return this.parsed.places.find((place) => place.listener === listener && place.route === wanted);
  }

  /** Problems of a listener (its routes left out) or of one route. */
  problemsAt(path: readonly (string | number)[]): RuleProblem[] {
    const place = this.placeOf(path);
    if (place === undefined) return [];
    const inner = place.route === undefined ? this.parsed.places.filter((other) => other.listener === place.listener && other.route !== undefined) : [];
    return this.parsed.problems.filter((problem) => isInside(problem, place) && !inner.some((route) => isInside(problem, route)));
  }

  private parse(text: string | undefined): void {
    this.parsed = text === undefined ? { rules: noRules, problems: [], places: [] } : this.service.get().parse(text, this.source);
    // A misspelt key makes its route look like one that takes everything: what follows from an error is not said beside it.
    if (this.errors.length > 0) this.parsed = { ...this.parsed, problems: this.errors };
    this.counter++;
  }
}

function isInside(problem: RuleProblem, place: RulePlace): boolean {
  return place.start <= problem.start && problem.end <= place.end;
}
