// Fields of the form: a label, an input of the toolkit, what is wrong with it. Each knows the JSON path it stands for.

import type { RuleProblem } from '../../src/shared/rules.js';
import { l10n } from '../l10n.js';
import { el, show } from '../widgets/dom.js';
import { icon } from '../widgets/icons.js';
import { toolkitElement, type ValueElement } from '../widgets/toolkit.js';
import type { JsonPath } from './problemPlaces.js';

/** A field as the form keeps it. */
export interface Field {
  element: HTMLElement;
  /** from the fragment's root, for the problems that belong here */
  path: () => JsonPath;
  focus(): void;
  showProblems(problems: readonly RuleProblem[]): void;
}

export interface FieldOptions {
  label: string;
  path: () => JsonPath;
  /** buttons at the right end of the label */
  tools?: HTMLElement[];
  /** a sentence under the input while nothing is wrong */
  hint?: string;
}

/** @param inputs one or several, in a row; the first takes the focus */
export function field(options: FieldOptions, ...inputs: HTMLElement[]): Field {
  const problems = el('ul', { class: 'problems', 'aria-live': 'polite', hidden: '' });
  const hint = el('p', { class: 'hint', text: options.hint ?? '' });
  show(hint, options.hint !== undefined);
  const element = el('div', { class: 'field', role: 'group', 'aria-label': options.label },
    el('div', { class: 'field-head' }, el('span', { class: 'field-label', text: options.label }), ...(options.tools ?? [])),
    el('div', { class: 'field-inputs' }, ...inputs), problems, hint);
  return {
    element,
    path: options.path,
    focus: () => inputs[0]?.focus(),
    showProblems: (found) => {
      showProblemList(problems, found);
      show(hint, found.length === 0 && options.hint !== undefined);
      const worst = found.some(({ severity }) => severity === 'error');
      for (const input of inputs) {
        input.classList.toggle('is-wrong', worst);
        input.setAttribute('aria-invalid', String(worst));
        // The input lives in the component's shadow tree, where ids of this page do not reach: the sentence goes into its description.
        if (found.length > 0) input.setAttribute('aria-description', found.map(({ message }) => message).join(' '));
        else input.removeAttribute('aria-description');
      }
    },
  };
}

export function showProblemList(list: HTMLElement, problems: readonly RuleProblem[]): void {
  list.replaceChildren(...problems.map((problem) => el('li', { class: `problem is-${problem.severity}` }, el('span', { class: 'severity', text: severityWords(problem.severity) }), ` ${l10n.said(problem.message)}`)));
  show(list, problems.length > 0);
}

export function textInput(value: string, label: string, placeholder: string, onInput: (text: string) => void, isMono = true): ValueElement {
  const input = toolkitElement('pp-text-field', { 'aria-label': label, placeholder, ...(isMono ? { class: 'mono' } : {}) });
  input.setAttribute('spellcheck', 'false');
  input.value = value;
  input.addEventListener('input', () => onInput(input.value));
  return input;
}

/** @param options value and text; a value that is not among them is added, so that it is neither hidden nor lost */
export function dropdown(value: string, label: string, options: readonly { value: string; text: string }[], onChange: (value: string) => void): HTMLElement {
  const list = toolkitElement('pp-dropdown', { 'aria-label': label });
  const all = options.some((option) => option.value === value) ? options : [{ value, text: value === '' ? l10n.t('Choose…') : value }, ...options];
  for (const option of all) {
    const element = toolkitElement('pp-option', { value: option.value });
    element.textContent = option.text;
    list.append(element);
  }
  // The component takes a value only once its options are there.
  requestAnimationFrame(() => {
    list.value = value;
    list.addEventListener('change', () => onChange(list.value));
  });
  return list;
}

export function removeButton(title: string, onClick: () => void): HTMLElement {
  const button = el('button', { class: 'icon-button small', type: 'button', title, 'aria-label': title }, icon('close'));
  button.addEventListener('click', onClick);
  return button;
}

export function linkButton(title: string, onClick: () => void): HTMLButtonElement {
  const button = el('button', { class: 'link-button', type: 'button', text: title });
  button.addEventListener('click', onClick);
  return button;
}

function severityWords(severity: RuleProblem['severity']): string {
  return severity === 'error' ? l10n.t('Error:') : severity === 'warning' ? l10n.t('Warning:') : l10n.t('Note:');
}
