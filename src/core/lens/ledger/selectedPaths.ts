// Which places a selector chooses, asked once for each place.

import type { FieldSelector } from '../filter/subject.js';
import type { PathTable } from './pathTable.js';

/** Selectors whose answers are remembered: those of the filters and columns in use. */
const maxSelectors = 200;

const isNot = 1;
const isChosen = 2;

interface Remembered {
  /** by number of the place; 0 = not asked yet */
  answers: Uint8Array;
}

export class SelectedPaths {
  private readonly byKey = new Map<string, Remembered>();
  private last: { selector: FieldSelector; remembered: Remembered } | undefined;

  constructor(private readonly paths: PathTable) {}

  /** @returns a test of places that is good until the next row is written */
  of(selector: FieldSelector): (path: number) => boolean {
    const remembered = this.remembered(selector);
    if (remembered.answers.length < this.paths.count) {
      const answers = new Uint8Array(this.paths.count * 2);
      answers.set(remembered.answers);
      remembered.answers = answers;
    }
    const { answers } = remembered;
    return (path) => {
      const known = answers[path]!;
      if (known !== 0) return known === isChosen;
      const answer = this.paths.isField(path) && selector.matches(this.paths.protocol(path), this.paths.path(path));
      answers[path] = answer ? isChosen : isNot;
      return answer;
    };
  }

  private remembered(selector: FieldSelector): Remembered {
    if (this.last?.selector === selector) return this.last.remembered;
    let remembered = this.byKey.get(selector.key);
    if (remembered === undefined) {
      if (maxSelectors <= this.byKey.size) this.byKey.clear();
      this.byKey.set(selector.key, (remembered = { answers: new Uint8Array(0) }));
    }
    this.last = { selector, remembered };
    return remembered;
  }
}
