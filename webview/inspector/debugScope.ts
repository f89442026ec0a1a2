// Debug sessions beside the lists: what the person narrowed them to, and the times at which a debugger held a program.

import type { DebugNarrowing, DebugPause, DebugSessionFacts } from '../../src/shared/debug.js';
import type { InspectorPageContract } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { formatDuration } from '../widgets/format.js';
import type { InspectorRpc } from './inspector.js';
import type { Scope } from './toolbar.js';

type Changed = Omit<InspectorPageContract['notifications']['debug/changed'], 'pausesRevision'>;

export interface DebugScopeOptions {
  rpc: InspectorRpc;
  /** the lists hold other rows now */
  onNarrowed(): void;
  /** sessions came or went */
  onSessions(): void;
  /** pauses changed */
  onPauses(): void;
  report(fault: unknown): void;
}

export class DebugScope {
  /** in the order in which they began */
  pauses: readonly DebugPause[] = [];
  private sessions: readonly DebugSessionFacts[] = [];
  private narrowing: DebugNarrowing = {};
  private pausesRevision = -1;

  constructor(private readonly options: DebugScopeOptions) {
    options.rpc.request('debug/sessions', null).then((state) => this.take(state), options.report);
    this.fetchPauses();
  }

  onChanged({ pausesRevision, ...state }: Changed & { pausesRevision: number }): void {
    this.take(state);
    if (pausesRevision === this.pausesRevision) return;
    this.pausesRevision = pausesRevision;
    this.fetchPauses();
  }

  /** What it adds to the question for rows. */
  get query(): { session?: string; from?: number } {
    const { session, from } = this.narrowing;
    return { ...(session === undefined ? {} : { session }), ...(from === undefined ? {} : { from }) };
  }

  get isNarrowed(): boolean {
    return this.narrowing.session !== undefined || this.narrowing.from !== undefined;
  }

  /** Takes the narrowing away. */
  showAll(): void {
    this.narrow({});
  }

  /** Chips for the session that runs, or was the last one to. */
  get scopes(): Scope[] {
    const { narrowing } = this;
    const session = this.sessions.find(({ id }) => id === narrowing.session) ?? this.sessions.filter(({ endedAt }) => endedAt === undefined).at(-1) ?? this.sessions.at(-1);
    if (session === undefined) return [];
    const isSession = narrowing.session !== undefined;
    const isSince = narrowing.from !== undefined;
    return [
      { title: l10n.t('this session'), label: l10n.t('Only what the programs of “{0}” sent', session.name), isOn: isSession, press: () => this.narrow(isSession ? {} : { session: session.id }) },
      {
        title: l10n.t('since restart'), label: l10n.t('Only what came since “{0}” was started last', session.name), isOn: isSince,
        press: () => this.narrow(isSince ? { session: session.id } : { session: session.id, from: session.restartedAt ?? session.startedAt, isSinceRestart: true }),
      },
    ];
  }

  /** The pauses that began in [from, to), as one sentence each. */
  pausesBetween(from: number, to: number): string[] {
    return this.pauses.filter(({ startedAt }) => from <= startedAt && startedAt < to).map(pauseWords);
  }

  private narrow(narrowing: DebugNarrowing): void {
    this.options.rpc.request('debug/narrow', narrowing).catch(this.options.report);
  }

  private take({ sessions, narrowing }: Changed): void {
    const isOther = narrowing.session !== this.narrowing.session || narrowing.from !== this.narrowing.from;
    this.sessions = sessions;
    this.narrowing = narrowing;
    this.options.onSessions();
    if (isOther) this.options.onNarrowed();
  }

  private fetchPauses(): void {
    this.options.rpc.request('debug/timeline', {}).then(({ pauses }) => {
      this.pauses = pauses;
      this.options.onPauses();
    }, this.options.report);
  }
}

function pauseWords({ startedAt, endedAt, where }: DebugPause): string {
  if (endedAt === undefined) return where === undefined ? l10n.t('stopped now') : l10n.t('stopped at {0} now', where);
  const held = formatDuration(endedAt - startedAt);
  return where === undefined ? l10n.t('stopped for {0}', held) : l10n.t('stopped at {0} for {1}', where, held);
}
