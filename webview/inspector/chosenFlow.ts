// The connection that is chosen, whichever list it was chosen in: its newest facts are fetched and shown in the details.

import type { FlowRow } from '../../src/shared/flow.js';
import type { SavedState } from '../vscodeApi.js';
import type { Focus } from './exchange.js';
import type { InspectorRpc } from './inspector.js';
import type { PageState } from './pageState.js';

/** The details below, as far as choosing goes. */
export interface DetailView {
  /** Shows a flow from its start or at one of its messages, or what is new about the one that is shown. */
  show(flow: FlowRow, state: Readonly<PageState>, isRestored: boolean, focus?: Focus): void;
  forget(): void;
}

export interface ChosenFlowOptions {
  rpc: InspectorRpc;
  state: SavedState<PageState>;
  detail: DetailView;
  /** a message was chosen: its details are going to be asked for, once the flow's facts are here */
  onExpected(id: number, focus: Focus): void;
  /** a flow is chosen, or none: there is something to show below, or not */
  onChanged(id: number | undefined): void;
  /** what went wrong before is of no interest any more */
  onShown(): void;
  report(fault: unknown): void;
}

export class ChosenFlow {
  private isFetching = false;
  /** the flow is from before the page was loaded: it is shown at the place where the person was */
  private isRestoring: boolean;
  /** a flow that is no longer known is let go of without a message: the person cleared it */
  private leavesIfGone = false;
  private focus: Focus | undefined;
  /** facts as they were fetched last */
  private facts: FlowRow | undefined;

  constructor(private readonly options: ChosenFlowOptions) {
    const { selected, message } = options.state.value;
    this.isRestoring = selected !== null;
    if (message !== null && message.flow === selected) this.focus = { index: message.index };
  }

  get id(): number | undefined {
    return this.options.state.value.selected ?? undefined;
  }

  /**
   * @param row what is known of it, shown at once while the newest facts are fetched
   * @param focus the message to show; without it the flow from its start
   */
  choose(id: number | undefined, row?: FlowRow, focus?: Focus): void {
    const { state, detail, rpc } = this.options;
    const isOther = id !== this.id;
    if (id !== undefined && focus !== undefined) this.options.onExpected(id, focus);
    if (isOther) {
      this.isRestoring = false;
      this.facts = undefined;
      // A message belongs to its flow; after a reload the same numbers may be others'.
      const { message } = state.value;
      state.update({ selected: id ?? null, message: message?.flow === id ? message : null, hexTopRow: 0, hexSelection: null });
      detail.forget();
      rpc.notify('page/selected', { flow: id });
    }
    this.focus = focus;
    this.options.onShown();
    this.options.onChanged(id);
    const known = row ?? this.facts;
    if (known !== undefined && (isOther || focus !== undefined)) {
      detail.show(known, state.value, false, focus);
      this.focus = undefined;
    }
    if (id !== undefined) this.fetch();
  }

  /** Facts of the chosen flow again: something changed. */
  fetch(): void {
    const { state, detail, rpc, report } = this.options;
    const id = this.id;
    if (id === undefined || this.isFetching) return;
    this.isFetching = true;
    rpc.request('flows/get', { id }).then((flow) => {
      if (this.id !== id) return;
      this.options.onShown();
      if (this.isRestoring && flow.openedAt !== state.value.selectedOpenedAt) {
        this.choose(undefined);
        return;
      }
      this.facts = flow;
      state.update({ selectedOpenedAt: flow.openedAt });
      const { focus } = this;
      this.focus = undefined;
      detail.show(flow, state.value, this.isRestoring, focus);
      this.isRestoring = false;
    }, (fault: unknown) => {
      if (this.id !== id) return;
      if (this.isRestoring || this.leavesIfGone) this.choose(undefined);
      else report(fault);
    }).finally(() => {
      this.isFetching = false;
      this.leavesIfGone = false;
      if (this.id !== id) this.fetch();
    });
  }

  /** Everything closed was forgotten: when the chosen flow was too, it is let go of. */
  afterClear(): void {
    this.leavesIfGone = true;
    this.fetch();
  }
}
