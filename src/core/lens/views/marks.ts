// Colours of rows: what a person marked, and what rules paint. Both only paint: no view waits for them.

import type { RowColor } from '../../../shared/inspect.js';
import type { Subject } from '../filter/subject.js';
import type { SubjectTest } from './viewSource.js';

/** About 40 bytes each. A mark more takes the oldest away. */
export const maxMarks = 100_000;
/** Answers of rules that are remembered: a few screens of every view. */
const maxRemembered = 20_000;

export class Marks {
  private readonly colors = new Map<number, RowColor>();

  colorOf(row: number): RowColor | undefined {
    return this.colors.get(row);
  }

  set(rows: readonly number[], color: RowColor | null): void {
    for (const row of rows) {
      this.colors.delete(row);
      if (color !== null) this.colors.set(row, color);
    }
    for (const oldest of this.colors.keys()) {
      if (this.colors.size <= maxMarks) break;
      this.colors.delete(oldest);
    }
  }

  /** Rows that the ledger forgot. */
  dropBelow(row: number): void {
    for (const marked of this.colors.keys()) if (marked < row) this.colors.delete(marked);
  }

  get memoryBytes(): number {
    return this.colors.size * 40;
  }
}

export interface ColorRule {
  test: SubjectTest;
  color: RowColor;
}

/** Judged when a row is shown, and remembered until it gets a further answer. */
export class ColorRules {
  private rules: readonly ColorRule[] = [];
  private readonly remembered = new Map<number, { color: RowColor | undefined; answers: number }>();

  set(rules: readonly ColorRule[]): void {
    this.rules = rules;
    this.clear();
  }

  /** Rows may pass that did not, and the other way round. */
  clear(): void {
    this.remembered.clear();
  }

  /** @param key of the row; @param answers how many the row has; @param mayJudge false = undefined is answered rather than that time is spent */
  colorOf(key: number, answers: number, subject: () => Subject, mayJudge: () => boolean): RowColor | undefined {
    if (this.rules.length === 0) return undefined;
    const known = this.remembered.get(key);
    if (known?.answers === answers) return known.color;
    if (!mayJudge()) return undefined;
    const color = this.rules.find(({ test }) => test(subject()))?.color;
    if (maxRemembered <= this.remembered.size) this.remembered.clear();
    this.remembered.set(key, { color, answers });
    return color;
  }
}
