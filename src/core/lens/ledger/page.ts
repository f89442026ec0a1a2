// 4,096 rows of the ledger as columns: one typed array a fact, so that a million rows are some hundred objects.

import type { MessageKind, Severity } from '../../../shared/message.js';
import type { Texts } from './textPool.js';

export const rowsPerPage = 4096;
export const pageShift = 12;
export const pageMask = rowsPerPage - 1;

/** What `stream` holds where there is none; identifiers of streams end below. */
export const noStream = 0xffff_ffff;

/** By their numbers in `facts`. */
export const kinds: readonly MessageKind[] = ['request', 'answer', 'notice', 'undecoded', 'gap'];
export const kindNumbers: Readonly<Record<MessageKind, number>> = { request: 0, answer: 1, notice: 2, undecoded: 3, gap: 4 };
export const severities: readonly (Severity | undefined)[] = [undefined, 'note', 'warning', 'error'];

// Bits of `facts`.
export const fromUpstream = 1;
export const kindShift = 1;
export const kindMask = 7;
export const severityShift = 4;
export const severityMask = 3;
export const hasFieldsBit = 64;
export const expectsBit = 128;

export class Page {
  /** 0 = the flow was forgotten */
  readonly flow = new Uint32Array(rowsPerPage);
  readonly index = new Uint32Array(rowsPerPage);
  readonly facts = new Uint8Array(rowsPerPage);
  readonly protocol = new Uint16Array(rowsPerPage);
  readonly startedAt = new Float64Array(rowsPerPage);
  readonly endedAt = new Float64Array(rowsPerPage);
  readonly rangeStart = new Float64Array(rowsPerPage);
  readonly rangeEnd = new Float64Array(rowsPerPage);
  /** NaN = none */
  readonly latencyMs = new Float64Array(rowsPerPage);
  readonly stream = new Uint32Array(rowsPerPage);
  // Other rows are told by how far away they are: that fits 32 bits for ever. 0 = none.
  readonly requestBefore = new Uint32Array(rowsPerPage);
  readonly firstAnswerBehind = new Uint32Array(rowsPerPage);
  readonly lastAnswerBehind = new Uint32Array(rowsPerPage);
  /** of an answer: the next one to the same request */
  readonly nextAnswerBehind = new Uint32Array(rowsPerPage);
  readonly answerCount = new Uint32Array(rowsPerPage);
  /** bytes of the answers together */
  readonly answerBytes = new Float64Array(rowsPerPage);
  readonly summary = new Uint32Array(rowsPerPage);
  /** where a row's fields end in `paths` and `values`; they begin where those of the row before end */
  readonly fieldsEnd = new Uint32Array(rowsPerPage);

  /** fields of all rows, one behind the other: place, and number of the text in `texts` */
  paths: Uint16Array = noPaths;
  values: Uint16Array | Uint32Array = noPaths;
  texts: Texts;

  constructor(texts: Texts) {
    this.texts = texts;
  }

  get byteLength(): number {
    return columnBytes + this.paths.byteLength + this.values.byteLength + this.texts.byteLength;
  }
}

const noPaths = new Uint16Array(0);

/** flow, index, facts, protocol, times, range, latency, stream, four distances, answers, their bytes, summary, end of fields */
const columnBytes = rowsPerPage * (4 + 4 + 1 + 2 + 16 + 16 + 8 + 4 + 16 + 4 + 8 + 4 + 4);
