// What the parts of the host may ask of one another: views and panels are written against these interfaces, extension.ts puts the real things in.

import type * as vscode from 'vscode';
import type { PageDeps } from './panels/inspectorPage.js';
import type { DebugNarrowing, DebugPause, DebugSessionFacts } from '../shared/debug.js';
import type { HoldAction, HoldRequests, HoldRule, HoldStatus } from '../shared/hold.js';
import type { EngineStatus, LensContract, LensSummary, RuleSelection } from '../shared/protocol.js';
import type { Json, ProtocolChoice, RuleEdit, RuleFragment, RuleProblem, RulePlace, RuleSet, TryAnswer } from '../shared/rules.js';

/** Lens as views use it: requests by range, and "there is more". */
export interface LensClient {
  /** Waits while the worker starts; rejects with `requestCancelled` when it ends before it answers. */
  request<K extends keyof LensContract['requests'] & string>(name: K, params: LensContract['requests'][K]['params']): Promise<LensContract['requests'][K]['result']>;
  /** last summary heard; all zero before the first */
  readonly summary: LensSummary;
  /** there is more to see; at most 10 times a second */
  readonly onChanged: vscode.Event<LensSummary>;
  /** everything that was known is gone (the worker ended): views start over */
  readonly onReset: vscode.Event<void>;
}

/** The editor's debug sessions as views and panels use them. */
export interface DebugFollower {
  /** in the order they started, ended ones included */
  readonly sessions: readonly DebugSessionFacts[];
  readonly narrowing: DebugNarrowing;
  /** counts up with every change of the pauses */
  readonly pausesRevision: number;
  /** sessions, process ids, pauses or the narrowing are others; many times in a row */
  readonly onDidChange: vscode.Event<void>;
  /** @returns the id of the session that an editor's session was started under: what the others here take */
  idOf(session: string): string | undefined;
  /** @returns the session's name, as long as it is remembered */
  nameOf(id: string): string | undefined;
  /** @returns pauses that overlap [from, to), at most `most`, the latest of them */
  timeline(from: number, to: number, most: number): DebugPause[];
  /** Narrows the inspector to a session or a time; {} = to nothing. */
  narrow(narrowing: DebugNarrowing): void;
}

/** The engine as views and commands use it. Its worker starts with the first listener. */
export interface EngineClient {
  /** last snapshot heard; no listeners while no engine runs */
  readonly status: EngineStatus;
  /** at most 4 times a second, and at once when a listener changes state */
  readonly onStatus: vscode.Event<EngineStatus>;
  /** undefined until the first listener starts; stays afterwards, so that what was captured can still be read when nothing runs */
  readonly lens: LensClient | undefined;
  readonly onDidChangeLens: vscode.Event<LensClient | undefined>;
  /**
   * Starts one listener, or all enabled ones. A listener that fails has its error in the status.
   * @throws MuxError `workspaceNotTrusted`, `rulesInvalid`, `unknownListener`
   */
  start(id?: string): Promise<EngineStatus>;
  /** Stops one listener, or all; after the last one the engine's worker ends. */
  stop(id?: string): Promise<EngineStatus>;
  closeFlows(ids: number[]): Promise<{ closed: number }>;
}

/** Holding messages, as the host asks for it. Rules outlive an engine: the next one gets them again. */
export interface HoldClient {
  readonly onHold: vscode.Event<HoldStatus>;
  /** Without an engine there is nothing to hold yet, and no filter is judged: the rules wait for it. */
  holdSet(rules: HoldRule[]): Promise<HoldRequests['hold/set']['result']>;
  holdRead(id: number): Promise<Uint8Array | null>;
  holdDecide(id: number, action: HoldAction): Promise<{ isDone: boolean }>;
}

/**
 * A listener or route by the names that it is written with: indexes shift while a file is edited.
 * `route: 'default'` with `isDefault` is the listener's fallback.
 */
export interface RulePosition {
  /** the rule file's URI as a string */
  file: string;
  listener: string;
  route?: string;
}

/** One rule file: one per workspace folder, or one in global storage when no folder is open. */
export interface RuleFile {
  readonly uri: vscode.Uri;
  /** prefix of its listener ids; unique among the files */
  readonly source: string;
  readonly exists: boolean;
  /** the last good rules as saved: what is in force; listeners and routes in file order, disabled ones included */
  readonly rules: RuleSet | undefined;
  /** of the text as it stands in the editor, saved or not */
  readonly problems: readonly RuleProblem[];
  readonly places: readonly RulePlace[];
  /** counts up whenever text, rules or problems changed */
  readonly version: number;
}

export interface RuleFiles {
  readonly list: readonly RuleFile[];
  /** fires for typed changes (problems) and for saved ones (rules) */
  readonly onDidChange: vscode.Event<RuleFile | undefined>;

  /** What the rule editor shows for a position; `none` when it is no longer there. */
  select(position: RulePosition | undefined): Promise<RuleSelection>;
  /** The JSON value at a path of the text as it stands. */
  read(uri: vscode.Uri, path: (string | number)[]): Promise<RuleFragment | undefined>;
  /** Problems that the text would have with this value at the path. */
  check(uri: vscode.Uri, path: (string | number)[], value: Json): Promise<RuleProblem[]>;
  /** Puts the value at the path, keeping comments, and saves. Saves nothing when that would make an error, or when `version` is older than the file. */
  save(uri: vscode.Uri, path: (string | number)[], value: Json, version: number): Promise<{ saved: boolean; problems: RuleProblem[] }>;
  /** Any edits, keeping comments, saved at once. @throws MuxError `rulesInvalid` when the file has errors to begin with */
  edit(uri: vscode.Uri, edits: readonly RuleEdit[]): Promise<void>;
  tryBytes(uri: vscode.Uri, path: (string | number)[], value: Json, bytes: Uint8Array): Promise<TryAnswer>;
  protocols(): Promise<ProtocolChoice[]>;

  /** Opens the rule file with the cursor at a position. */
  reveal(position: RulePosition): Promise<void>;
  /** Opens the rule file with the cursor at a JSON path. */
  revealPath(uri: vscode.Uri, path: (string | number)[]): Promise<void>;
  /** Where a listener id and route name are written; undefined when they are in no file now. */
  find(listenerId: string, route?: string): RulePosition | undefined;
  /** Writes the template where there is no rule file yet, and opens it. Asks which folder when there are several. */
  create(): Promise<void>;
}

/** What InspectorPanel is made with. */
export interface InspectorDeps extends PageDeps {
  engine: EngineClient;
  debug: DebugFollower;
}

/** What RuleEditorView is made with. */
export interface RuleEditorDeps {
  extensionUri: vscode.Uri;
  ruleFiles: RuleFiles;
  log: vscode.LogOutputChannel;
}
