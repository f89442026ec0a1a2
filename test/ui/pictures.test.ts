// Every view in the four kinds of theme: screenshots for a person to look at, and axe-core on our two pages.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seriousViolations } from './accessibility.js';
import { Editor, themes, type Theme } from './editor.js';
import { InspectorPage } from './inspectorPage.js';
import { RuleEditorPage } from './ruleEditorPage.js';
import { openDemo, type TestWindow } from './windows.js';

suite('views in every theme', () => {
  let editor: Editor;
  let opened: TestWindow;
  let workspace: string;
  let inspector: InspectorPage;
  let form: RuleEditorPage;

  suiteSetup(async () => {
    opened = await openDemo(8174);
    ({ editor, workspace } = opened);
    await arrange().catch(async (fault: unknown) => {
      await editor.screenshot('failed arranging');
      throw fault;
    });
  });

  /** One connection is selected in the inspector, one route in the rule editor. */
  async function arrange(): Promise<void> {
    await editor.row('Connections', /postgres.* › orders/i).waitFor();
    await editor.row('Connections', /TLS › payments/i).waitFor();
    await editor.selectRule(/^web/);
    form = await RuleEditorPage.opened(editor);
    await editor.row('Connections', /postgres.* › orders/i).click();
    inspector = await InspectorPage.opened(editor);
    await inspector.selectFlow('orders');
    await inspector.hex('Client');
    await inspector.tab('Conversation');
  }

  suiteTeardown(async () => {
    await opened?.close();
  });

  for (const theme of Object.keys(themes) as Theme[]) {
    test(`pictures in ${theme}, and nothing that keeps somebody out`, async () => {
      await editor.setTheme(theme);
      const found: string[] = [];
      for (const tab of ['Flow', 'Why here', 'Conversation', 'Decoded'] as const) {
        await inspector.tab(tab);
        await editor.screenshot(`inspector ${tab.toLowerCase()} ${theme}`);
        for (const violation of await seriousViolations(inspector.frame, '--vscode-editor-background')) found.push(`${tab}: ${violation}`);
      }
      for (const violation of await seriousViolations(form.frame, '--vscode-sideBar-background')) found.push(`rule editor: ${violation}`);
      assert.deepEqual(found, []);
    });
  }

  test('a folder without a rule file is welcomed, and the file that is made has no problem', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'port-prism-empty-'));
    writeFileSync(join(empty, 'README.md'), 'Nothing here yet.\n');
    const other = await Editor.open({ workspace: empty, theme: 'light' });
    try {
      await other.openContainer();
      const button = other.pane('Rules').locator('.welcome-view .monaco-button', { hasText: 'Create Rule File' });
      await button.waitFor();
      await other.screenshot('welcome light');
      await button.click();
      await other.page.locator('.tab', { hasText: 'port-prism.json' }).waitFor();
      await other.row('Rules', /127\.0\.0\.1/).waitFor();
      await other.screenshot('rule file light');
      await other.runCommand('View: Focus Problems');
      await other.page.locator('.markers-panel', { hasText: 'No problems have been detected' }).waitFor();
    } finally {
      await other.close();
      rmSync(empty, { recursive: true, force: true });
    }
  });

  test('an untrusted folder starts nothing', async () => {
    const other = await Editor.open({ workspace, theme: 'dark', trust: false });
    try {
      await other.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
      await other.openContainer();
      await other.spokenRow('Rules', ', stopped').waitFor();
      await other.runCommand('Port Prism: Start All Listeners');
      await other.pane('Rules').getByText('This workspace is not trusted').waitFor();
      // The message may be a toast that has gone by; the list of notifications keeps it.
      await other.runCommand('Notifications: Show Notifications');
      await other.page.locator('.notifications-center', { hasText: 'not trusted' }).waitFor();
      await other.screenshot('untrusted dark');
      await other.spokenRow('Rules', ', stopped').waitFor();
    } finally {
      await other.close();
    }
  });
});
