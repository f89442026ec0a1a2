// A real VS Code on a folder with one listener, its inspector filled with 1,000,000 messages, and a text of as many lines beside it: what inspector.ts looks at.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Frame, Page } from 'playwright-core';
import { messageCount, sendMany, startCache } from '../ui/manyMessages.js';
import type { BenchContext } from './rounds.js';

/** What scripts/vscode.mjs and scripts/browser.mjs offer, as far as it is used here. */
interface VscodeScripts {
  vscodeDir(): string;
  startVscode(options: { workspace: string; extensionDir: string; userSettings: Record<string, unknown> }): Promise<{ url: string; stop(): Promise<void> }>;
}
interface BrowserScripts {
  findBrowser(): string | undefined;
  browserFlags: string[];
}

// A busy machine takes half of it for what takes seconds.
const patienceMs = 60_000;
const textName = 'lines.txt';

export interface InspectorWindow {
  page: Page;
  /** brings the inspector to the front; its page is made anew each time */
  inspector(): Promise<Frame>;
  /** brings VS Code's own editor to the front, at the start of a text of 1,000,000 lines */
  text(): Promise<Frame>;
  close(): Promise<void>;
}

/** @returns undefined when there is no VS Code or no browser here */
export async function openInspectorWindow(context: BenchContext): Promise<InspectorWindow | undefined> {
  const vscodeScripts = (await import(pathToFileURL(join(context.root, 'scripts/vscode.mjs')).href)) as VscodeScripts;
  const browserScripts = (await import(pathToFileURL(join(context.root, 'scripts/browser.mjs')).href)) as BrowserScripts;
  const program = browserScripts.findBrowser();
  if (program === undefined || !existsSync(join(vscodeScripts.vscodeDir(), 'installed.json')) || !existsSync(join(context.root, 'dist/extension.js'))) return undefined;
  const { chromium } = await import('playwright-core');
  const cache = await startCache();
  const port = await freePort();
  const workspace = mkdtempSync(join(tmpdir(), 'port-prism-bench-'));
  mkdirSync(join(workspace, '.vscode'));
  writeFileSync(join(workspace, '.vscode/port-prism.json'), JSON.stringify({ listeners: [{ name: 'dev', listen: String(port), routes: [], default: String(cache.port) }] }));
  writeFileSync(join(workspace, textName), Array.from({ length: messageCount }, (_, line) => `GET order:${line}\n`).join(''));
  const vscode = await vscodeScripts.startVscode({ workspace, extensionDir: context.root, userSettings: { 'portPrism.autoStart': true, 'workbench.editorLargeFileConfirmation': 100 } });
  // People have scroll bars to drag.
  const browser = await chromium.launch({ executablePath: program, args: browserScripts.browserFlags, ignoreDefaultArgs: ['--hide-scrollbars'] });
  let clients: Socket[] = [];
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(patienceMs);

  const window: InspectorWindow = {
    page,
    async inspector() {
      await page.locator('.tabs-container .tab', { hasText: 'Traffic' }).click();
      const frame = await frameWith(page, '.page-inspector .exchange-row:not(.is-loading)');
      await frame.locator('.counts', { hasText: `${messageCount.toLocaleString('en-US')} messages in` }).waitFor();
      return frame;
    },
    async text() {
      await page.locator('.tabs-container .tab', { hasText: textName }).click();
      await page.locator('.monaco-editor .view-line').first().waitFor();
      return page.mainFrame();
    },
    async close() {
      for (const client of clients) client.destroy();
      await browser.close();
      await vscode.stop();
      cache.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
  try {
    await page.goto(vscode.url);
    await page.locator('.statusbar-item', { hasText: String(port) }).waitFor();
    // A double click: the file stays open.
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: textName }).dblclick();
    await page.locator('.monaco-editor .view-line').first().waitFor();
    await runCommand(page, 'Port Prism: Open Traffic Inspector');
    await frameWith(page, '.page-inspector .toolbar');
    context.say(`inspector: sending ${messageCount.toLocaleString('en-US')} messages`);
    clients = await sendMany(port);
    await window.inspector();
    return window;
  } catch (fault) {
    await window.close();
    throw fault;
  }
}

async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input[type=text]').fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
}

/** Webviews are frames in frames. */
async function frameWith(page: Page, selector: string): Promise<Frame> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    for (const frame of page.frames()) if (await frame.locator(selector).first().isVisible().catch(() => false)) return frame;
    await page.waitForTimeout(50);
  }
  throw new Error(`inspector: no page shows ${selector} within ${patienceMs / 1000} s`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
