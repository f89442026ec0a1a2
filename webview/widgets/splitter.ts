// The line between two panes: drag it, or focus it and use the arrow keys; double click or Enter puts it back.

import { consume, el } from './dom.js';

export interface SplitterOptions {
  /** 'horizontal': a horizontal line, the pane before it is above */
  orientation: 'horizontal' | 'vertical';
  label: string;
  /** id of the pane before the line, whose share is set */
  controls: string;
  /** share of the pane before, in per cent */
  initial: number;
  usual: number;
  onChanged(percent: number): void;
}

/** Either pane keeps at least this share. */
const minPercent = 12;
const stepPercent = 2;

/** @returns the line; its container gets the share as CSS variable `--split-before` in per cent */
export function splitter(container: HTMLElement, options: SplitterOptions): HTMLElement {
  const isHorizontal = options.orientation === 'horizontal';
  const line = el('div', {
    class: `splitter splitter-${options.orientation}`,
    role: 'separator',
    tabindex: '0',
    'aria-orientation': options.orientation,
    'aria-label': options.label,
    'aria-controls': options.controls,
    'aria-valuemin': String(minPercent),
    'aria-valuemax': String(100 - minPercent),
  });
  let percent = options.initial;

  function set(next: number, isByPerson: boolean): void {
    percent = Math.min(100 - minPercent, Math.max(minPercent, next));
    container.style.setProperty('--split-before', `${percent}%`);
    line.setAttribute('aria-valuenow', String(Math.round(percent)));
    if (isByPerson) options.onChanged(percent);
  }

  line.addEventListener('pointerdown', (down) => {
    if (down.button !== 0) return;
    line.setPointerCapture(down.pointerId);
    line.classList.add('is-dragged');
    const box = container.getBoundingClientRect();
    const move = (event: PointerEvent): void => set(isHorizontal ? ((event.clientY - box.top) / box.height) * 100 : ((event.clientX - box.left) / box.width) * 100, true);
    const up = (): void => {
      line.classList.remove('is-dragged');
      line.removeEventListener('pointermove', move);
    };
    line.addEventListener('pointermove', move);
    line.addEventListener('lostpointercapture', up, { once: true });
  });
  line.addEventListener('dblclick', () => set(options.usual, true));
  line.addEventListener('keydown', (event) => {
    const before = isHorizontal ? 'ArrowUp' : 'ArrowLeft';
    const after = isHorizontal ? 'ArrowDown' : 'ArrowRight';
    if (event.key === before) set(percent - stepPercent, true);
    else if (event.key === after) set(percent + stepPercent, true);
    else if (event.key === 'Home') set(minPercent, true);
    else if (event.key === 'End') set(100 - minPercent, true);
    else if (event.key === 'Enter') set(options.usual, true);
    else return;
    consume(event);
  });
  set(percent, false);
  return line;
}
