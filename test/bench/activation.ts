// How long VS Code waits for the extension, and that nothing heavy has started by then. Measured in a real VS Code when one is installed.

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { spreadOf, type Line } from './figures.js';
import type { BenchContext } from './rounds.js';

const goalMs = 50;
const goalMegabytes = 1;
// Starting a window takes seconds; more windows than this teach nothing.
const mostWindows = 5;
const windowWithinMs = 60_000;

/** What scripts/vscode.mjs and scripts/browser.mjs offer, as far as it is used here. */
interface VscodeScripts {
  vscodeDir(): string;
  startVscode(options: { workspace: string; extensionDir: string; testsPath: string }): Promise<{ url: string; stop(): Promise<void> }>;
}
interface BrowserScripts {
  findBrowser(): string | undefined;
  browserFlags: string[];
}

/** What activationProbe.ts says. */
interface Probe {
  loadMs: number | null;
  activateMs: number | null;
  workers: number;
  wasActive: boolean;
}

export async function activation(context: BenchContext): Promise<Line[]> {
  return [...(await activationLines(context)), ...packageLine(context.root)];
}

async function activationLines(context: BenchContext): Promise<Line[]> {
  if (!existsSync(join(context.root, 'dist/extension.js'))) {
    context.say('activation: dist/extension.js is not built; row left out');
    return [];
  }
  const vscode = (await import(pathToFileURL(join(context.root, 'scripts/vscode.mjs')).href)) as VscodeScripts;
  const browser = (await import(pathToFileURL(join(context.root, 'scripts/browser.mjs')).href)) as BrowserScripts;
  const program = browser.findBrowser();
  if (program === undefined || !existsSync(join(vscode.vscodeDir(), 'installed.json'))) {
    context.say('activation: needs a browser and the VS Code that "node scripts/vscode.mjs install" puts here; row left out');
    return [];
  }
  const probes = await probeWindows(context, vscode, program, browser.browserFlags);
  const workers = Math.max(...probes.map((probe) => probe.workers));
  return [
    {
      row: 'activation in a real VS Code',
      unit: 'ms',
      ours: spreadOf(probes.map((probe) => (probe.loadMs ?? NaN) + (probe.activateMs ?? NaN))),
      goal: { of: 'figure', sense: 'atMost', value: goalMs },
      note: probes.some((probe) => probe.wasActive) ? 'was active before the probe came: no figure' : 'loading the code and activate(), inside the extension host',
    },
    { row: 'workers started by activation', unit: '', ours: spreadOf([workers]), goal: { of: 'figure', sense: 'atMost', value: 0 } },
  ];
}

async function probeWindows(context: BenchContext, scripts: VscodeScripts, program: string, flags: string[]): Promise<Probe[]> {
  const { chromium } = await import('playwright-core');
  const workspace = mkdtempSync(join(tmpdir(), 'port-prism-bench-'));
  const vscode = await scripts.startVscode({ workspace, extensionDir: context.root, testsPath: join(context.root, 'dist/bench/activationProbe.js') });
  const browser = await chromium.launch({ executablePath: program, args: flags });
  try {
    const probes: Probe[] = [];
    const windows = Math.min(mostWindows, context.rounds);
    for (let round = 0; round < windows; round++) {
      context.say(`activation: window ${round + 1} of ${windows}`);
      const page = await browser.newPage();
      const probe = new Promise<Probe>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`activation: no answer from VS Code within ${windowWithinMs / 1000} s`)), windowWithinMs);
        const seen: string[] = [];
        void page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
          const line = format(...args);
          seen.push(line);
          const found = /port-prism-bench (\{.*\})/.exec(line);
          if (found?.[1] === undefined) return;
          clearTimeout(late);
          resolve(JSON.parse(found[1]) as Probe);
        });
        void page.exposeFunction('codeAutomationExit', (code: number) => {
          if (code === 0) return;
          clearTimeout(late);
          reject(new Error(`activation failed in VS Code: ${seen.slice(-3).join('; ')}`));
        });
      });
      await page.goto(vscode.url);
      probes.push(await probe);
      await page.close();
    }
    return probes;
  } finally {
    await browser.close();
    await vscode.stop();
    rmSync(workspace, { recursive: true, force: true });
  }
}

function packageLine(root: string): Line[] {
  const file = readdirSync(root).filter((name) => name.endsWith('.vsix')).sort()[0];
  if (file === undefined) return [];
  const megabytes = statSync(join(root, file)).size / 1e6;
  return [{ row: 'VSIX', unit: 'MB', ours: spreadOf([megabytes]), goal: { of: 'figure', sense: 'atMost', value: goalMegabytes }, note: file }];
}
