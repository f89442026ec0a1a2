// The parts of the inspector page as those see them that work with several at once.

import type { InspectorPageContract, LensSummary } from '../../src/shared/protocol.js';
import type { SavedState } from '../vscodeApi.js';
import type { CountsLine } from './countsLine.js';
import type { DebugView } from './debugView.js';
import type { FilterBox } from './filterBox.js';
import type { FlowsPane } from './flowsPane.js';
import type { InspectorRpc } from './inspector.js';
import type { MessagesPane } from './messagesPane.js';
import type { Overview } from './overview/overview.js';
import type { Statistics } from './overview/statistics.js';
import type { ListName, PageState } from './pageState.js';
import type { Toolbar } from './toolbar.js';

export type HostState = InspectorPageContract['notifications']['inspector/state'];

export interface InspectorParts {
  readonly rpc: InspectorRpc;
  readonly state: SavedState<PageState>;
  /** what the host told last */
  readonly host: HostState;
  readonly summary: LensSummary;
  readonly toolbar: Toolbar;
  readonly filterBox: FilterBox;
  readonly counts: CountsLine;
  readonly messages: MessagesPane;
  readonly flows: FlowsPane;
  readonly overview: Overview;
  readonly statistics: Statistics;
  readonly debug: DebugView;
  /** the list of messages is shown */
  readonly isMessages: boolean;
  /** the filter box holds an expression over messages, not a text over connections */
  readonly hasExpression: boolean;
  setList(list: ListName): void;
  /** a sentence for screen readers */
  announce(sentence: string): void;
  report(fault: unknown): void;
}
