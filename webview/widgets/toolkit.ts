// The one place that knows the component library: everything else says <pp-button>, so another library would change this file only.

import { TextArea, TextField, provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption, vsCodeTextArea, vsCodeTextField } from '@vscode/webview-ui-toolkit';

/** Defines the components that the pages use, under our own prefix. */
export function registerToolkit(): void {
  for (const type of [TextField, TextArea]) keepName(type.prototype);
  provideVSCodeDesignSystem().withPrefix('pp').register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption(), vsCodeTextArea(), vsCodeTextField());
}

/** When it is put into a page the library calls every such field "Text field" or "Text area", whatever name it was given. */
function keepName(prototype: HTMLElement & { connectedCallback(): void }): void {
  const connected = prototype.connectedCallback;
  prototype.connectedCallback = function (this: HTMLElement): void {
    const name = this.getAttribute('aria-label');
    connected.call(this);
    if (name !== null) this.setAttribute('aria-label', name);
  };
}

/** What the pages use of them. */
export interface ValueElement extends HTMLElement {
  value: string;
  disabled: boolean;
}

export interface CheckedElement extends HTMLElement {
  checked: boolean;
  disabled: boolean;
}

export function toolkitElement(tag: 'pp-text-field' | 'pp-text-area' | 'pp-dropdown', attributes: Record<string, string>): ValueElement;
export function toolkitElement(tag: 'pp-checkbox', attributes: Record<string, string>): CheckedElement;
export function toolkitElement(tag: 'pp-button', attributes: Record<string, string>): HTMLButtonElement;
export function toolkitElement(tag: 'pp-option', attributes: Record<string, string>): HTMLOptionElement;
export function toolkitElement(tag: string, attributes: Record<string, string>): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
