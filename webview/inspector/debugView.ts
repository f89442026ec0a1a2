// What the page knows of the editor's debug sessions: which of them the lists are narrowed to, and when a debugger held a program.

import type { DebugNarrowing, DebugPageNotifications, DebugPause, DebugSessionFacts } from '../../src/shared/debug.js';
import { l10n } from '../l10n.js';
import { formatTime } from '../widgets/format.js';
import type { PopupEntry } from '../widgets/popupMenu.js';
import type { InspectorRpc } from './inspector.js';
import { pauseWords } from './pauseBands.js';
import { setSessionNames } from './sessionNames.js';
import type { Scope } from './toolbar.js';

/** Pauses that a menu offers: the latest ones. */
const maxOffered = 12;

export interface DebugViewOptions {
  rpc: InspectorRpc;
  /** the lists are to be asked for again */
  onNarrowed(): void;
  /** pauses or names changed */
  onChanged(): void;
  report(fault: unknown): void;
}

export class DebugView {
  private sessions: readonly DebugSessionFacts[] = [];
  private narrowed: DebugNarrowing = {};
  private all: readonly DebugPause[] = [];
  private revision = -1;
  private isAsking = false;
  private wantedRevision = 0;

  constructor(private readonly options: DebugViewOptions) {
    options.rpc.request('debug/sessions', null).then((state) => this.take({ ...state, pausesRevision: 0 }), options.report);
  }

  get narrowing(): DebugNarrowing {
    return this.narrowed;
  }

  get isNarrowed(): boolean {
    return this.narrowed.session !== undefined || this.narrowed.from !== undefined;
  }

  /** in the order they began, of the session that the lists are narrowed to, else of all */
  get pauses(): readonly DebugPause[] {
    const { session } = this.narrowed;
    return session === undefined ? this.all : this.all.filter((pause) => pause.session === session);
  }

  /** a program stands still at this moment */
  get isHeld(): boolean {
    return this.all.some(({ endedAt }) => endedAt === undefined);
  }

  take({ sessions, narrowing, pausesRevision }: DebugPageNotifications['debug/changed']): void {
    const isOther = narrowing.session !== this.narrowed.session || narrowing.from !== this.narrowed.from;
    this.sessions = sessions;
    setSessionNames(sessions);
    this.narrowed = narrowing;
    this.wantedRevision = pausesRevision;
    if (isOther) this.options.onNarrowed();
    this.options.onChanged();
    this.fetch();
  }

  widen(): void {
    this.options.rpc.request('debug/narrow', {}).catch(this.options.report);
  }

  scopes(): Scope[] {
    const { session, from, isSinceRestart } = this.narrowed;
    const leave = l10n.t('show all again');
    const scopes: Scope[] = [];
    if (session !== undefined) {
      const name = this.sessions.find(({ id }) => id === session)?.name ?? l10n.t('a debug session');
      scopes.push({ title: isSinceRestart === true ? l10n.t('{0}, since its start at {1}', name, formatTime(from ?? 0)) : name, leave, end: () => this.widen() });
    } else if (from !== undefined) scopes.push({ title: l10n.t('since {0}', formatTime(from)), leave, end: () => this.widen() });
    return scopes;
  }

  /** For a menu, with a line at the end: narrow to a session, and the latest places where a program stood. */
  entries(): PopupEntry[] {
    const { rpc, report } = this.options;
    const narrow = (narrowing: DebugNarrowing): void => void rpc.request('debug/narrow', narrowing).catch(report);
    const newest = [...this.sessions].reverse().slice(0, maxOffered);
    const [latest] = newest;
    if (latest === undefined) return [];
    const { session, isSinceRestart } = this.narrowed;
    const now = Date.now();
    const places = this.pauses.filter(({ file, line }) => file !== undefined && line !== undefined).slice(-maxOffered).reverse();
    return [
      ...newest.map((facts) => ({
        title: l10n.t('Only {0}', facts.name), isChecked: session === facts.id && isSinceRestart !== true,
        run: () => narrow(session === facts.id && isSinceRestart !== true ? {} : { session: facts.id }),
      })),
      {
        title: l10n.t('Since the last start of {0}', latest.name), isChecked: session === latest.id && isSinceRestart === true,
        run: () => narrow(isSinceRestart === true ? {} : { session: latest.id, from: latest.restartedAt ?? latest.startedAt, isSinceRestart: true }),
      },
      ...(places.length === 0 ? [] : ['line' as const]),
      ...places.map((pause) => ({ title: pauseWords([pause], now), hint: formatTime(pause.startedAt), run: () => this.reveal(pause.file!, pause.line!) })),
      'line',
    ];
  }

  reveal(file: string, line: number): void {
    this.options.rpc.request('debug/reveal', { file, line }).catch(this.options.report);
  }

  /** One question at a time; what changed meanwhile is asked for afterwards. */
  private fetch(): void {
    if (this.isAsking || this.revision === this.wantedRevision) return;
    this.isAsking = true;
    const revision = this.wantedRevision;
    this.options.rpc.request('debug/timeline', {}).then(({ pauses }) => {
      this.all = pauses;
      this.revision = revision;
      this.isAsking = false;
      this.options.onChanged();
      this.fetch();
    }, (fault: unknown) => {
      this.isAsking = false;
      this.options.report(fault);
    });
  }
}
