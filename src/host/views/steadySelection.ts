// What is selected in a tree whose rows are drawn again all the time.
//
// VS Code forgets rows while they are drawn again, for the time of one round trip. A row that a person clicks just then is selected on
// the screen, but the view's `selection` is empty; when the rows are back it is filled without any event. So it is read again then.

import { Emitter, Owner, toDisposable, type Disposable } from '../../shared/lifecycle.js';

/** The part of `vscode.TreeView` that matters here. */
export interface SelectableView<T> {
  readonly selection: readonly T[];
  onDidChangeSelection(listener: () => void): Disposable;
}

/** A command waits this long for rows that are being drawn, in milliseconds: a round trip, on a machine that is busy. */
const roundTripMs = 500;

export class SteadySelection<T> extends Owner {
  private readonly selected = this.register(new Emitter<readonly T[]>());
  /** nothing is selected, or it is not known at the moment: the two look the same */
  private isMissing = false;
  private hasChanged = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** rows that a person has selected; what a redraw empties is no event */
  readonly onDidSelect = this.selected.event;

  constructor(private readonly view: SelectableView<T>, private readonly waitMs = roundTripMs) {
    super();
    this.register(toDisposable(() => clearTimeout(this.timer)));
    this.register(view.onDidChangeSelection(() => {
      this.hasChanged = true;
      this.read();
    }));
  }

  /** A row is being drawn: VS Code knows it again once the call in which it asked for the row has ended. */
  drawn(): void {
    if (!this.isMissing || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.read();
    });
  }

  /** Something else is chosen now: what was missing is not wanted any more. */
  forget(): void {
    this.isMissing = false;
  }

  /** The selected rows, when they are being drawn just now a moment later. */
  rows(): Promise<readonly T[]> {
    if (this.view.selection.length > 0 || !this.hasChanged) return Promise.resolve(this.view.selection);
    this.isMissing = true;
    return new Promise((resolve) => {
      const waiting = new Owner();
      const finish = (rows: readonly T[]): void => {
        this.release(waiting);
        resolve(rows);
      };
      const timer = setTimeout(() => finish([]), this.waitMs);
      waiting.register(toDisposable(() => clearTimeout(timer)));
      waiting.register(this.onDidSelect(finish));
      this.register(waiting);
    });
  }

  private read(): void {
    const { selection } = this.view;
    this.isMissing = selection.length === 0;
    if (!this.isMissing) this.selected.fire(selection);
  }
}
