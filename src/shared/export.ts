// What can be taken along: exports to files, "copy as", texts of messages and flows for the editor.

import type { Sentence } from './sentences.js';
import type { RowBits } from './rowSet.js';

/** A message by its flow and its index in it. */
export interface MessageId {
  flow: number;
  index: number;
}

/** Rows of the message list by their numbers in the ledger. */
export interface ListedMessages {
  messages: RowBits;
  /** each message alone, as the list with answers as rows has them; otherwise each request with its answers */
  areAlone: boolean;
}

/** `rows`: messages, each request with its answers. */
export type ExportWhat = 'all' | { flows: number[] } | { rows: MessageId[] } | ListedMessages;

/** What a page may ask for; `flows`: ids. */
export type PageExport = 'all' | { flows: RowBits } | ListedMessages;

export const exportFormats = ['pcapng', 'har', 'jsonl', 'raw', 'hexdump', 'markdown'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOrder {
  /** chosen by who asks: names the export while it runs */
  job: number;
  what: ExportWhat;
  format: ExportFormat;
  /** for `raw` the folder that is made; an existing file is replaced once everything was written */
  file: string;
  /** passwords, tokens, cookies and keys as they are, instead of masked */
  withSecrets: boolean;
  /** of Port Prism, for formats that name the program that wrote them */
  version: string;
}

export interface ExportReport {
  file: string;
  /** files that were written */
  files: number;
  flows: number;
  /** messages or, in formats that have none, packets */
  messages: number;
  bytes: number;
  /** secrets that were masked */
  masked: number;
  /** whole sentences: what is missing, and why */
  notes: Sentence[];
}

export interface ExportProgress {
  /** bytes of traffic gone through, of `total` */
  done: number;
  total: number;
}

/** What an export would hold. */
export interface ExportSurvey {
  flows: number;
  /** messages that were asked for; undefined = all of the flows */
  messages?: number;
  /** bytes of traffic, as far as they are kept */
  bytes: number;
  /** secrets found so far */
  secrets: number;
  /** false = there was no time to look at all of it */
  isWhole: boolean;
}

export const copyForms = ['curl', 'fetch', 'httpie', 'redis-cli', 'psql', 'grpcurl', 'mosquitto_pub'] as const;
export type CopyForm = (typeof copyForms)[number];

export interface CopiedText {
  /** empty when it is refused */
  text: string;
  masked: number;
  /** whole sentences: what will not be as it was */
  notes: Sentence[];
  /** why no such command would say it again */
  refused?: Sentence;
}

/** A text that was made of captured bytes, for a read-only editor. */
export interface DocumentText {
  text: string;
  /** file name with an ending that tells the language: `response.json` */
  name: string;
  /** id of the language as editors name them; 'plaintext' when it is none of them */
  language: string;
  /** a whole sentence when something is missing at the end */
  cut?: Sentence;
  /** the secrets in it are as they were captured */
  hasSecrets: boolean;
}

/** What a document shows: a message, its body, or without an index the conversation of the flow. */
export interface DocumentTarget {
  flow: number;
  index?: number;
  kind?: 'body' | 'message';
}

/** The recording that runs, or the last one. */
export interface RecordingStatus {
  isOn: boolean;
  file: string;
  packets: number;
  bytes: number;
  /** why it ended by itself: a whole sentence */
  fault?: Sentence;
}

/** A type, not an interface: contracts are records. */
export type ExportRequests = {
  /** Answers when the file is there, whole. @throws `exportFailed`, `requestCancelled` */
  'export/start': { params: ExportOrder; result: ExportReport };
  /** the export rejects with `requestCancelled`, and leaves no file */
  'export/cancel': { params: { job: number }; result: null };
  /** null = no such export runs */
  'export/progress': { params: { job: number }; result: ExportProgress | null };
  /** looks for about a second */
  'export/survey': { params: { what: ExportWhat }; result: ExportSurvey };
  /** null = nothing was recorded yet */
  'record/status': { params: null; result: RecordingStatus | null };
  /** what a message can be copied as; empty when it is none of what these programs send */
  'copy/forms': { params: MessageId; result: { forms: CopyForm[] } };
  'copy/as': { params: MessageId & { form: CopyForm; withSecrets: boolean }; result: CopiedText | null };
  /** what the message carries; null = it carries nothing, or is gone */
  'text/body': { params: MessageId; result: DocumentText | null };
  /** the message as decoded: a line per field */
  'text/message': { params: MessageId; result: DocumentText | null };
  /** the conversation as decoded, the beginning of it when it is long */
  'text/flow': { params: { flow: number }; result: DocumentText | null };
};
