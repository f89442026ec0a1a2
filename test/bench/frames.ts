// How evenly a page is drawn while something is done to it: the browser's own times of its frames.

import type { Frame } from 'playwright-core';

/** A frame later than this is one that a person sees as a jerk at 60 per second, in milliseconds. */
const smoothMs = 20;

export interface FrameFigures {
  perSecond: number;
  longestMs: number;
  /** share of frames that came within 20 ms, 0 to 1 */
  smooth: number;
}

interface Recorder {
  benchFrames?: number[] | undefined;
}

/** Writes down when each frame of the page begins while `act` goes on. */
export async function recordFrames(frame: Frame, act: () => Promise<void>): Promise<FrameFigures> {
  await frame.evaluate(() => {
    const recorder = window as Recorder;
    const times: number[] = [];
    recorder.benchFrames = times;
    const tick = (time: number): void => {
      if (recorder.benchFrames !== times) return;
      times.push(time);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const times = await frame.evaluate(() => {
    const recorder = window as Recorder;
    const times = recorder.benchFrames ?? [];
    recorder.benchFrames = undefined;
    return times;
  });
  return figuresOf(times);
}

export function figuresOf(times: readonly number[]): FrameFigures {
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  const all = gaps.reduce((sum, gap) => sum + gap, 0);
  return { perSecond: (gaps.length / all) * 1000, longestMs: Math.max(...gaps), smooth: gaps.filter((gap) => gap < smoothMs).length / gaps.length };
}
