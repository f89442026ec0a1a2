// The head of the message list: click sorts, drag moves, the line between two heads sizes. With the keyboard: Enter sorts, Alt+arrows move,
// Shift+arrows size, Delete takes away, the menu key opens the choice of columns.

import { consume, el, setAttribute, show } from '../widgets/dom.js';
import { below, type PopupPlace } from '../widgets/popupMenu.js';
import type { PlacedColumn, SortOrder } from './columns.js';

export interface ColumnHeadActions {
  sort(id: string): void;
  /** @param beforeId undefined = to the end */
  move(id: string, beforeId: string | undefined): void;
  shift(id: string, by: -1 | 1): void;
  /** @param widthPx undefined = the usual width */
  size(id: string, widthPx: number | undefined): void;
  remove(id: string): void;
  menu(id: string | undefined, place: PopupPlace): void;
  /** arrow down: on to the rows */
  toRows(): void;
}

/** A press that moves less is a click. */
const dragStartPx = 5;
const keyStepPx = 10;

export class ColumnHead {
  readonly element: HTMLElement;
  private readonly row = el('div', { class: 'vlist-header', role: 'row', 'aria-rowindex': '1' });
  private readonly drop = el('div', { class: 'column-drop', hidden: '' });
  private columns: readonly PlacedColumn[] = [];
  /** head that takes the focus when Tab comes here */
  private current = '';

  constructor(private readonly actions: ColumnHeadActions) {
    this.element = el('div', { role: 'rowgroup', class: 'vlist-head' }, this.row);
    this.row.addEventListener('keydown', (event) => this.onKey(event));
    this.row.addEventListener('contextmenu', (event) => {
      consume(event);
      const head = this.headOf(event.target);
      const isByMouse = event.clientX !== 0 || event.clientY !== 0;
      this.actions.menu(head?.dataset['column'], isByMouse || head === undefined ? { x: event.clientX, y: event.clientY } : below(head));
    });
  }

  show(columns: readonly PlacedColumn[], sort: SortOrder | undefined): void {
    const hadFocus = this.row.contains(document.activeElement);
    const isSame = columns.length === this.columns.length && columns.every(({ id }, index) => id === this.columns[index]?.id);
    this.columns = columns;
    if (!columns.some(({ id }) => id === this.current)) this.current = columns[0]?.id ?? '';
    if (!isSame) this.row.replaceChildren(...columns.map((column, index) => this.head(column, index)), this.drop);
    for (const head of this.heads()) {
      const id = head.dataset['column'];
      head.tabIndex = id === this.current ? 0 : -1;
      const isSorted = sort !== undefined && sort.column === id;
      setAttribute(head, 'aria-sort', isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none');
    }
    if (hadFocus && !isSame) this.focus();
  }

  focus(): void {
    this.heads().find((head) => head.dataset['column'] === this.current)?.focus();
  }

  private heads(): HTMLElement[] {
    return [...this.row.children].filter((child): child is HTMLElement => child instanceof HTMLElement && child.dataset['column'] !== undefined);
  }

  private headOf(target: EventTarget | null): HTMLElement | undefined {
    return (target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null) ?? undefined;
  }

  private head({ id, title, hint, isNumber }: PlacedColumn, index: number): HTMLElement {
    const line = el('span', { class: 'column-line', 'aria-hidden': 'true' });
    const head = el('div', { class: `cell column-head${isNumber ? ' is-number' : ''}`, role: 'columnheader', 'aria-colindex': String(index + 1), 'data-column': id, title: hint },
      el('span', { class: 'column-title', text: title }), el('span', { class: 'sort-sign', 'aria-hidden': 'true' }), line);
    head.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      if (event.target === line) this.dragLine(id, head, event);
      else this.dragHead(id, head, event);
    });
    line.addEventListener('dblclick', (event) => {
      consume(event);
      this.actions.size(id, undefined);
    });
    return head;
  }

  private dragLine(id: string, head: HTMLElement, down: PointerEvent): void {
    consume(down);
    const from = head.getBoundingClientRect().width;
    follow(head, down, (event) => this.actions.size(id, from + event.clientX - down.clientX));
  }

  private dragHead(id: string, head: HTMLElement, down: PointerEvent): void {
    let target: string | undefined;
    let isDragged = false;
    follow(head, down, (event) => {
      if (!isDragged && Math.abs(event.clientX - down.clientX) < dragStartPx) return;
      isDragged = true;
      head.classList.add('is-dragged');
      target = this.dropTarget(event.clientX);
    }, (isCancelled) => {
      head.classList.remove('is-dragged');
      show(this.drop, false);
      if (isCancelled) return;
      if (isDragged) this.actions.move(id, target);
      else {
        this.setCurrent(id);
        head.focus({ preventScroll: true });
        this.actions.sort(id);
      }
    });
  }

  /** Shows where the column would go. @returns id of the column that it would stand before; undefined = the end */
  private dropTarget(x: number): string | undefined {
    const origin = this.row.getBoundingClientRect().left;
    const boxes = this.heads().map((head) => ({ id: head.dataset['column'], box: head.getBoundingClientRect() }));
    const target = boxes.find(({ box }) => x < box.left + box.width / 2);
    const edge = target?.box.left ?? (boxes.at(-1)?.box.right ?? 0) + 10;
    this.drop.style.left = `${edge - origin - 6}px`;
    show(this.drop, true);
    return target?.id;
  }

  private setCurrent(id: string): void {
    this.current = id;
    for (const head of this.heads()) head.tabIndex = head.dataset['column'] === id ? 0 : -1;
  }

  private onKey(event: KeyboardEvent): void {
    const head = this.headOf(event.target);
    const id = head?.dataset['column'];
    if (head === undefined || id === undefined || event.ctrlKey || event.metaKey) return;
    const at = this.columns.findIndex((column) => column.id === id);
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0 && event.altKey) this.actions.shift(id, step);
    else if (step !== 0 && event.shiftKey) this.actions.size(id, (this.columns[at]?.widthPx ?? 0) + step * keyStepPx);
    else if (step !== 0) this.go(at + step);
    else if (event.key === 'Home') this.go(0);
    else if (event.key === 'End') this.go(this.columns.length - 1);
    else if (event.key === 'Enter' || event.key === ' ') this.actions.sort(id);
    else if (event.key === 'Delete') this.actions.remove(id);
    else if (event.key === 'ArrowDown') this.actions.toRows();
    else return;
    consume(event);
  }

  private go(index: number): void {
    const column = this.columns[Math.min(Math.max(0, index), this.columns.length - 1)];
    if (column === undefined) return;
    this.setCurrent(column.id);
    this.focus();
  }
}

/** Follows a pointer until it is let go or lost. */
function follow(element: HTMLElement, down: PointerEvent, move: (event: PointerEvent) => void, end?: (isCancelled: boolean) => void): void {
  element.setPointerCapture(down.pointerId);
  const finish = (event: PointerEvent): void => {
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', finish);
    element.removeEventListener('pointercancel', finish);
    end?.(event.type === 'pointercancel');
  };
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', finish);
  element.addEventListener('pointercancel', finish);
}
