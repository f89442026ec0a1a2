// The rule editor page: a form for the selected route or listener, checked as the person types, saved only when asked.

import { MuxError } from '../../src/shared/errors.js';
import type { RuleEditorHostContract, RuleEditorPageContract } from '../../src/shared/protocol.js';
import type { Json, RuleProblem } from '../../src/shared/rules.js';
import type { Rpc } from '../../src/shared/rpc.js';
import { l10n } from '../l10n.js';
import type { SavedState } from '../vscodeApi.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { toolkitElement } from '../widgets/toolkit.js';
import { ruleKey, type EditorState, type SelectedRule } from './editorState.js';
import { linkButton, showProblemList, type Field } from './fields.js';
import { buildForm, type BuiltForm } from './formFields.js';
import { composeForm, parseForm, type RuleForm } from './formModel.js';
import { placeProblems, type JsonPath } from './problemPlaces.js';
import { TryPanel } from './tryPanel.js';
import { isSameJson } from './valueText.js';

export type RuleEditorRpc = Rpc<RuleEditorPageContract, RuleEditorHostContract>;
type HostState = RuleEditorPageContract['notifications']['editor/state'];

/** A check runs this long after the last key. */
const checkDelayMs = 200;

export class RuleEditor {
  private host: HostState | undefined;
  private rule: SelectedRule | undefined;
  private key = '';
  /** the rule in the file when the draft began */
  private base: Json = null;
  private form: RuleForm | undefined;
  private built: BuiltForm | undefined;
  private problems: readonly RuleProblem[] = [];
  private hasConflict = false;
  private isSaving = false;
  private checkNumber = 0;
  private isChecked = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly save = toolkitElement('pp-button', { appearance: 'primary' });
  private readonly revert = toolkitElement('pp-button', { appearance: 'secondary' });
  private readonly tryButton = toolkitElement('pp-button', { appearance: 'secondary' });
  private readonly formPlace = el('form', { class: 'form' });
  private readonly rest = el('ul', { class: 'problems', 'aria-live': 'polite', hidden: '' });
  private readonly status = el('p', { class: 'status', role: 'status' });
  private readonly conflict = el('div', { class: 'conflict', role: 'alert', hidden: '' });
  private readonly tryPlace = el('div', { class: 'try-place' });
  private tryPanel: TryPanel | undefined;

  constructor(private readonly root: HTMLElement, private readonly rpc: RuleEditorRpc, private readonly state: SavedState<EditorState>) {
    this.formPlace.addEventListener('submit', (event) => event.preventDefault());
    this.save.addEventListener('click', () => this.saveNow());
    this.revert.addEventListener('click', () => this.takeFile());
    this.tryButton.addEventListener('click', () => this.toggleTry());
    root.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      consume(event);
      this.saveNow();
    });
  }

  setHost(host: HostState): void {
    const isFirst = this.host === undefined;
    this.host = host;
    const { selection } = host;
    if (selection.kind === 'none') {
      this.showEmpty(selection.hasFile);
      return;
    }
    const key = ruleKey(selection);
    const isSame = this.rule !== undefined && key === this.key;
    this.rule = selection;
    this.key = key;
    if (isSame) this.fileChanged(selection);
    else this.start(selection, isFirst);
  }

  private start(rule: SelectedRule, isFirst: boolean): void {
    const { draft } = this.state.value;
    const kept = draft !== null && draft.key === this.key ? draft : undefined;
    this.base = kept?.base ?? rule.value;
    this.problems = rule.problems;
    this.hasConflict = kept !== undefined && !isSameJson(kept.base, rule.value);
    this.layOut();
    this.setValue(kept?.value ?? rule.value);
    if (kept !== undefined) this.check(0);
    if (isFirst && this.state.value.isTrying) this.openTry(false);
  }

  /** The same rule, read again: somebody may have edited the file under the form. */
  private fileChanged(rule: SelectedRule): void {
    if (isSameJson(rule.value, this.base)) {
      if (!this.isDirty) this.problems = rule.problems;
    } else if (this.isDirty && !isSameJson(rule.value, this.value)) {
      this.hasConflict = true;
    } else {
      this.base = rule.value;
      this.problems = rule.problems;
      this.hasConflict = false;
      this.setValue(rule.value);
    }
    this.showState();
  }

  private get value(): Json {
    return this.form === undefined ? this.base : composeForm(this.form);
  }

  private get isDirty(): boolean {
    return !isSameJson(this.value, this.base);
  }

  private setValue(value: Json): void {
    const kind = this.rule?.kind;
    if (kind === undefined) return;
    // The form is read from what the file says, then changed: so what nobody touches is written back as the file had it.
    this.form = parseForm(kind, value);
    this.rebuild();
  }

  private rebuild(focus?: (built: BuiltForm) => Field | undefined): void {
    const { form, host } = this;
    if (form === undefined || host === undefined) {
      this.built = undefined;
      this.formPlace.replaceChildren(el('p', { class: 'hint', text: l10n.t('This is not written as a form can show it.') }), linkButton(l10n.t('Edit in the file'), () => this.openFile([])));
      return;
    }
    this.built = buildForm(form, {
      protocols: host.protocols,
      changed: () => this.changed(),
      rebuilt: (next) => {
        this.rebuild(next);
        this.changed();
      },
      openFile: (path) => this.openFile(path),
    });
    this.formPlace.replaceChildren(this.built.element);
    this.showState();
    const field = focus?.(this.built);
    // Components draw themselves in the next frame; before that they take no focus.
    if (field !== undefined) requestAnimationFrame(() => field.focus());
  }

  private changed(): void {
    const { value } = this;
    this.state.update({ draft: isSameJson(value, this.base) ? null : { key: this.key, base: this.base, value } });
    this.isChecked = false;
    this.check(checkDelayMs);
    this.tryPanel?.run();
    this.showState();
  }

  private check(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const number = ++this.checkNumber;
      const { rule } = this;
      if (rule === undefined) return;
      this.rpc.request('form/check', { path: rule.path, value: this.value }).then((problems) => {
        if (number !== this.checkNumber) return;
        this.problems = problems;
        this.isChecked = true;
        this.showState();
      }, (fault: unknown) => this.report(fault));
    }, delayMs);
  }

  private saveNow(): void {
    const { rule } = this;
    if (rule === undefined || this.isSaving || !this.isDirty || this.hasConflict || this.errors > 0) return;
    this.isSaving = true;
    this.showState();
    const { value } = this;
    this.rpc.request('form/save', { path: rule.path, value, version: rule.version }).then(({ saved, problems }) => {
      this.problems = problems;
      if (saved) {
        this.base = value;
        this.state.update({ draft: null });
        // From here on, "as the file has it" is what was just saved.
        this.form = parseForm(rule.kind, value);
        this.rebuild();
        setText(this.status, l10n.t('Saved.'));
      }
    }, (fault: unknown) => this.report(fault)).finally(() => {
      this.isSaving = false;
      this.showState();
    });
  }

  /** Throws the draft away. */
  private takeFile(): void {
    const { rule } = this;
    if (rule === undefined) return;
    this.base = rule.value;
    this.problems = rule.problems;
    this.hasConflict = false;
    this.isChecked = true;
    this.checkNumber++;
    clearTimeout(this.timer);
    this.state.update({ draft: null });
    this.setValue(rule.value);
  }

  /** Goes on with the draft: saving will overwrite what the file says now. */
  private keepMine(): void {
    const { rule, value } = this;
    if (rule === undefined) return;
    this.base = rule.value;
    this.hasConflict = false;
    this.state.update({ draft: { key: this.key, base: this.base, value } });
    this.check(0);
    this.showState();
  }

  private toggleTry(): void {
    if (this.tryPanel === undefined) this.openTry(true);
    else {
      this.tryPanel = undefined;
      this.tryPlace.replaceChildren();
      this.state.update({ isTrying: false });
    }
    this.tryButton.setAttribute('aria-expanded', String(this.tryPanel !== undefined));
  }

  private openTry(takesFocus: boolean): void {
    this.tryPanel = new TryPanel((hex) => this.rpc.request('form/try', { path: this.rule?.path ?? [], value: this.value, hex }), this.state.value.tryText, (tryText) => this.state.update({ tryText }));
    this.tryPlace.replaceChildren(this.tryPanel.element);
    this.state.update({ isTrying: true });
    const panel = this.tryPanel;
    if (takesFocus) requestAnimationFrame(() => panel.focus());
  }

  private openFile(path: JsonPath): void {
    this.rpc.request('rules/openFile', { path: [...(this.rule?.path ?? []), ...path] }).catch((fault: unknown) => this.report(fault));
  }

  private get errors(): number {
    return this.problems.filter(({ severity }) => severity === 'error').length;
  }

  private layOut(): void {
    this.save.textContent = l10n.t('Save');
    this.revert.textContent = l10n.t('Revert');
    this.tryButton.textContent = l10n.t('Try on bytes…');
    this.tryButton.setAttribute('aria-expanded', String(this.tryPanel !== undefined));
    const { rule } = this;
    if (rule === undefined) return;
    const title = rule.kind === 'route' ? l10n.t('Route of listener {0}', rule.listenerName) : l10n.t('Listener');
    this.root.replaceChildren(
      el('div', { class: 'head' }, el('span', { class: 'quiet', text: title }), linkButton(l10n.t('Edit in the file'), () => this.openFile([]))),
      this.conflict, this.formPlace, this.rest, this.status,
      el('div', { class: 'buttons' }, this.save, this.revert, this.tryButton), this.tryPlace);
  }

  private showState(): void {
    const { rule, built } = this;
    if (rule === undefined) return;
    const placed = placeProblems(this.problems, rule.path, built?.fields.map(({ path }) => path()) ?? []);
    for (const [index, field] of (built?.fields ?? []).entries()) field.showProblems(placed.byField.get(index) ?? []);
    showProblemList(this.rest, placed.rest);
    const { errors, isDirty } = this;
    this.save.disabled = !isDirty || errors > 0 || this.hasConflict || this.isSaving;
    this.revert.disabled = !isDirty;
    this.showConflict();
    const words = errors > 0 || this.hasConflict ? '' : isDirty && this.isChecked && this.problems.length === 0 ? l10n.t('✓ No problems. Save puts it in force at once.') : this.status.textContent === l10n.t('Saved.') && !isDirty ? l10n.t('Saved.') : '';
    setText(this.status, words);
  }

  private showConflict(): void {
    show(this.conflict, this.hasConflict);
    if (!this.hasConflict) {
      this.conflict.replaceChildren();
    } else if (this.conflict.childElementCount === 0) {
      const keep = toolkitElement('pp-button', { appearance: 'secondary' });
      keep.textContent = l10n.t('Keep mine');
      keep.addEventListener('click', () => this.keepMine());
      const take = toolkitElement('pp-button', { appearance: 'secondary' });
      take.textContent = l10n.t('Take the file’s');
      take.addEventListener('click', () => this.takeFile());
      this.conflict.append(el('p', { text: l10n.t('The file has changed under this form.') }), el('div', { class: 'buttons' }, keep, take));
    }
  }

  private showEmpty(hasFile: boolean): void {
    this.rule = undefined;
    this.form = undefined;
    this.key = '';
    this.tryPanel = undefined;
    this.tryPlace.replaceChildren();
    if (hasFile) {
      this.root.replaceChildren(el('div', { class: 'empty' }, el('p', { text: l10n.t('Select a route or a listener in the Rules view to edit it here.') })));
      return;
    }
    const create = toolkitElement('pp-button', { appearance: 'primary' });
    create.textContent = l10n.t('Create Rule File');
    create.addEventListener('click', () => this.rpc.request('rules/createFile', null).catch((fault: unknown) => this.report(fault)));
    this.root.replaceChildren(el('div', { class: 'empty' }, el('p', { text: l10n.t('There is no rule file yet. One is made from a template, with a listener and a few routes to change.') }), create));
  }

  private report(fault: unknown): void {
    if (fault instanceof MuxError && fault.code === 'requestCancelled') return;
    showProblemList(this.rest, [{ severity: 'error', code: 'internal', message: fault instanceof Error ? fault.message : String(fault), start: 0, end: 0, line: 0, column: 0, endLine: 0, endColumn: 0 }]);
  }
}
