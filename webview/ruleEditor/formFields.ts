// The fields of a route and of a listener, in the order they are read.

import type { ProtocolChoice } from '../../src/shared/rules.js';
import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { menuButton } from '../widgets/menuButton.js';
import { toolkitElement } from '../widgets/toolkit.js';
import { conditionField } from './conditionField.js';
import { canAdd, newRow, type Alternative, type ConditionKind, type ConditionRow } from './conditions.js';
import { addableKinds, kindTitle } from './conditionWords.js';
import { field, linkButton, removeButton, textInput, type Field } from './fields.js';
import { matchPath, type ListenerForm, type RouteForm, type RuleForm } from './formModel.js';
import type { JsonPath } from './problemPlaces.js';
import { targetFields } from './targetField.js';

export interface FormContext {
  protocols: readonly ProtocolChoice[];
  changed(): void;
  /** the form has other fields now: draw it again, with the focus on this field */
  rebuilt(focus?: (fields: BuiltForm) => Field | undefined): void;
  openFile(path: JsonPath): void;
}

export interface BuiltForm {
  element: HTMLElement;
  fields: Field[];
  byRow: Map<ConditionRow, Field>;
  targets: Field[];
}

export function buildForm(form: RuleForm, context: FormContext): BuiltForm {
  const built: BuiltForm = { element: el('div', { class: 'fields' }), fields: [], byRow: new Map(), targets: [] };
  const add = (added: Field): void => {
    built.fields.push(added);
    built.element.append(added.element);
  };
  add(field({ label: l10n.t('Name'), path: () => ['name'] }, textInput(form.name, l10n.t('Name'), '', (text) => {
    form.name = text;
    context.changed();
  }, false)));
  built.element.append(checkbox(form.kind === 'route' ? l10n.t('Route is on') : l10n.t('Listener is on'), form.isEnabled, (isOn) => {
    form.isEnabled = isOn;
    context.changed();
  }));
  if (form.kind === 'route') addRouteFields(form, built, add, context);
  else addListenerFields(form, built, add, context);
  return built;
}

function addRouteFields(form: RouteForm, built: BuiltForm, add: (field: Field) => void, context: FormContext): void {
  if (form.alternatives.length === 0) form.alternatives.push({ source: undefined, rows: [] });
  const isSeveral = form.alternatives.length > 1;
  for (const [index, alternative] of form.alternatives.entries()) {
    const box = el('div', { class: isSeveral ? 'alternative' : 'conditions', role: 'group', 'aria-label': isSeveral ? l10n.t('Alternative {0}', index + 1) : l10n.t('Conditions') });
    if (isSeveral) {
      box.append(el('div', { class: 'alternative-head' }, el('span', { class: 'quiet', text: index === 0 ? l10n.t('Either') : l10n.t('or') }), removeButton(l10n.t('Remove this alternative'), () => {
        form.alternatives.splice(index, 1);
        context.rebuilt();
      })));
    }
    addConditions(form, alternative, index, box, built, context);
    built.element.append(box);
  }
  built.element.append(linkButton(l10n.t('Add alternative (or…)'), () => {
    const row = newRow('protocol');
    form.alternatives.push({ source: undefined, rows: [row] });
    context.rebuilt((next) => next.byRow.get(row));
  }));
  addTargets(form.to, { label: l10n.t('Send the connection to'), path: ['to'], balancePath: ['balance'], placeholder: '127.0.0.1:8080' }, built, add, context);
}

function addConditions(form: RouteForm, alternative: Alternative, index: number, box: HTMLElement, built: BuiltForm, context: FormContext): void {
  if (alternative.rows.length === 0) box.append(el('p', { class: 'hint', text: l10n.t('Without a condition this route takes every connection that reaches it.') }));
  for (const [at, row] of alternative.rows.entries()) {
    const made = conditionField(alternative, row, at === 0, () => matchPath(form, index), {
      protocols: context.protocols,
      changed: context.changed,
      rebuilt: (focus) => context.rebuilt(focus === undefined ? undefined : (next) => next.byRow.get(focus)),
      openFile: context.openFile,
    });
    built.fields.push(made);
    built.byRow.set(row, made);
    box.append(made.element);
  }
  box.append(menuButton(l10n.t('Add condition'), 'add', () => addableKinds.filter((kind) => canAdd(alternative, kind)).map((kind) => ({ id: kind, ...kindTitle(kind) })), (id) => {
    const row = newRow(id as ConditionKind);
    alternative.rows.push(row);
    context.rebuilt((next) => next.byRow.get(row));
  }));
}

function addListenerFields(form: ListenerForm, built: BuiltForm, add: (field: Field) => void, context: FormContext): void {
  add(field({ label: l10n.t('Listen on'), path: () => ['listen'], hint: l10n.t('A port (0 takes a free one), host:port, [::1]:port, or unix:/path.') }, textInput(form.listen, l10n.t('Listen on'), '127.0.0.1:3000', (text) => {
    form.listen = text;
    context.changed();
  })));
  add(field({ label: l10n.t('Wait for the first bytes, in ms'), path: () => ['inspect', 'timeoutMs'], hint: l10n.t('Then the silent route takes the connection, or the default when it says so.') }, textInput(form.timeoutMs, l10n.t('Wait for the first bytes, in ms'), l10n.t('300 on this machine, 3000 elsewhere'), (text) => {
    form.timeoutMs = text;
    context.changed();
  })));
  add(field({ label: l10n.t('Look at no more than, in bytes'), path: () => ['inspect', 'maxBytes'] }, textInput(form.maxBytes, l10n.t('Look at no more than, in bytes'), '16384', (text) => {
    form.maxBytes = text;
    context.changed();
  })));
  const isObject = typeof form.source['default'] === 'object' && form.source['default'] !== null && !Array.isArray(form.source['default']);
  addTargets(form.fallback, {
    label: l10n.t('What no route takes goes to'), path: isObject ? ['default', 'to'] : ['default'], balancePath: ['default', 'balance'],
    placeholder: l10n.t('nowhere: it is closed'),
  }, built, add, context);
  if (form.fallback.other === undefined) {
    built.element.append(checkbox(l10n.t('Also when the client stays silent'), form.fallback.whenSilent, (isOn) => {
      form.fallback.whenSilent = isOn;
      context.changed();
    }));
  }
}

function addTargets(target: RouteForm['to'], names: { label: string; path: JsonPath; balancePath: JsonPath; placeholder: string }, built: BuiltForm, add: (field: Field) => void, context: FormContext): void {
  const made = targetFields(target, {
    ...names,
    changed: context.changed,
    rebuilt: (focus) => context.rebuilt(focus === undefined ? undefined : (next) => next.targets[focus]),
    openFile: context.openFile,
  });
  built.targets = made;
  for (const one of made) add(one);
}

function checkbox(label: string, isOn: boolean, onChange: (isOn: boolean) => void): HTMLElement {
  const box = toolkitElement('pp-checkbox', {});
  box.textContent = label;
  box.checked = isOn;
  // The component reports its first value as a change as well: only a different one counts.
  let known = isOn;
  box.addEventListener('change', () => {
    if (box.checked === known) return;
    known = box.checked;
    onChange(known);
  });
  return box;
}
