// What a person reads from the overview and from statistics, and how both narrow the lists; and pictures of them in every theme.
import assert from 'node:assert/strict';
import type { Frame, Locator } from 'playwright-core';
import { seriousViolations } from './accessibility.js';
import { Editor, themes, type Theme } from './editor.js';
import { openDemo, pictureFailures, type TestWindow } from './windows.js';

suite('a person looks at the whole', () => {
  let editor: Editor;
  let opened: TestWindow;
  let port: number;
  let frame: Frame;

  suiteSetup(async () => {
    opened = await openDemo(7800);
    ({ editor, port } = opened);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    frame = await editor.webview('.page-inspector .toolbar');
  });

  suiteTeardown(async () => {
    await opened?.close();
  });

  pictureFailures(() => editor);

  const prism = (part: 'listener' | 'protocol' | 'upstream', name: string): Locator => frame.locator(`.prism-${part}`, { has: frame.getByText(name, { exact: true }) }).first();
  const list = (name: string): Locator => frame.getByRole('radio', { name, exact: true });
  const filter = (): Locator => frame.locator('input.filter');
  const rows = (): Locator => frame.locator('.exchange-row:not(.is-loading)');
  const stretch = (): Locator => frame.locator('button.chip.is-on', { hasText: /\d\d:\d\d:\d\d.* to / });

  /** Waits until every row that is drawn has this protocol. */
  async function onlyProtocol(protocol: string): Promise<void> {
    await frame.waitForFunction((wanted) => {
      const drawn = [...document.querySelectorAll<HTMLElement>('.exchange-row .protocol')].filter((cell) => cell.offsetParent !== null && cell.textContent !== '');
      return drawn.length > 0 && drawn.every((cell) => cell.textContent === wanted);
    }, protocol);
  }

  test('sees listener, protocols and upstreams with their rates', async () => {
    await prism('listener', 'shop').waitFor();
    for (const [protocol, behind] of [['http1', 1], ['postgres', 4]] as const) {
      await prism('protocol', protocol).waitFor();
      await prism('upstream', String(port + behind)).waitFor();
    }
    await frame.locator('.prism-protocol .quiet', { hasText: /^[\d.]+ [KM]?B\/s$/ }).first().waitFor();
    await frame.locator('.ribbon').first().waitFor({ state: 'attached' });
  });

  test('clicks a protocol: the filter says so, and no other is listed', async () => {
    // The busiest are shown, which are not always the same.
    const protocol = (await frame.locator('.prism-protocol .prism-name').first().textContent()) ?? '';
    await prism('protocol', protocol).click();
    await frame.waitForFunction((wanted) => document.querySelector<HTMLInputElement>('input.filter')?.value === `protocol == ${wanted}`, protocol);
    await onlyProtocol(protocol);
    await filter().fill('');
    await filter().press('Enter');
  });

  test('marks a stretch of time by keyboard: the list is narrowed to it, and a chip takes that away', async () => {
    await frame.locator('.throughput').focus();
    for (let step = 0; step < 25; step++) await editor.page.keyboard.press('Shift+ArrowLeft');
    await frame.waitForFunction(() => / to /.test(document.querySelector('.throughput')?.getAttribute('aria-valuetext') ?? ''));
    await editor.page.keyboard.press('Enter');
    await stretch().waitFor();
    const counts = frame.locator('.counts');
    await counts.filter({ hasText: /\d+ of [\d,]+ messages/ }).waitFor();
    await rows().first().waitFor();
    await editor.screenshot('overview stretch');
    await stretch().click();
    await stretch().waitFor({ state: 'detached' });
    await counts.filter({ hasText: /messages in \d+/ }).waitFor();
  });

  test('counts by protocol, and sorts by name and by bytes', async () => {
    await list('Statistics').click();
    const keys = frame.locator('.stat-table tbody .stat-key');
    await keys.filter({ hasText: 'postgres' }).waitFor();
    await keys.filter({ hasText: 'http1' }).waitFor();
    await frame.locator('.stat-table tbody tr', { hasText: 'postgres' }).locator('td', { hasText: /ms/ }).first().waitFor();
    await frame.getByRole('button', { name: 'Name', exact: true }).click();
    await frame.locator('th[aria-sort=ascending]', { hasText: 'Name' }).waitFor();
    const names = await keys.allTextContents();
    assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b)));
    await frame.getByRole('button', { name: 'Count', exact: true }).click();
    await frame.locator('th[aria-sort=descending]', { hasText: 'Count' }).waitFor();
    const counts = (await frame.locator('.stat-table tbody .stat-count').allTextContents()).map((text) => Number(text.replaceAll(',', '')));
    assert.deepEqual(counts, [...counts].sort((a, b) => b - a));
    assert.ok(counts.every((count) => 0 < count), counts.join(' '));
  });

  test('goes from a row of statistics to its messages', async () => {
    await frame.locator('.stat-key', { hasText: /^redis$/ }).click();
    await onlyProtocol('redis');
    await filter().fill('');
    await filter().press('Enter');
  });

  for (const theme of Object.keys(themes) as Theme[]) {
    test(`pictures in ${theme}, and nothing that keeps somebody out`, async () => {
      await editor.setTheme(theme);
      for (const name of ['Messages', 'Statistics']) {
        await list(name).click();
        await (name === 'Messages' ? rows() : frame.locator('.stat-key')).first().waitFor();
        await editor.screenshot(`overview ${name.toLowerCase()} ${theme}`);
        assert.deepEqual(await seriousViolations(frame, '--vscode-editor-background'), [], name);
      }
    });
  }

  test('in a narrow window the names still stand beside each other', async () => {
    await editor.setTheme('dark');
    await list('Messages').click();
    await editor.page.setViewportSize({ width: 1080, height: 800 });
    await frame.waitForFunction(() => window.innerWidth < 760);
    // The labels move with the size; what is drawn after that is looked at.
    await frame.waitForFunction(() => {
      const boxes = [...document.querySelectorAll('.prism-label')].map((label) => label.getBoundingClientRect());
      const right = document.querySelector('.prism')?.getBoundingClientRect().right ?? 0;
      return boxes.length > 2 && boxes.every((box, at) => box.right <= right + 1 && boxes.every((other, otherAt) => at === otherAt || box.right <= other.left + 1 || other.right <= box.left + 1 || box.bottom <= other.top + 3 || other.bottom <= box.top + 3));
    });
    await editor.screenshot('overview narrow');
  });
});
