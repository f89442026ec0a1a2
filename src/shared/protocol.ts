// Every message that crosses a border: host to engine, engine to lens, host to lens, host to webview.
// Names are strings `who/what`; rpc.ts carries them. Plain data only: everything here survives a structured clone.

import type { Contract } from './rpc.js';
import type { DebugLensRequests, DebugPageNotifications, DebugPageRequests } from './debug.js';
import type { ErrorData } from './errors.js';
import type { CaptureFileState, ShownFile } from './captureFile.js';
import type { BytesPiece, ChunkRow, Classification, EndReason, FlowFacts, FlowRow, Speaker } from './flow.js';
import type { HoldRequests, HoldStatus } from './hold.js';
import type { DocumentTarget, ExportRequests, PageExport } from './export.js';
import type { InspectRequests } from './inspect.js';
import type { Message, MessageKind, Range, Severity } from './message.js';
import type { RowBits } from './rowSet.js';
import type { Address, Json, ListenerRule, ProtocolChoice, RuleProblem, RuleSet, TryAnswer } from './rules.js';
import type { Sentence } from './sentences.js';

// ---- engine ----------------------------------------------------------------------------------------------------

export interface EngineSettings {
  /** capture ring in MiB; 0 = capture off */
  captureMemoryMB: number;
  /** addresses (as `host:port`) that a person allowed to be reached from other machines; '*' = all (command line) */
  confirmedExposures: string[];
  /** look up the client's program for display, not only when a route asks for it */
  resolvesProcesses: boolean;
}

export type ListenerState = 'stopped' | 'starting' | 'listening' | 'failed';
export type UpstreamHealth = 'unknown' | 'healthy' | 'failing';

/** Why a connection to an upstream did not come about; `detail` says it in a sentence. */
export interface UpstreamFailure {
  reason: Extract<EndReason, 'connectRefused' | 'connectTimeout' | 'connectFailed'>;
  detail: Sentence;
  at: number;
}

export interface UpstreamStatus {
  address: string;
  health: UpstreamHealth;
  live: number;
  total: number;
  lastFailure?: UpstreamFailure;
}

export interface RouteStatus {
  /** route name; 'default' for the fallback */
  name: string;
  live: number;
  total: number;
  upstreams: UpstreamStatus[];
}

export interface ListenerStatus {
  id: string;
  name: string;
  state: ListenerState;
  /** the address that is really bound (port 0 resolved), while listening */
  address?: Address;
  error?: ErrorData;
  live: number;
  total: number;
  /** bytes forwarded since the listener started, both directions */
  bytes: number;
  /** bytes per second over the last second or two */
  bytesPerSecond: number;
  routes: RouteStatus[];
}

/** A whole snapshot: a later one replaces it, so one that is dropped does no harm. */
export interface EngineStatus {
  listeners: ListenerStatus[];
  liveFlows: number;
  /** milliseconds the engine's loop was late in the worst case since the last snapshot */
  loopDelayMs: number;
}

export interface EngineContract extends Contract {
  requests: HoldRequests & {
    /** Puts a set of rules in force as a whole. Listeners that are running and still there keep port and flows; a listener that is gone stops accepting. */
    'rules/apply': { params: { rules: RuleSet; settings: EngineSettings }; result: EngineStatus };
    /** Starts one listener (or all enabled ones without an id). A listener that fails reports its error in the status; the others go on. */
    'listeners/start': { params: { id?: string }; result: EngineStatus };
    /** Stops accepting, and closes the flows with reason `stopped`. */
    'listeners/stop': { params: { id?: string }; result: EngineStatus };
    'flows/close': { params: { ids: number[] }; result: { closed: number } };
    /** Connects lens: the transferred MessagePort carries CaptureFeedContract. A later port replaces the earlier one and gets everything from the start. A fresh engine counts its flows from `firstFlowId`: lens may still know those of the engine before. */
    'capture/attach': { params: { port: unknown; firstFlowId?: number }; result: null };
    /** Stops everything: ports free and sockets closed when it answers. */
    'engine/close': { params: null; result: null };
  };
  notifications: Record<string, never>;
}

/** What the engine's client hears. */
export interface EngineEvents extends Contract {
  requests: Record<string, never>;
  notifications: {
    /** at most 4 times a second, and at once when a listener changes state */
    'engine/status': EngineStatus;
    /** a message is held or left, or a rule was used up; the whole of it */
    'hold/changed': HoldStatus;
    'engine/log': { level: 'info' | 'warn' | 'error'; message: string };
  };
}

// ---- engine to lens --------------------------------------------------------------------------------------------

/** One record of `CaptureBatch.chunks`: numbers per chunk in the Float64Array. */
export const chunkStride = 4;
// [0] flow id * 2 + (from upstream ? 1 : 0)
// [1] epoch milliseconds with fraction
// [2] length in bytes
// [3] position in the capture store (core/capture/store.ts); -1 = was not kept

/** One record of `CaptureBatch.totals`: numbers per flow that moved bytes. */
export const totalsStride = 3;
// [0] flow id   [1] bytes from client so far   [2] bytes from upstream so far

/** A few times per frame. Order inside a batch: segments, flows opened or changed, chunks, totals. */
export interface CaptureBatch {
  /** store memory that lens has not seen; the first batch carries the store's header as well */
  segments: { slot: number; memory: SharedArrayBuffer }[];
  header?: SharedArrayBuffer;
  /** flows that were opened or whose facts changed since the last batch; the whole facts each */
  flows: FlowFacts[];
  chunks: Float64Array;
  totals: Float64Array;
}

export interface CaptureFeedContract extends Contract {
  requests: Record<string, never>;
  notifications: {
    'capture/batch': CaptureBatch;
  };
}

/** What lens tells the engine: batches handled, so that the engine can bound what is under way. */
export interface CaptureAckContract extends Contract {
  requests: Record<string, never>;
  notifications: {
    'capture/ack': { batches: number };
    /** while a recording runs the traffic waits for lens instead of overwriting what was not read yet */
    'capture/mode': { waitsForLens: boolean };
  };
}

// ---- lens ------------------------------------------------------------------------------------------------------

export interface FlowQuery {
  /** only flows of this listener */
  listenerId?: string;
  /** substring of protocol, route, upstream, program, client address; case does not matter */
  text?: string;
  /** only flows of this debug session */
  session?: string;
  /** only flows that lived at that time or later; epoch milliseconds */
  from?: number;
  /** 'live' first and then recent; 'opened' = in the order they opened */
  order: 'opened' | 'liveFirst';
  start: number;
  count: number;
}

export interface FlowPage {
  rows: FlowRow[];
  /** rows that the query matches in all */
  total: number;
  start: number;
  revision: number;
  /** flows that were forgotten to stay within bounds */
  forgotten: number;
}

export interface LensSummary {
  revision: number;
  liveFlows: number;
  totalFlows: number;
  keptBytes: number;
  droppedBytes: number;
  /** milliseconds that lens is behind the engine */
  behindMs: number;
  /** bytes of memory that lens uses for rows, fields and indexes, beside the capture itself */
  memoryBytes: number;
  /** messages in the ledger so far, those that were forgotten included */
  messages: number;
}

/** A message as lists show it; its fields are asked for one by one ('messages/get'). */
export interface MessageRow {
  index: number;
  from: Speaker;
  protocol: string;
  range: Range;
  startedAt: number;
  endedAt: number;
  kind: MessageKind;
  summary: string;
  hasFields: boolean;
  /** the worst of its problems */
  severity?: Severity;
  stream?: number;
  answers?: number;
  latencyMs?: number;
  /** its end has not come yet: it will be told again, longer */
  isOpen?: true;
}

export interface MessagePage {
  rows: MessageRow[];
  start: number;
  /** messages so far */
  total: number;
  /** protocols from the outside in */
  layers: string[];
  /** false while older bytes are still being decoded: there will be more without new traffic */
  isCaughtUp: boolean;
  /** the flow has more messages than are listed: older ones were forgotten to stay within bounds */
  isCut: boolean;
  /** index of the oldest one that is listed */
  first: number;
}

export interface LensContract extends Contract {
  requests: InspectRequests & ExportRequests & DebugLensRequests & {
    /** A further engine may follow one that ended: what that one recorded stays readable, and the new one's flow ids start at `firstFlowId`. */
    'lens/attach': { params: { port: unknown }; result: { firstFlowId: number } };
    'lens/summary': { params: null; result: LensSummary };
    /** of a lens that reads a file; null = it hears an engine */
    'file/state': { params: null; result: CaptureFileState | null };
    'flows/list': { params: FlowQuery; result: FlowPage };
    /** ids of the flows that a query matches between two of them, in either order and both included; without an end all of them */
    'flows/between': { params: Omit<FlowQuery, 'start' | 'count'> & { range?: { one: number; other: number } }; result: RowBits };
    'flows/get': { params: { id: number }; result: FlowRow };
    'chunks/list': { params: { flow: number; start: number; count: number }; result: { rows: ChunkRow[]; first: number; total: number } };
    /** at most 256 KiB a request */
    'bytes/read': { params: { flow: number; from: Speaker; start: number; length: number }; result: BytesPiece };
    /** `rows` begin at `start`, which is not before `first`. Asking keeps decoding going for some seconds; ask again when 'lens/changed' comes */
    'messages/list': { params: { flow: number; start: number; count: number }; result: MessagePage };
    /** null = there is none with that index, or its row was forgotten; `isOverwritten` marks one whose bytes are gone */
    'messages/get': { params: { flow: number; index: number }; result: Message | null };
    /** `.proto` files that name the fields of gRPC messages, in place of those before; what was decoded is decoded again when it is asked for */
    'schemas/set': { params: { files: { name: string; text: string }[] }; result: { problems: { file: string; line?: number; text: string }[] } };
    /** Translations of what 'filter/check' says, by English text, and filters that it offers by name; what is left out stays as it was. */
    'filter/setup': { params: { strings?: Record<string, string>; saved?: { name: string; filter: string }[] }; result: null };
    /** forgets closed flows and what was kept of them */
    'flows/clear': { params: null; result: null };
    /** writes everything from now on to a pcapng file until stopped, or the flows of one listener, or what fits a filter; the engine waits when the disk (or the judging) is slower. @throws `filterInvalid`, `recordingFailed` */
    'record/start': { params: { file: string; listenerId?: string; filter?: string }; result: null };
    'record/stop': { params: null; result: { file: string; packets: number; bytes: number } };
  };
  notifications: Record<string, never>;
}

export interface LensEvents extends Contract {
  requests: Record<string, never>;
  notifications: {
    /** there is more to see; at most 10 times a second */
    'lens/changed': LensSummary;
    /** of a lens that reads a file: more of it was read; with 'lens/changed' */
    'file/changed': CaptureFileState;
    /** when the worker was started with `workerData: { flowEvents: true }`; only after 'lens/attach', every event once, in order */
    'lens/flow': {
      event: 'opened' | 'classified' | 'closed';
      /** epoch milliseconds at which it happened */
      at: number;
      flow: FlowFacts;
      classification: Classification;
      totals: { client: number; upstream: number };
    };
    /** the engine closed its end of the feed, and everything it told has been taken in */
    'lens/detached': null;
    'lens/log': { level: 'info' | 'warn' | 'error'; message: string };
  };
}

// ---- inspector webview -----------------------------------------------------------------------------------------

/** A column of the message list as it is remembered: its place in the list is its place on the screen. */
export interface ColumnSetting {
  /** 'time', 'took'… or the name of a decoded field: 'http.status' */
  id: string;
  /** as the person dragged it; undefined = the usual width */
  widthPx?: number;
}

/** A filter that has a name in the rule file. */
export interface SavedFilter {
  name: string;
  filter: string;
}

/** What the inspector page asks of the host: lens requests by range, and what only the editor can do. */
export interface InspectorHostContract extends Contract {
  requests: InspectRequests & DebugPageRequests & {
    'flows/list': LensContract['requests']['flows/list'];
    'flows/between': LensContract['requests']['flows/between'];
    'flows/get': LensContract['requests']['flows/get'];
    'chunks/list': LensContract['requests']['chunks/list'];
    'bytes/read': LensContract['requests']['bytes/read'];
    'messages/list': LensContract['requests']['messages/list'];
    'messages/get': LensContract['requests']['messages/get'];
    'flows/close': { params: { ids: number[] }; result: { closed: number } };
    'flows/clear': { params: null; result: null };
    'clipboard/write': { params: { text: string }; result: null };
    /** of a page that shows a file: reads it from its start again */
    'file/readAgain': { params: null; result: null };
    /** asks for a file, and writes what was said into it; null = the person left, or stopped it */
    'follow/save': { params: { flow: number; form: 'text' | 'hex' | 'decoded'; from: 'both' | Speaker }; result: { file: string; bytes: number } | null };
    /** opens a message, its body or a conversation in an editor of its own, read-only */
    'document/open': { params: DocumentTarget; result: null };
    /** two messages or two conversations in the standard diff */
    'document/compare': { params: { left: DocumentTarget; right: DocumentTarget }; result: null };
    /** asks how and where to, and writes; answers when it is done, or the person thought better of it */
    'export/run': { params: { what: PageExport }; result: null };
    /** opens the rule file at the route that took the flow */
    'rules/reveal': { params: { listenerId: string; route?: string }; result: null };
    /** filters with a name, of all rule files */
    'filters/list': { params: null; result: { filters: SavedFilter[] } };
    /** puts a filter into the rule file under a name that the person is asked for; null = they thought better of it */
    'filters/save': { params: { filter: string }; result: { name: string } | null };
    /** columns of the message list, for the next time the inspector opens */
    'columns/save': { params: { columns: ColumnSetting[] }; result: null };
  };
  notifications: {
    /** the page is there and listens: the host answers with 'inspector/state' */
    'page/ready': null;
    /** focus of the page, for context keys: which row is selected */
    'page/selected': { flow: number | undefined };
  };
}

/** A listener as the inspector's page knows it. */
export interface ShownListener {
  id: string;
  name: string;
  isListening: boolean;
  /** why it does not, in the language of the window */
  fault?: string;
}

export interface InspectorPageContract extends Contract {
  requests: Record<string, never>;
  notifications: DebugPageNotifications & {
    'inspector/state': { summary: LensSummary; listeners: ShownListener[]; strings: Record<string, string>; select?: number; columns?: ColumnSetting[]; /** the page shows a capture file, not what listeners carry */ file?: ShownFile };
    'lens/changed': LensSummary;
    /** of a page that shows a file */
    'file/changed': ShownFile;
    /** everything that was known is gone (lens ended, or another one started): ids begin again */
    'lens/reset': null;
    'flow/select': { id: number };
    /** a command of the palette or a menu: 'copyHex', 'copyText', 'copyBase64', 'copy FORM' for any other form, 'find', 'pause', 'export' and 'compare' of what is selected */
    'page/command': { name: string };
  };
}

// ---- rule editor webview ---------------------------------------------------------------------------------------

/** What is selected in the Rules view, as the form shows it. */
export type RuleSelection =
  | { kind: 'none'; hasFile: boolean }
  | {
      kind: 'listener' | 'route';
      /** rule file, for the title */
      file: string;
      path: (string | number)[];
      listenerName: string;
      /** JSON as written */
      value: Json;
      problems: RuleProblem[];
      /** the file's text changed under the form since the value was read */
      version: number;
    };

export interface RuleEditorHostContract extends Contract {
  requests: {
    /** problems of the form's value in its place, as the person types */
    'form/check': { params: { path: (string | number)[]; value: Json }; result: RuleProblem[] };
    /** edits the file, keeping comments, and saves it */
    'form/save': { params: { path: (string | number)[]; value: Json; version: number }; result: { saved: boolean; problems: RuleProblem[] } };
    /** "Try on bytes…": what would these client bytes do with the form's value in place? */
    'form/try': { params: { path: (string | number)[]; value: Json; hex: string }; result: TryAnswer };
    'rules/openFile': { params: { path: (string | number)[] }; result: null };
    'rules/createFile': { params: null; result: null };
  };
  notifications: { 'page/ready': null };
}

export interface RuleEditorPageContract extends Contract {
  requests: Record<string, never>;
  notifications: {
    'editor/state': { selection: RuleSelection; protocols: ProtocolChoice[]; strings: Record<string, string> };
  };
}

export type { ListenerRule };
