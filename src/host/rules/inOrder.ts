// Tasks about one thing, one after another: answers about a file that overtake each other would leave the older one standing.

export class InOrder<Key extends object> {
  private readonly last = new WeakMap<Key, Promise<unknown>>();

  /** Begins when all earlier tasks of this key have ended, well or not. */
  run<T>(key: Key, task: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const own = before.then(task, task);
    this.last.set(key, own);
    return own;
  }
}
