// Ownership: what a class makes, it registers in the same expression and disposes with itself.

/** Something that holds a socket, timer, listener or panel until it is disposed. `dispose` is synchronous, idempotent and immediate. */
export interface Disposable {
  dispose(): void;
}

/** @returns a Disposable that runs `release` once, however often it is disposed */
export function toDisposable(release: () => void): Disposable {
  let isDisposed = false;
  return {
    dispose(): void {
      if (isDisposed) return;
      isDisposed = true;
      release();
    },
  };
}

/** Owner of what it registered; later registrations are disposed first. Registering on a disposed owner disposes at once. */
export class Owner implements Disposable {
  private readonly owned = new Set<Disposable>();
  private disposed = false;

  get isDisposed(): boolean {
    return this.disposed;
  }

  register<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.owned.add(item);
    return item;
  }

  /** Disposes one owned thing before its owner ends. */
  release(item: Disposable): void {
    if (this.owned.delete(item)) item.dispose();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const item of [...this.owned].reverse()) item.dispose();
    this.owned.clear();
  }
}

/** Holds one replaceable thing: setting a new one disposes the one before. */
export class MutableDisposable<T extends Disposable> implements Disposable {
  private held: T | undefined;
  private disposed = false;

  get value(): T | undefined {
    return this.held;
  }

  set value(next: T | undefined) {
    if (this.disposed) {
      next?.dispose();
      return;
    }
    if (this.held === next) return;
    this.held?.dispose();
    this.held = next;
  }

  dispose(): void {
    this.disposed = true;
    this.held?.dispose();
    this.held = undefined;
  }
}

/** A list of listeners for one kind of event. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(event: T) => void>();

  readonly event = (listener: (event: T) => void): Disposable => {
    this.listeners.add(listener);
    return toDisposable(() => this.listeners.delete(listener));
  };

  fire(event: T): void {
    let firstFault: unknown;
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (fault) {
        firstFault ??= fault;
      }
    }
    if (firstFault !== undefined) throw firstFault;
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** Starts a promise that nobody awaits; its failure reaches `report` instead of the process. */
export function background(promise: Promise<unknown>, report: (fault: unknown) => void): void {
  promise.catch(report);
}

/** Closes an exhaustive `switch`. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`);
}
