// People who see differently: a page at 200 %, less motion, high contrast, and what a screen reader says of a row.
import assert from 'node:assert/strict';
import type { Frame, Locator } from 'playwright-core';
import { seriousViolations } from './accessibility.js';
import { Editor } from './editor.js';
import { openDemo, pictureFailures, type TestWindow } from './windows.js';

suite('a person who sees differently', () => {
  let editor: Editor;
  let opened: TestWindow;
  let frame: Frame;

  suiteSetup(async () => {
    opened = await openDemo(8040);
    ({ editor } = opened);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    frame = await editor.webview('.page-inspector .toolbar');
    await rows().nth(3).waitFor();
  });

  suiteTeardown(async () => {
    await opened?.close();
  });

  pictureFailures(() => editor);

  const rows = (): Locator => frame.locator('.exchange-row:not(.is-loading)');
  const list = (name: string): Locator => frame.getByRole('radio', { name, exact: true });

  test('a screen reader says a row in one sentence, and what the grid is', async () => {
    await list('Messages').click();
    await frame.locator('input.filter').fill('protocol == http1 and http.status == 200');
    const row = frame.locator('.exchange-row', { hasText: /GET .*200 OK/ }).first();
    await row.waitFor();
    await frame.getByRole('grid', { name: 'Messages' }).waitFor();
    assert.match((await row.getAttribute('aria-label')) ?? '', /^\d\d:\d\d:\d\d\.\d{3}, http1, from client, GET \/.*, answer 200 OK.*, took [\d.]+ m?s, [\d.]+ K?B$/);
    const spoken = await frame.getByRole('grid', { name: 'Messages' }).ariaSnapshot();
    assert.match(spoken, /columnheader "?Time/);
    assert.match(spoken, /row "[^"]*GET \/[^"]*answer 200 OK/);
    await frame.locator('input.filter').fill('');
  });

  test('who wants less motion sees none', async () => {
    await editor.page.emulateMedia({ reducedMotion: 'reduce' });
    await frame.waitForFunction(() => matchMedia('(prefers-reduced-motion: reduce)').matches);
    for (const name of ['Statistics', 'Flows', 'Messages']) {
      await list(name).click();
      await frame.locator('.ribbon').first().waitFor({ state: 'attached' });
      const moving = await frame.evaluate(() => {
        const styles = [...document.querySelectorAll('*')].flatMap((element) => ['', '::before', '::after'].map((part) => ({ element, part, style: getComputedStyle(element, part === '' ? undefined : part) })));
        const seconds = (times: string): number => Math.max(...times.split(',').map((time) => parseFloat(time) * (time.trim().endsWith('ms') ? 0.001 : 1)));
        return [
          ...styles.filter(({ style }) => 0 < seconds(style.transitionDuration) || (style.animationName !== 'none' && 0 < seconds(style.animationDuration)) || style.scrollBehavior === 'smooth').map(({ element, part }) => `${element.tagName}.${element.className}${part}`),
          ...document.getAnimations().map(String),
        ];
      });
      assert.deepEqual(moving, [], name);
    }
    await editor.page.emulateMedia({ reducedMotion: null });
  });

  for (const theme of ['contrast', 'contrastLight'] as const) {
    test(`in ${theme} the chosen row and the chosen byte are outlined, not only coloured`, async () => {
      await editor.setTheme(theme);
      await list('Messages').click();
      await rows().nth(2).click();
      await frame.locator('.message-list .is-message').first().waitFor();
      for (const chosen of ['.exchange-row.is-selected', '.message-list .is-selected']) {
        const outline = await frame.locator(chosen).first().evaluate((element) => getComputedStyle(element).outlineStyle);
        assert.notEqual(outline, 'none', chosen);
      }
      await editor.screenshot(`details ${theme}`);
      assert.deepEqual(await seriousViolations(frame, '--vscode-editor-background'), []);
    });
  }

  test('at 200 % nothing is cut off: every control is in view or can be scrolled to', async () => {
    await editor.setTheme('dark');
    await editor.page.keyboard.press('Control+b');
    // What a browser's zoom does to a window of 1280 x 800: half the CSS pixels, each twice as large.
    const session = await editor.page.context().newCDPSession(editor.page);
    await editor.page.setViewportSize({ width: 640, height: 400 });
    await session.send('Emulation.setDeviceMetricsOverride', { width: 640, height: 400, deviceScaleFactor: 2, mobile: false });
    frame = await editor.webview('.page-inspector .toolbar');
    await frame.waitForFunction(() => devicePixelRatio === 2 && innerWidth <= 640);
    for (const name of ['Statistics', 'Flows', 'Messages']) {
      await list(name).click();
      await editor.screenshot(`zoomed ${name.toLowerCase()}`);
      assert.deepEqual(await cutOff(frame), [], name);
    }
    await rows().first().click();
    await frame.locator('.message-list .is-message').first().waitFor();
    for (const tab of ['Decoded', 'Conversation', 'Flow', 'Why here', 'Bytes']) {
      await frame.getByRole('tab', { name: tab, exact: true }).click();
      await editor.screenshot(`zoomed ${tab.toLowerCase()}`);
      assert.deepEqual(await cutOff(frame), [], tab);
    }
  });
});

/** @returns controls that stand outside of the page or of a part that hides what does not fit and cannot be scrolled */
function cutOff(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, input, select, [role=tab], [role=radio], [role=separator], .vlist-viewport, .counts')].filter((element) => element.offsetParent !== null && getComputedStyle(element).visibility !== 'hidden');
    const said: string[] = [];
    for (const control of controls) {
      const box = control.getBoundingClientRect();
      const name = `${control.tagName.toLowerCase()}.${control.className} "${(control.getAttribute('aria-label') ?? control.textContent ?? '').slice(0, 30)}"`;
      // A separator is a line of one pixel.
      if (box.width < 1 || box.height < (control.matches('.vlist-viewport') ? 40 : 1)) said.push(`${name} is ${box.width} x ${box.height}`);
      let canScroll = false;
      for (let parent = control.parentElement; parent !== null && !canScroll; parent = parent.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(parent);
        const clip = parent.getBoundingClientRect();
        const isBeyond = box.left < clip.left - 1 || clip.right + 1 < box.right || box.top < clip.top - 1 || clip.bottom + 1 < box.bottom;
        if (/auto|scroll/.test(overflowX + overflowY)) canScroll = true;
        else if (isBeyond && (overflowX !== 'visible' || overflowY !== 'visible')) said.push(`${name} is cut off by ${parent.className}`);
      }
      if (!canScroll && (box.left < -1 || innerWidth + 1 < box.right || box.top < -1 || innerHeight + 1 < box.bottom)) said.push(`${name} is outside of the page`);
    }
    for (const cell of document.querySelectorAll<HTMLElement>('.vlist-header > *')) {
      if (cell.offsetParent !== null && innerWidth < cell.getBoundingClientRect().right) said.push(`the column ${cell.textContent} is cut off`);
    }
    if (innerWidth < document.documentElement.scrollWidth) said.push(`the page is ${document.documentElement.scrollWidth} wide`);
    return said;
  });
}
