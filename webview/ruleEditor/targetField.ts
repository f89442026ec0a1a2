// Where connections go: one upstream or several, and how they share.

import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { dropdown, field, linkButton, removeButton, textInput, type Field } from './fields.js';
import type { TargetForm } from './formModel.js';
import type { JsonPath } from './problemPlaces.js';

export interface TargetContext {
  label: string;
  path: JsonPath;
  /** where `balance` stands */
  balancePath: JsonPath;
  placeholder: string;
  changed(): void;
  rebuilt(focusUpstream?: number): void;
  openFile(path: JsonPath): void;
}

export function targetFields(target: TargetForm, context: TargetContext): Field[] {
  if (target.other !== undefined) {
    return [field({ label: context.label, path: () => context.path }, el('pre', { class: 'as-json', text: JSON.stringify(target.other, null, 2) }), linkButton(l10n.t('Edit in the file'), () => context.openFile(context.path)))];
  }
  const isSeveral = target.upstreams.length > 1;
  const fields = target.upstreams.map((upstream, index) => {
    const label = index === 0 ? context.label : l10n.t('or to');
    const tools = isSeveral ? [removeButton(l10n.t('Remove this upstream'), () => {
      target.upstreams.splice(index, 1);
      context.rebuilt(Math.max(0, index - 1));
    })] : [];
    const input = textInput(upstream, label, context.placeholder, (text) => {
      target.upstreams[index] = text;
      context.changed();
    });
    return field({ label, path: () => (isSeveral ? [...context.path, index] : context.path), tools }, input);
  });
  if (isSeveral) {
    const choices = [
      { value: '', text: l10n.t('one after the other (usual)') },
      { value: 'roundRobin', text: l10n.t('one after the other') },
      { value: 'leastConnections', text: l10n.t('the one with the fewest connections') },
      { value: 'first', text: l10n.t('the first that answers, in this order') },
    ];
    // The usual way needs no word in the file; the explicit one is offered only where the file says it.
    const offered = choices.filter(({ value }) => value !== (target.balance === 'roundRobin' ? '' : 'roundRobin'));
    fields.push(field({ label: l10n.t('and takes'), path: () => context.balancePath }, dropdown(target.balance, l10n.t('Which upstream is taken'), offered, (value) => {
      target.balance = value;
      context.changed();
    })));
  }
  const last = fields.at(-1);
  last?.element.append(linkButton(l10n.t('Add upstream'), () => {
    target.upstreams.push('');
    context.rebuilt(target.upstreams.length - 1);
  }));
  return fields;
}
