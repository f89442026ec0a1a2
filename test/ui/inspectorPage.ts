// The inspector as a person sees it: the list of connections, and facts, trace, conversation and bytes of the selected one.
import type { Frame, Locator } from 'playwright-core';
import { patienceMs, type Editor } from './editor.js';

export class InspectorPage {
  private constructor(readonly frame: Frame) {}

  /** With the list of connections in front. */
  static async opened(editor: Editor): Promise<InspectorPage> {
    const frame = await editor.webview('.page-inspector .view-switch');
    await frame.getByRole('radio', { name: 'Flows' }).click();
    await frame.locator('.flow-list').waitFor();
    return new InspectorPage(frame);
  }

  /** The inspector when there is nothing in it: words stand where the list would. */
  static async openedEmpty(editor: Editor): Promise<InspectorPage> {
    return new InspectorPage(await editor.webview('.page-inspector .empty'));
  }

  flows(): Locator {
    return this.frame.locator('.flow-list [data-flow]');
  }

  /** Shows only connections whose protocol, route, upstream, program or address has this text, and waits until no other row is left. */
  async filter(text: string): Promise<void> {
    await this.frame.locator('input.filter').fill(text);
    await this.frame.waitForFunction((wanted) => {
      const rows = [...document.querySelectorAll<HTMLElement>('.flow-list [data-flow]')];
      return rows.filter((row) => row.offsetParent !== null).every((row) => (row.textContent ?? '').includes(wanted));
    }, text);
  }

  async selectFlow(text: string): Promise<void> {
    await this.flows().filter({ hasText: text }).first().click();
    await this.frame.locator('#detail').waitFor();
  }

  /** What it tells the person about something that went wrong. */
  message(): Locator {
    return this.frame.locator('p.message[role=alert]');
  }

  detail(): Locator {
    return this.frame.locator('#detail');
  }

  /** Chooses one of the tabs of the selected connection. */
  async tab(title: 'Decoded' | 'Flow' | 'Why here' | 'Conversation' | 'Bytes'): Promise<Locator> {
    const tab = this.frame.getByRole('tab', { name: title });
    // A wide window shows the bytes beside the others, without a tab.
    if (await tab.isVisible()) await tab.click();
    const panel = { Decoded: 'decoded', Flow: 'facts', 'Why here': 'why', Conversation: 'conversation', Bytes: 'bytes' }[title];
    return this.frame.locator(title === 'Bytes' ? '.hex' : `[id$="-${panel}-panel"]`).first();
  }

  /** A message of the decoded view, by a text that stands in its line. */
  said(text: string | RegExp): Locator {
    return this.frame.locator('.message-list .is-message', { hasText: text }).first();
  }

  /** A field of an opened message. */
  field(name: string): Locator {
    return this.frame.locator('.message-list .is-field', { has: this.frame.locator('.field-name', { hasText: new RegExp(`^${name}$`) }) }).first();
  }

  /** Waits until the bytes in view match: rows are empty for a moment while the bytes of the chosen speaker are on their way. */
  async untilHex(speaker: 'Client' | 'Upstream', wanted: RegExp, withinMs = patienceMs): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const shown = await this.hex(speaker);
      if (wanted.test(shown)) return;
      if (deadline < Date.now()) throw new Error(`${speaker} bytes do not match ${wanted}: ${shown.slice(0, 200)}`);
      await this.frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }

  /** Hex digits of the rows in view, without blanks. */
  async hex(speaker: 'Client' | 'Upstream'): Promise<string> {
    await this.tab('Bytes');
    await this.frame.locator('.hex .segments button', { hasText: speaker }).click();
    const rows = this.frame.locator('.hex-row .hex-bytes');
    await rows.filter({ hasText: /[0-9a-f]{2}/ }).first().waitFor();
    // Rows are drawn again from a pool, so the order in the page is not the order on the screen.
    const drawn = await this.frame.locator('.hex-row').evaluateAll((elements) =>
      elements.map((row) => ({ top: row.getBoundingClientRect().top, text: row.querySelector('.hex-bytes')?.textContent ?? '' })),
    );
    return drawn.sort((a, b) => a.top - b.top).map(({ text }) => text.replace(/[^0-9a-f]/gi, '')).join('');
  }
}
