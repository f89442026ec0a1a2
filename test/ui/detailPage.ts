// The lower half of the inspector as a person sees it: decoded lines, bytes as hex and text, the followed conversation.
import type { Frame, Locator } from 'playwright-core';
import { patienceMs, type Editor } from './editor.js';

type LeftTab = 'Decoded' | 'Conversation' | 'Flow' | 'Why here';

export class DetailPage {
  private constructor(readonly frame: Frame) {}

  static async opened(editor: Editor): Promise<DetailPage> {
    return new DetailPage(await editor.webview('.page-inspector .toolbar'));
  }

  /** Narrows the list of messages down by an expression, and chooses the one whose line has this text. */
  async choose(filter: string, text: string): Promise<void> {
    await this.frame.getByRole('radio', { name: 'Messages', exact: true }).click();
    const box = this.frame.locator('input.filter');
    await box.fill(filter);
    await box.press('Enter');
    const row = this.frame.locator('.exchange-row', { hasText: text }).first();
    await row.waitFor();
    await row.click();
    await this.frame.locator('#detail').waitFor();
  }

  async tab(title: LeftTab): Promise<void> {
    await this.frame.getByRole('tab', { name: title, exact: true }).click();
  }

  async bytesTab(title: 'Hex' | 'Text' | 'Body'): Promise<void> {
    await this.frame.getByRole('tab', { name: title, exact: true }).click();
  }

  /** A line of the decoded exchange, by its field's name. */
  field(name: string): Locator {
    return this.frame.locator('.message-list .is-field', { has: this.frame.locator('.field-name', { hasText: new RegExp(`^${name}$`) }) }).first();
  }

  /** What the head of the bytes says: "GET.target · 23 bytes at 0x4" */
  place(): Locator {
    return this.frame.locator('.bytes-place');
  }

  /** Bytes that are selected, as the hex view has them in its column of characters. */
  selectedText(): Promise<string> {
    return this.runs('.run-selected');
  }

  litText(): Promise<string> {
    return this.runs('.run-lit');
  }

  /** Clicks the byte whose character stands at this place of a text that the hex view shows within one row. */
  async clickByte(text: string): Promise<void> {
    const cell = this.frame.locator('#bytes-hex-panel .hex-text', { hasText: text }).first();
    const box = await cell.evaluate((element, wanted) => {
      const whole = element.textContent ?? '';
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      let before = whole.indexOf(wanted);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const length = node.textContent?.length ?? 0;
        if (before < length) {
          const range = document.createRange();
          range.setStart(node, before);
          range.setEnd(node, before + 1);
          const { left, top, width, height } = range.getBoundingClientRect();
          const cellBox = element.getBoundingClientRect();
          return { x: left - cellBox.left + width / 2, y: top - cellBox.top + height / 2 };
        }
        before -= length;
      }
      throw new Error(`No row has ${wanted}`);
    }, text);
    await cell.click({ position: box });
  }

  async find(mode: 'Text' | 'Hex', pattern: string): Promise<void> {
    await this.frame.locator('#bytes-hex-panel .hex-list .vlist-viewport').focus();
    await this.frame.locator('#bytes-hex-panel .hex-list .vlist-viewport').press('Control+f');
    const bar = this.frame.getByRole('search', { name: 'Find in bytes' });
    await bar.getByRole('radio', { name: mode, exact: true }).click();
    await bar.locator('.find-box').fill(pattern);
    await bar.locator('.find-box').press('Enter');
  }

  findBox(): Locator {
    return this.frame.locator('.find-box');
  }

  findStatus(): Locator {
    return this.frame.locator('.find-status');
  }

  async goTo(offset: string): Promise<void> {
    const box = this.frame.getByRole('textbox', { name: 'Go to offset' });
    await box.fill(offset);
    await box.press('Enter');
  }

  /** Chooses from the menu "Copy as". */
  async copyAs(form: string): Promise<void> {
    await this.frame.getByRole('button', { name: 'Copy as', exact: true }).click();
    await this.frame.getByRole('menuitem', { name: form, exact: true }).click();
  }

  /** Rows of the conversation that are in view, in their order. */
  async followed(): Promise<string[]> {
    return this.frame.locator('.follow-row').evaluateAll((rows) =>
      rows.map((row) => ({ top: row.getBoundingClientRect().top, text: row.textContent ?? '' })).sort((a, b) => a.top - b.top).map(({ text }) => text));
  }

  async followAs(form: 'Text' | 'Hex' | 'Decoded' | 'Reads'): Promise<void> {
    await this.frame.locator('.follow-head').getByRole('radio', { name: form, exact: true }).click();
  }

  async followSide(side: 'Both' | 'client' | 'upstream'): Promise<void> {
    await this.frame.locator('.follow-head').getByRole('radio', { name: side, exact: true }).click();
  }

  /** Waits, frame by frame, until something that is read off the page holds. */
  async until<T>(read: () => Promise<T>, holds: (value: T) => boolean, what: string): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const value = await read();
      if (holds(value)) return value;
      if (deadline < Date.now()) throw new Error(`${what}: ${JSON.stringify(value).slice(0, 500)}`);
      await this.frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }

  private runs(selector: string): Promise<string> {
    return this.frame.locator('#bytes-hex-panel .hex-row').evaluateAll((rows, wanted) =>
      rows.map((row) => ({ top: row.getBoundingClientRect().top, text: [...row.querySelectorAll(`.hex-text ${wanted}`)].map((run) => run.textContent ?? '').join('') }))
        .sort((a, b) => a.top - b.top).map(({ text }) => text).join(''), selector);
  }
}
