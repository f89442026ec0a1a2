// The rule editor in the side bar as a person sees it: labelled fields, what is wrong under them, Save.
import type { Frame, Locator } from 'playwright-core';
import type { Editor } from './editor.js';

export class RuleEditorPage {
  private constructor(readonly frame: Frame) {}

  static async opened(editor: Editor): Promise<RuleEditorPage> {
    return new RuleEditorPage(await editor.webview('.page-ruleEditor .form .field'));
  }

  /** A field by its label. The controls are components; their inputs live in shadow trees. */
  field(label: string): Locator {
    return this.frame.getByRole('group', { name: label, exact: true });
  }

  /** By the name that a screen reader says. */
  async fill(label: string, text: string): Promise<void> {
    await this.field(label).getByRole('textbox', { name: label, exact: true }).fill(text);
  }

  async problems(label: string): Promise<string> {
    return (await this.field(label).locator('.problem').allTextContents()).join(' ');
  }

  async setTarget(text: string): Promise<void> {
    await this.fill('Send the connection to', text);
  }

  /** Presses Save, and waits until the form says that it did. */
  async save(): Promise<void> {
    // A click waits until the button is enabled, which it is when the form differs from the file and has no error.
    await this.frame.getByRole('button', { name: 'Save', exact: true }).click();
    await this.frame.locator('.status', { hasText: 'Saved.' }).waitFor();
  }
}
