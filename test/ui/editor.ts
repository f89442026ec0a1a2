// A real VS Code in a real browser, with the packed extension installed, as a person would use it: palette, views, status bar, problems.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { browserScript, root, vscodeScript, type RunningVscode } from './scripts.js';

export const pictures = join(root, 'test-results', 'screenshots');

/** Names in settings and in the list of themes, and the class that the window gets. */
export const themes = {
  dark: { id: 'Dark Modern', label: 'Dark Modern', kind: 'vs-dark' },
  light: { id: 'Light Modern', label: 'Light Modern', kind: 'vs' },
  contrast: { id: 'Default High Contrast', label: 'Dark High Contrast', kind: 'hc-black' },
  contrastLight: { id: 'Default High Contrast Light', label: 'Light High Contrast', kind: 'hc-light' },
} as const;
export type Theme = keyof typeof themes;

/** Nothing waits this long on a machine that works, in milliseconds; one with ten jobs per core takes half of it. */
export const patienceMs = 60_000;

export interface EditorOptions {
  workspace: string;
  theme?: Theme;
  trust?: boolean;
  /** display language, as our extension hears of it: VS Code's own words stay English, since language packs are not in the npm registry */
  language?: string;
}

export class Editor {
  private constructor(readonly page: Page, private readonly browser: Browser, private readonly vscode: RunningVscode) {}

  /** Installs the VSIX that `npm run package` made into a fresh VS Code, and opens the workspace. */
  static async open({ workspace, theme = 'dark', trust = true, language }: EditorOptions): Promise<Editor> {
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string; version: string };
    const [{ startVscode }, { findBrowser, browserFlags }] = await Promise.all([vscodeScript(), browserScript()]);
    const vscode = await startVscode({ workspace, vsix: join(root, `${name}-${version}.vsix`), trust, userSettings: { 'workbench.colorTheme': themes[theme].id, 'security.workspace.trust.startupPrompt': 'never' } });
    // People have scroll bars to drag.
    const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags, ignoreDefaultArgs: ['--hide-scrollbars'] });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(patienceMs);
    if (language !== undefined) await page.addInitScript((wanted) => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: wanted }), language);
    await page.goto(vscode.url);
    await page.locator('.monaco-workbench .statusbar').waitFor();
    mkdirSync(pictures, { recursive: true });
    return new Editor(page, browser, vscode);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.vscode.stop();
  }

  /**
   * F1, the command's title, a click on exactly that command. When a view was opened just before, VS Code moves the focus into it as soon
   * as it is ready, on a busy machine seconds later; that closes a palette, and a person presses F1 again.
   */
  async runCommand(title: string): Promise<void> {
    // The best match comes first, which is not always the same words: a longer title may hold them too.
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ has: this.page.getByText(title, { exact: true }) }).first();
    const box = this.page.locator('.quick-input-widget input[type=text]');
    const deadline = Date.now() + patienceMs;
    for (;;) {
      await this.page.keyboard.press('F1');
      try {
        await box.fill(`>${title}`, { timeout: 5000 });
        await row.click({ timeout: 10_000 });
        return;
      } catch (fault) {
        if (deadline < Date.now()) throw fault;
      }
    }
  }

  /**
   * Opens the menu of an element, goes down to an entry and chooses it. By keyboard: VS Code's menus take no click in their first moments
   * (the press that opened them may end there).
   */
  async chooseFromMenu(of: Locator, label: string): Promise<void> {
    await of.click({ button: 'right' });
    const focused = this.page.locator('.context-view .action-item.focused');
    const entries = this.page.locator('.context-view .monaco-menu .action-item');
    await entries.filter({ hasText: label }).waitFor();
    for (let step = await entries.count(); 0 < step; step--) {
      await this.page.keyboard.press('ArrowDown');
      await focused.waitFor();
      if (await focused.filter({ hasText: label }).isVisible()) {
        await this.page.keyboard.press('Enter');
        await focused.waitFor({ state: 'detached' });
        return;
      }
    }
    throw new Error(`The menu does not come to "${label}".`);
  }

  /** Opens Port Prism's container in the side bar. */
  async openContainer(): Promise<void> {
    const tab = this.page.locator('.activitybar .action-item', { has: this.page.locator('[aria-label^="Port Prism"]') });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-expanded')) !== 'true' && !(await this.pane('Rules').isVisible())) await tab.click();
    await this.pane('Rules').waitFor();
  }

  /** A view of the side bar, by its title. */
  pane(title: string): Locator {
    return this.page.locator('.split-view-view .pane', { has: this.page.locator(`.pane-header[aria-label^="${title}"]`) });
  }

  /** A row of a view, by a text that stands in it. */
  row(pane: string, text: string | RegExp): Locator {
    return this.pane(pane).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** The same by what a screen reader says of the row, which also tells what only an icon shows. */
  spokenRow(pane: string, words: string): Locator {
    return this.pane(pane).locator(`.monaco-list-row[aria-label*="${words}"]`).first();
  }

  /** Selects a row of the Rules view, and waits until the rule editor shows it. */
  async selectRule(text: string | RegExp): Promise<void> {
    await this.row('Rules', text).click();
    await this.page.locator('.pane-header[aria-label^="Rule Editor"] .description').filter({ hasText: text }).waitFor();
  }

  /** Texts of the rows that a view shows now. */
  async rows(pane: string): Promise<string[]> {
    return this.pane(pane).locator('.monaco-list-row').evaluateAll((rows) => rows.map((row) => row.textContent ?? ''));
  }

  statusItem(): Locator {
    return this.page.locator('.statusbar .statusbar-item[id*="portPrism.status"]');
  }

  /** The page of one of our webviews, once `selector` is in it. Webviews are frames in frames. */
  async webview(selector: string): Promise<Frame> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        const isThere = await frame.locator(selector).first().isVisible().catch(() => false);
        if (isThere) return frame;
      }
      await this.page.waitForTimeout(100);
    }
    await this.screenshot('failed webview');
    throw new Error(`No webview shows ${selector}.\n${this.vscode.extensionHostLog().slice(-3000)}`);
  }

  /** Chooses a theme from VS Code's list, and waits until the window has it. */
  async setTheme(theme: Theme): Promise<void> {
    const { label, kind } = themes[theme];
    const isThere = this.page.locator(`.monaco-workbench.${kind}`);
    if ((await isThere.count()) > 0) return;
    await this.runCommand('Preferences: Color Theme');
    // The palette's box becomes the picker's: what is typed before that is lost.
    await this.page.locator('.quick-input-widget').getByPlaceholder(/^Select Color Theme/).fill(label);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ has: this.page.getByText(label, { exact: true }) }).first().click();
    await isThere.waitFor();
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** What went wrong, for the message of a failed test. */
  log(): string {
    return this.vscode.extensionHostLog();
  }
}
