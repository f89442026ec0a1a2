// A person with 1,000,000 messages: the list goes to both ends and to the middle, filters, and opens rows, and the page stays small.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { Frame, Locator } from 'playwright-core';
import { Editor } from './editor.js';
import { deleteEvery, keyOf, requestCount, sendMany, startCache, type Cache } from './manyMessages.js';
import { openListener, pictureFailures, type TestWindow } from './windows.js';

/** Rows of a screen, and some in reserve. */
const mostRowsInPage = 120;

suite('a person with a million messages', () => {
  let editor: Editor;
  let opened: TestWindow;
  let cache: Cache;
  let clients: Socket[] = [];
  let frame: Frame;

  suiteSetup(async () => {
    cache = await startCache();
    opened = await openListener(7960, { default: String(cache.port) });
    const { port } = opened;
    ({ editor } = opened);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    frame = await editor.webview('.page-inspector .toolbar');
    clients = await sendMany(port);
  });

  suiteTeardown(async () => {
    for (const client of clients) client.destroy();
    await opened?.close();
    cache?.close();
  });

  pictureFailures(() => editor);

  const counts = (words: RegExp): Locator => frame.locator('.counts', { hasText: words });
  const row = (text: string): Locator => frame.locator('.exchange-row:not(.is-loading)', { hasText: text }).first();
  const viewport = (): Locator => frame.locator('.exchange-list .vlist-viewport');
  /** Numbers of the requests in view, from the top; waits until every row is there. */
  async function numbersInView(): Promise<number[]> {
    const handle = await frame.waitForFunction(() => {
      const list = document.querySelector('.exchange-list .vlist-viewport')?.getBoundingClientRect();
      if (list === undefined) return undefined;
      const rows = [...document.querySelectorAll<HTMLElement>('.exchange-row')].map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => list.top <= box.top + 1 && box.bottom <= list.bottom + 1).sort((a, b) => a.box.top - b.box.top);
      const numbers = rows.map(({ element }) => /order:(\d+)/.exec(element.textContent ?? '')?.[1]);
      return 5 < numbers.length && numbers.every((number) => number !== undefined) ? numbers.map(Number) : undefined;
    });
    return (await handle.jsonValue()) ?? [];
  }
  async function assertSmallPage(): Promise<void> {
    assert.ok((await frame.locator('.exchange-row').count()) < mostRowsInPage, 'only rows in view are in the page');
  }

  test('sees all of them counted, and how much memory the lists take', async () => {
    await counts(/1,000,000 messages in 500,000 rows/).waitFor();
    // 384 MB at most.
    const memory = await counts(/[\d.]+ MB of memory for the lists/).textContent();
    const megabytes = Number(/([\d.]+) MB of memory/.exec(memory ?? '')?.[1]);
    assert.ok(50 < megabytes && megabytes <= 400, `${megabytes} MB`);
    assert.doesNotMatch(memory ?? '', /forgotten|dropped/);
    await row(keyOf(requestCount - 1)).waitFor();
    await editor.screenshot('million messages');
  });

  test('goes to the first with Home and to the last with End', async () => {
    await row(keyOf(requestCount - 1)).click();
    await editor.page.keyboard.press('Home');
    await row(keyOf(0)).waitFor();
    assert.equal((await numbersInView())[0], 0);
    await assertSmallPage();
    await editor.page.keyboard.press('End');
    await row(keyOf(requestCount - 1)).waitFor();
    assert.equal((await numbersInView()).at(-1), requestCount - 1);
    await assertSmallPage();
  });

  test('drags the scroll bar to the middle: rows of the middle are there, and one opens', async () => {
    const box = await viewport().boundingBox();
    assert.ok(box !== null);
    const { mouse } = editor.page;
    const x = box.x + box.width - 4;
    // Above the arrow at the end of the bar.
    await mouse.move(x, box.y + box.height - 26);
    await mouse.down();
    await mouse.move(x, box.y + box.height * 0.75, { steps: 5 });
    await mouse.move(x, box.y + box.height / 2, { steps: 5 });
    await mouse.up();
    const handle = await frame.waitForFunction((half) => {
      const shown = [...document.querySelectorAll<HTMLElement>('.exchange-row')].map((element) => Number(/order:(\d+)/.exec(element.textContent ?? '')?.[1])).filter((number) => Math.abs(number - half) < half / 5);
      return 5 < shown.length ? shown[5] : undefined;
    }, requestCount / 2);
    await assertSmallPage();
    const middle = keyOf((await handle.jsonValue()) ?? 0);
    await row(middle).click();
    await frame.getByRole('tab', { name: 'Decoded', exact: true }).click();
    await frame.locator('.message-list .is-message', { hasText: middle }).waitFor();
    await frame.locator('.hex-row', { hasText: middle.slice(-6) }).first().waitFor();
    await editor.screenshot('million messages middle');
  });

  test('filters: only what matches is listed, and its number is right', async () => {
    const box = frame.locator('input.filter');
    await box.fill('redis.command == DEL');
    await row(keyOf(deleteEvery - 1)).waitFor();
    await counts(/50 of 1,000,000 messages/).waitFor();
    await box.fill('problem');
    await counts(/500 of 1,000,000 messages/).waitFor();
    await frame.waitForFunction(() => [...document.querySelectorAll('.exchange-row')].filter((element) => (element.textContent ?? '') !== '').every((element) => element.textContent?.includes('the shelf is empty')));
    await box.fill('');
    await counts(/1,000,000 messages in 500,000 rows/).waitFor();
  });

  test('sees requests and answers as rows of their own, a million of them, and moves through them', async () => {
    await frame.getByRole('button', { name: 'More', exact: true }).click();
    await frame.getByRole('menuitemcheckbox', { name: 'Answers as rows of their own' }).click();
    await counts(/1,000,000 messages/).filter({ hasNotText: 'rows' }).waitFor();
    await frame.waitForFunction(() => document.querySelector('.exchange-list[aria-rowcount="1000001"]') !== null);
    await frame.locator('.exchange-row:not(.is-loading)').first().click();
    await editor.page.keyboard.press('End');
    await row('← "paid"').waitFor();
    await editor.page.keyboard.press('Home');
    await row(keyOf(0)).waitFor();
    await assertSmallPage();
  });
});
