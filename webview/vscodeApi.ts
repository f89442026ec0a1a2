// The page's only way out: messages to the extension and the state that survives a hidden tab.
// acquireVsCodeApi may be called once per page, so it is called here and nowhere else.

import type { Port } from '../src/shared/rpc.js';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** Messages between this page and the extension host. */
export const hostPort: Port = {
  post: (message) => api.postMessage(message),
  onMessage: (listener) => {
    const hear = (event: MessageEvent<unknown>): void => listener(event.data);
    window.addEventListener('message', hear);
    return { dispose: () => window.removeEventListener('message', hear) };
  },
};

/** setState serialises the whole state on every call, so calls are gathered for this long. */
const saveDelayMs = 150;

/**
 * State that outlives the page while its tab is hidden or the window reloads. Keep it below 10 KB.
 *
 * @param isState narrows what an older version of this page may have left
 */
export class SavedState<T extends object> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: T;

  constructor(initial: T, isState: (value: unknown) => value is Partial<T>) {
    const saved = api.getState();
    this.current = isState(saved) ? { ...initial, ...saved } : initial;
    window.addEventListener('pagehide', () => this.flush());
  }

  get value(): Readonly<T> {
    return this.current;
  }

  update(change: Partial<T>): void {
    this.current = { ...this.current, ...change };
    this.timer ??= setTimeout(() => this.flush(), saveDelayMs);
  }

  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    api.setState(this.current);
  }
}
