// Failures that a person should read: a stable code, a sentence, and what caused it. One function each.

import { say, verbatim, type Sentence } from './sentences.js';

/** Every code is a row of the README's table. */
export type MuxErrorCode =
  | 'portInUse'
  | 'portNotAllowed'
  | 'socketNotAllowed'
  | 'addressNotAvailable'
  | 'exposureNotConfirmed'
  | 'rulesInvalid'
  | 'fileNotReadable'
  | 'fileNotSaved'
  | 'workspaceNotTrusted'
  | 'workerEnded'
  | 'unknownListener'
  | 'unknownFlow'
  | 'unknownView'
  | 'filterInvalid'
  | 'recordingFailed'
  | 'replayFailed'
  | 'exportFailed'
  | 'captureNotReadable'
  | 'requestCancelled'
  | 'internal';

/** Something a person can mend. `message` is a whole sentence that says what, where and what to do. */
export class MuxError extends Error {
  readonly code: MuxErrorCode;
  /** Values that the sentence mentions, for code that wants to offer a way out (port, holder). */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: MuxErrorCode, sentence: Sentence, details: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = 'MuxError';
    this.code = code;
    this.details = details;
  }
}

/** A MuxError as it crosses a border: plain data. */
export interface ErrorData {
  code: MuxErrorCode;
  message: string;
  details: Record<string, string | number>;
  stack?: string;
}

export function toErrorData(fault: unknown): ErrorData {
  if (fault instanceof MuxError) return { code: fault.code, message: fault.message, details: { ...fault.details } };
  const error = fault instanceof Error ? fault : new Error(String(fault));
  return { code: 'internal', message: error.message, details: {}, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

export function fromErrorData(data: ErrorData): MuxError {
  const error = new MuxError(data.code, verbatim(data.message), data.details);
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

/** @param holder program that has the port, as `name (pid)`, when it could be found */
export function portInUse(address: string, holder: string | undefined, cause?: unknown): MuxError {
  const by = holder ?? say`another program`;
  return new MuxError(
    'portInUse',
    address.startsWith('unix:') ? say`${address} is in use by ${by}. Stop it, or give this listener another path.` : say`${address} is in use by ${by}. Stop it, or give this listener another port (port 0 takes a free one).`,
    { address, ...(holder === undefined ? {} : { holder }) },
    cause,
  );
}

export function portNotAllowed(address: string, cause?: unknown): MuxError {
  return new MuxError(
    'portNotAllowed',
    say`This user may not listen on ${address}: ports below 1024 need extra rights. Use a port from 1024 up, or allow low ports on this machine.`,
    { address },
    cause,
  );
}

/** A Unix socket in a folder that this user may not write to. */
export function socketNotAllowed(address: string, cause?: unknown): MuxError {
  return new MuxError('socketNotAllowed', say`This user may not make the socket ${address}: its folder is missing or not writable. Use a folder of your own.`, { address }, cause);
}

export function addressNotAvailable(address: string, cause?: unknown): MuxError {
  return new MuxError('addressNotAvailable', say`This machine has no address ${address} to listen on. Use 127.0.0.1, [::1] or one of its own addresses.`, { address }, cause);
}

export function exposureNotConfirmed(address: string): MuxError {
  return new MuxError(
    'exposureNotConfirmed',
    say`${address} can be reached from other machines, and nobody has confirmed that. Confirm it (in the editor when the listener starts, on the command line with --expose), or listen on 127.0.0.1.`,
    { address },
  );
}

export function rulesInvalid(file: string, count: number): MuxError {
  return new MuxError('rulesInvalid', count === 1 ? say`${file} has an error; the last good rules stay in force until it is mended.` : say`${file} has ${count} errors; the last good rules stay in force until it is mended.`, { file, count });
}

export function fileNotReadable(file: string, why: string, cause?: unknown): MuxError {
  return new MuxError('fileNotReadable', say`${file} cannot be read: ${why}.`, { file }, cause);
}

export function fileNotSaved(file: string, why: string, cause?: unknown): MuxError {
  return new MuxError('fileNotSaved', say`${file} was not saved: ${why}.`, { file }, cause);
}

export function workspaceNotTrusted(): MuxError {
  return new MuxError('workspaceNotTrusted', say`This workspace is not trusted, so Port Prism starts no listener in it. Trust the workspace first (command "Workspaces: Manage Workspace Trust").`);
}

export function workerEnded(which: 'engine' | 'lens', why: string): MuxError {
  return new MuxError('workerEnded', which === 'engine' ? say`The engine worker ended unexpectedly (${why}).` : say`The lens worker ended unexpectedly (${why}).`, { which });
}

export function unknownListener(id: string): MuxError {
  return new MuxError('unknownListener', say`There is no listener "${id}" in the rules that are in force.`, { id });
}

export function unknownFlow(id: number): MuxError {
  return new MuxError('unknownFlow', say`Connection ${id} is no longer kept.`, { id });
}

export function unknownView(id: number): MuxError {
  return new MuxError('unknownView', say`List ${id} is no longer open.`, { id });
}

/** @param reason as the system says it: ECONNREFUSED */
export function replayFailed(address: string, reason: string, cause?: unknown): MuxError {
  return new MuxError('replayFailed', say`Nothing could be sent to ${address} (${reason}). See whether something listens there.`, { address }, cause);
}

export function filterInvalid(filter: string, { message, start, end }: { message: string; start: number; end: number }): MuxError {
  return new MuxError('filterInvalid', say`The filter cannot be used, at character ${start + 1}: ${message}`, { filter, start, end });
}

export function recordingFailed(file: string, cause: unknown): MuxError {
  return new MuxError('recordingFailed', say`Recording to ${file} failed: ${cause instanceof Error ? cause.message : String(cause)}.`, { file }, cause);
}

/** @param why a phrase: "no space left on device" */
export function exportFailed(file: string, why: string, cause?: unknown): MuxError {
  return new MuxError('exportFailed', say`${file} was not written: ${why}.`, { file }, cause);
}

export function exportCancelled(file: string): MuxError {
  return new MuxError('requestCancelled', say`The export to ${file} was cancelled.`, { file });
}

/** @param why a phrase: "it is neither pcap nor pcapng" */
export function captureNotReadable(file: string, why: string): MuxError {
  return new MuxError('captureNotReadable', say`${file} is not a capture file that can be read: ${why}.`, { file });
}
