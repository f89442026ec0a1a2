// One condition as a field of the form.

import type { ProtocolChoice } from '../../src/shared/rules.js';
import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { canAdd, rowPath, type Alternative, type ConditionRow } from './conditions.js';
import { clause, placeholder } from './conditionWords.js';
import { dropdown, field, linkButton, removeButton, textInput, type Field } from './fields.js';
import type { JsonPath } from './problemPlaces.js';
import { splitValues } from './valueText.js';

export interface ConditionContext {
  protocols: readonly ProtocolChoice[];
  /** an input changed: check again */
  changed(): void;
  /** rows came, went or turned: draw again, with the focus on this row */
  rebuilt(focus?: ConditionRow): void;
  openFile(path: JsonPath): void;
}

export function conditionField(alternative: Alternative, row: ConditionRow, isFirst: boolean, matchPath: () => JsonPath, context: ConditionContext): Field {
  const label = clause(row.kind, row.isNot, isFirst);
  const path = (): JsonPath => [...matchPath(), ...rowPath(alternative, row), ...(row.kind === 'header' ? [row.inputs['name'] ?? ''] : [])];
  const tools = [notButton(alternative, row, context), removeButton(l10n.t('Remove this condition'), () => {
    alternative.rows.splice(alternative.rows.indexOf(row), 1);
    context.rebuilt();
  })];
  return field({ label, path, tools, hint: hintOf(row, context.protocols) }, ...inputsOf(row, label, path, context));
}

function notButton(alternative: Alternative, row: ConditionRow, context: ConditionContext): HTMLElement {
  const button = el('button', { class: 'not-button', type: 'button', text: l10n.t('not'), title: l10n.t('Turn this condition around'), 'aria-pressed': String(row.isNot) });
  // Two conditions of one kind would need the same key: a negated one turns back only when its place is free.
  button.disabled = row.kind === 'other' || (row.isNot && !canAdd(alternative, row.kind));
  button.addEventListener('click', () => {
    row.isNot = !row.isNot;
    context.rebuilt(row);
  });
  return button;
}

function inputsOf(row: ConditionRow, label: string, path: () => JsonPath, context: ConditionContext): HTMLElement[] {
  const text = (name: string, inputLabel: string, sample: string): HTMLElement =>
    textInput(row.inputs[name] ?? '', inputLabel, sample, (value) => {
      row.inputs[name] = value;
      context.changed();
    });
  switch (row.kind) {
    case 'silent': return [];
    case 'other': return [el('pre', { class: 'as-json', text: JSON.stringify(row.json, null, 2) }), linkButton(l10n.t('Edit in the file'), () => context.openFile(path()))];
    case 'protocol': return [protocolList(row, label, context)];
    case 'header': return [text('name', l10n.t('Header name'), 'content-type'), text('value', label, placeholder('header'))];
    case 'payload': {
      const offset = text('offset', l10n.t('Offset'), '0');
      offset.classList.add('short');
      return [offset, text('value', l10n.t('Bytes as hex, several with commas'), placeholder('payload')), text('mask', l10n.t('Mask as hex'), l10n.t('mask, as long as the hex (optional)'))];
    }
    case 'pattern': {
      const flags = text('flags', l10n.t('Flags of the pattern'), l10n.t('flags'));
      flags.classList.add('short');
      return [text('value', label, placeholder('pattern')), flags];
    }
    default: return [text('value', label, placeholder(row.kind))];
  }
}

/** One dropdown per protocol: any of them may be what the bytes are. */
function protocolList(row: ConditionRow, label: string, context: ConditionContext): HTMLElement {
  const values = splitValues(row.inputs['value'] ?? '');
  const choices = [
    { value: 'http', text: l10n.t('HTTP, any (1, 2, gRPC, WebSocket)') },
    ...context.protocols.filter(({ id }) => id !== 'http' && id !== 'unknown').map(({ id, title }) => ({ value: id, text: l10n.said(title) })),
  ];
  const list = el('div', { class: 'choices' });
  const write = (next: string[], isRebuilt: boolean): void => {
    row.inputs['value'] = next.join(', ');
    if (isRebuilt) context.rebuilt(row);
    else context.changed();
  };
  const shown = values.length === 0 ? [''] : values;
  for (const [index, value] of shown.entries()) {
    const line = el('div', { class: 'choice' }, dropdown(value, label, choices, (next) => write(shown.map((other, at) => (at === index ? next : other)), true)));
    if (shown.length > 1) line.append(removeButton(l10n.t('Remove {0}', value), () => write(shown.filter((_, at) => at !== index), true)));
    list.append(line);
  }
  const free = choices.find(({ value }) => !shown.includes(value));
  if (values.length > 0 && free !== undefined) list.append(linkButton(l10n.t('or another…'), () => write([...shown, free.value], true)));
  list.focus = () => {
    const last = list.querySelectorAll('pp-dropdown');
    const target = last[last.length - 1];
    if (target instanceof HTMLElement) target.focus();
  };
  return list;
}

function hintOf(row: ConditionRow, protocols: readonly ProtocolChoice[]): string | undefined {
  switch (row.kind) {
    case 'protocol': {
      const serverFirst = protocols.filter(({ id, firstSpeaker }) => firstSpeaker === 'server' && splitValues(row.inputs['value'] ?? '').includes(id));
      return serverFirst.length === 0 ? undefined : l10n.t('With {0} the server speaks first, so there are no client bytes to see it by. A condition on the program, or silence, works.', serverFirst.map(({ title }) => title).join(', '));
    }
    case 'silent': return row.isNot ? undefined : l10n.t('Taken when the client has said nothing by the inspect timeout.');
    case 'process': return l10n.t('Name or command line of a program on this machine; * stands for anything.');
    case 'pattern': return l10n.t('RE2 syntax, over the first bytes as Latin-1 text; flag i ignores case.');
    default: return undefined;
  }
}
