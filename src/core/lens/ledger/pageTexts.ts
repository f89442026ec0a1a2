// Texts as strings: who goes through a page reads most of its texts many times, who jumps from page to page reads each once.

import type { Page } from './page.js';

/** Reads of one page in a row after which its strings are kept. */
const readsBeforeKeeping = 16;

export class PageTexts {
  private page: Page | undefined;
  private reads = 0;
  private strings: (string | undefined)[] | undefined;

  read(page: Page, id: number): string {
    if (page !== this.page) {
      this.page = page;
      this.reads = 0;
      this.strings = undefined;
    }
    if (this.strings === undefined) {
      if (++this.reads < readsBeforeKeeping) return page.texts.read(id);
      this.strings = new Array<string | undefined>(page.texts.count);
    }
    if (this.strings.length <= id) this.strings.length = page.texts.count;
    return (this.strings[id] ??= page.texts.read(id));
  }

  clear(): void {
    this.page = this.strings = undefined;
  }
}
