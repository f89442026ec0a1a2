// The inspector in a real VS Code over 1,000,000 messages: frames per second while a person scrolls, beside VS Code's own editor with as many lines in the
// same browser; how soon a filter shows its first rows and how soon a row is open, from the press to the frame that shows it.

import type { Frame, Page } from 'playwright-core';
import { deleteEvery, messageCount, requestCount } from '../ui/manyMessages.js';
import { formatNumber, ratios, spreadOf, type Line } from './figures.js';
import { recordFrames, type FrameFigures } from './frames.js';
import { openInspectorWindow, type InspectorWindow } from './inspectorWindow.js';
import type { BenchContext } from './rounds.js';

const goalFramesPerSecond = 50;
const goalFirstMs = 200;
const goalDoneMs = 3000;
const goalOpenMs = 50;
const opensPerRound = 10;
/** A wheel's notch in Chromium, in pixels; three a frame is a hurried finger. */
const wheelPx = 300;
/** Mice report 60 times a second and more, held keys come 30 times. */
const pointerEveryMs = 1000 / 60;
const keyEveryMs = 1000 / 30;
const patienceMs = 60_000;

type Motion = 'wheel' | 'scroll bar' | 'PageDown held';
const motions: readonly Motion[] = ['wheel', 'scroll bar', 'PageDown held'];

export async function inspector(context: BenchContext): Promise<Line[]> {
  const window = await openInspectorWindow(context);
  if (window === undefined) {
    context.say('inspector: needs a browser and the VS Code that "node scripts/vscode.mjs install" puts here; rows left out');
    return [];
  }
  try {
    const ours = new Map<Motion, FrameFigures[]>(motions.map((motion) => [motion, []]));
    const theirs = new Map<Motion, FrameFigures[]>(motions.map((motion) => [motion, []]));
    const still: number[] = [];
    const filters: FilterTimes[] = [];
    const opens: number[] = [];
    for (let round = 0; round < context.rounds; round++) {
      context.say(`inspector: round ${round + 1} of ${context.rounds}`);
      const frame = await window.inspector();
      still.push((await recordFrames(frame, () => window.page.waitForTimeout(500))).perSecond);
      for (const motion of motions) ours.get(motion)?.push(await move(window, frame, '.exchange-list .vlist-viewport', motion, context.seconds));
      opens.push(...(await openRows(window.page, frame)));
      filters.push(await typeFilter(window.page, frame));
      const text = await window.text();
      for (const motion of motions) theirs.get(motion)?.push(await move(window, text, '.monaco-editor', motion, context.seconds));
    }
    return [
      ...motions.map((motion) => motionLine(motion, ours.get(motion) ?? [], theirs.get(motion) ?? [], spreadOf(still).median)),
      { row: 'a filter typed: from its last key to its first rows', unit: 'ms', ours: spreadOf(filters.map(({ firstMs }) => firstMs)), goal: { of: 'figure', sense: 'atMost', value: goalFirstMs }, note: millionNote },
      { row: 'a filter typed: from its last key until all are judged', unit: 'ms', ours: spreadOf(filters.map(({ doneMs }) => doneMs)), goal: { of: 'figure', sense: 'atMost', value: goalDoneMs }, note: millionNote },
      { row: 'a row opened: from the click to its fields and its bytes', unit: 'ms', ours: spreadOf(opens), goal: { of: 'figure', sense: 'atMost', value: goalOpenMs }, note: `${opens.length} rows; the frame that shows it included` },
    ];
  } finally {
    await window.close();
  }
}

const millionNote = `${messageCount.toLocaleString('en-US')} messages`;

function motionLine(motion: Motion, ours: readonly FrameFigures[], theirs: readonly FrameFigures[], still: number): Line {
  const rates = (figures: readonly FrameFigures[]): number[] => figures.map(({ perSecond }) => perSecond);
  const words = (figures: readonly FrameFigures[]): string => {
    const smooth = figures.reduce((sum, figure) => sum + figure.smooth, 0) / figures.length;
    return `longest frame ${formatNumber(Math.max(...figures.map(({ longestMs }) => longestMs)))} ms, ${Math.round(smooth * 100)} % within 20 ms`;
  };
  return {
    row: `scrolling by ${motion}`, unit: 'frames/s', ours: spreadOf(rates(ours)), peer: 'VS Code\'s editor', theirs: spreadOf(rates(theirs)), ratio: spreadOf(ratios(rates(ours), rates(theirs))),
    goal: { of: 'figure', sense: 'atLeast', value: goalFramesPerSecond }, note: `${words(ours)}; the editor ${words(theirs)}; with nothing moving ${formatNumber(still)} frames/s`,
  };
}

/** Scrolls for a while, from the first row on. @returns the frames meanwhile */
async function move({ page }: InspectorWindow, frame: Frame, selector: string, motion: Motion, seconds: number): Promise<FrameFigures> {
  const area = frame.locator(selector).first();
  const box = await area.boundingBox();
  if (box === null) throw new Error(`inspector: ${selector} is not shown`);
  const { mouse, keyboard } = page;
  const center = { x: box.x + box.width / 3, y: box.y + box.height / 2 };
  await mouse.click(center.x, center.y);
  await keyboard.press(selector === '.monaco-editor' ? 'Control+Home' : 'Home');
  await mouse.move(center.x, center.y);
  /** Does it again and again, at the pace of the device unless the page is slower. */
  const until = (everyMs: number, act: (share: number) => Promise<void>) => async (): Promise<void> => {
    const began = performance.now();
    for (let step = 0, elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - began) {
      await act(elapsed / (seconds * 1000));
      step = Math.max(step + 1, Math.floor((performance.now() - began) / everyMs));
      await page.waitForTimeout(Math.max(0, began + step * everyMs - performance.now()));
    }
  };
  switch (motion) {
    case 'wheel': return recordFrames(frame, until(pointerEveryMs, () => mouse.wheel(0, wheelPx)));
    case 'PageDown held': return recordFrames(frame, async () => {
      // What a held key does: down again and again.
      await until(keyEveryMs, () => keyboard.down('PageDown'))();
      await keyboard.up('PageDown');
    });
    case 'scroll bar': {
      const x = box.x + box.width - 5;
      // Below the arrow that some systems have; the editor's bar begins at its top.
      const top = box.y + (selector === '.monaco-editor' ? 8 : 26);
      await mouse.move(x, top);
      await mouse.down();
      const figures = await recordFrames(frame, until(pointerEveryMs, (share) => mouse.move(x, top + share * (box.height - 60))));
      await mouse.up();
      return figures;
    }
  }
}

/** Clicks rows one after the other. @returns for each, how long it took until fields and bytes stood there */
async function openRows(page: Page, frame: Frame): Promise<number[]> {
  const took: number[] = [];
  for (let at = 0; at < opensPerRound; at++) {
    const row = frame.locator('.exchange-row:not(.is-loading, .is-selected)').nth(3 + (at % 5));
    const key = /order:(\d+)/.exec((await row.textContent()) ?? '')?.[1] ?? '';
    await frame.evaluate((wanted) => void ((window as Asked).benchAnswer = new Promise<number>((resolve) => {
      document.addEventListener('mousedown', ({ timeStamp }) => {
        const look = (): void => {
          const fields = [...document.querySelectorAll('.message-list .is-message')].some((line) => line.textContent?.includes(wanted));
          const bytes = [...document.querySelectorAll('#bytes-hex-panel .run-selected')].map((run) => run.textContent ?? '').join('').includes(wanted.slice(-2));
          // Asked once the frame has been drawn, so the time is that of the next one's beginning.
          if (fields && bytes) requestAnimationFrame(() => resolve(performance.now() - timeStamp));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }, { capture: true, once: true });
    })), key);
    await row.click();
    took.push(await within(answer<number>(frame), `the row of order ${key} is open`));
    // Somewhere else in the million.
    await page.keyboard.press(at % 2 === 0 ? 'End' : 'Home');
    await frame.locator(`.exchange-row:not(.is-loading)`, { hasText: at % 2 === 0 ? String(requestCount - 1) : 'order:000000' }).first().waitFor();
  }
  return took;
}

interface FilterTimes {
  firstMs: number;
  doneMs: number;
}

/** Types a filter that few messages match, key by key. */
async function typeFilter(page: Page, frame: Frame): Promise<FilterTimes> {
  const matching = Math.floor(requestCount / deleteEvery);
  const box = frame.locator('input.filter');
  await box.click();
  await page.keyboard.type('redis.command == "DEL');
  await frame.evaluate((count) => void ((window as Asked).benchAnswer = new Promise<FilterTimes>((resolve) => {
    document.addEventListener('keydown', ({ timeStamp }) => {
      let firstMs: number | undefined;
      const look = (): void => {
        const rows = [...document.querySelectorAll<HTMLElement>('.exchange-row:not(.is-loading)')].filter((row) => row.textContent !== '');
        if (0 < rows.length && rows.every((row) => row.textContent?.includes('DEL '))) firstMs ??= performance.now() - timeStamp;
        const isDone = document.querySelector('.counts')?.textContent?.includes(`${count} of `) === true && firstMs !== undefined;
        if (isDone && document.querySelector<HTMLElement>('.judged')?.hidden !== false) resolve({ firstMs: firstMs ?? NaN, doneMs: performance.now() - timeStamp });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  })), matching);
  await page.keyboard.type('"');
  const taken = await within(answer<FilterTimes>(frame), 'a filter is done');
  await box.fill('');
  await frame.locator('.counts', { hasText: `${messageCount.toLocaleString('en-US')} messages in` }).waitFor();
  return taken;
}

/** Set up in the page before the press that it is about. */
interface Asked {
  benchAnswer?: Promise<unknown>;
}

function answer<T>(frame: Frame): Promise<T> {
  return frame.evaluate(() => (window as Asked).benchAnswer) as Promise<T>;
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`inspector: waited ${patienceMs / 1000} s until ${what}`)), patienceMs)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
