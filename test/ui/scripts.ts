// The project's own scripts, as tests use them: they find their folder by `import.meta.url`, so they are loaded and not bundled.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(__dirname, '..', '..', '..');

export interface RunningVscode {
  url: string;
  port: number;
  dataDir: string;
  output: string[];
  extensionHostLog(): string;
  stop(): Promise<void>;
}

interface VscodeScript {
  startVscode(options: {
    workspace: string;
    extensionDir?: string;
    vsix?: string;
    userSettings?: Record<string, unknown>;
    trust?: boolean;
  }): Promise<RunningVscode>;
  keepLogs(dataDir: string, target: string): void;
}

interface BrowserScript {
  findBrowser(): string | undefined;
  browserFlags: string[];
}

interface DemoWorkspaceScript {
  freeBase(first?: number): Promise<number>;
  copyWorkspace(base: number, target: string): string;
}

export interface RunningDemo {
  stop(): Promise<void>;
}

interface DemoScript {
  startDemo(options: { base: number; say(line: string): void }): Promise<RunningDemo>;
}

const load = <T>(...path: string[]): Promise<T> => import(pathToFileURL(join(root, ...path)).href) as Promise<T>;

export const vscodeScript = (): Promise<VscodeScript> => load('scripts', 'vscode.mjs');
export const browserScript = (): Promise<BrowserScript> => load('scripts', 'browser.mjs');
export const demoWorkspaceScript = (): Promise<DemoWorkspaceScript> => load('scripts', 'demoWorkspace.mjs');
export const demoScript = (): Promise<DemoScript> => load('demo', 'run.mjs');
