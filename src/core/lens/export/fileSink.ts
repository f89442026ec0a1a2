// A file that is there once it is whole: what is written goes to a neighbour of it with another name, which takes its place at the end.

import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exportFailed } from '../../../shared/errors.js';
import { say } from '../../../shared/sentences.js';

/** Collected before they are handed on: large writes are what disks like. */
const pieceBytes = 256 << 10;
/** Waiting for the disk at most; beyond it the export waits. */
const maxQueuedBytes = 8 << 20;

/** Where an export writes to. Pieces are its own from then on. */
export interface Sink {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
}

/** One file. */
export class FileSink implements Sink {
  private collected = '';
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private writing: Promise<void> | undefined;
  private fault: unknown;
  /** bytes so far */
  written = 0;

  private constructor(private readonly file: string, private readonly told: string, private readonly partial: string, private readonly handle: FileHandle) {}

  /** @param mark keeps two exports to the same file apart @param told as which a person knows it @throws MuxError `exportFailed` */
  static async create(file: string, mark: string, told = file): Promise<FileSink> {
    const partial = join(dirname(file), `.${basename(file)}.${mark}.part`);
    try {
      return new FileSink(file, told, partial, await open(partial, 'w', 0o600));
    } catch (cause) {
      throw exportFailed(told, reasonOf(cause), cause);
    }
  }

  text(text: string): void {
    this.collected += text;
    if (pieceBytes <= this.collected.length) this.flush();
  }

  bytes(bytes: Uint8Array): void {
    this.flush();
    this.enqueue(bytes);
  }

  /** @returns a promise while the disk is behind @throws MuxError `exportFailed` when it refused */
  room(): Promise<void> | undefined {
    if (this.fault !== undefined) throw exportFailed(this.told, reasonOf(this.fault), this.fault);
    return this.queuedBytes <= maxQueuedBytes ? undefined : this.writing;
  }

  /** Puts the file in its place. @throws MuxError `exportFailed`; nothing is left then */
  async finish(): Promise<void> {
    this.flush();
    while (this.writing !== undefined) await this.writing;
    try {
      if (this.fault !== undefined) throw this.fault;
      await this.handle.sync();
      await this.handle.close();
      await rename(this.partial, this.file);
    } catch (cause) {
      await this.discard();
      throw exportFailed(this.told, reasonOf(cause), cause);
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    this.queue = [];
    this.collected = '';
    while (this.writing !== undefined) await this.writing;
    // Closed already, or gone: either way nothing is left to do.
    await this.handle.close().catch(() => undefined);
    await rm(this.partial, { force: true }).catch(() => undefined);
  }

  private flush(): void {
    if (this.collected === '') return;
    const bytes = Buffer.from(this.collected, 'utf8');
    this.collected = '';
    this.enqueue(bytes);
  }

  private enqueue(bytes: Uint8Array): void {
    if (this.fault !== undefined || bytes.length === 0) return;
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.written += bytes.length;
    this.writing ??= this.drain();
  }

  private async drain(): Promise<void> {
    try {
      for (let piece = this.queue.shift(); piece !== undefined; piece = this.queue.shift()) {
        for (let done = 0; done < piece.length; ) done += (await this.handle.write(piece, done, piece.length - done)).bytesWritten;
        this.queuedBytes -= piece.length;
      }
    } catch (fault) {
      this.fault = fault;
      this.queue = [];
    } finally {
      this.writing = undefined;
    }
  }
}

/** A folder of files that appears whole: for formats that write one file per flow and direction. */
export class FolderSink {
  written = 0;
  files = 0;

  private constructor(private readonly folder: string, private readonly partial: string) {}

  /** @throws MuxError `exportFailed` */
  static async create(folder: string, mark: string): Promise<FolderSink> {
    const partial = join(dirname(folder), `.${basename(folder)}.${mark}.part`);
    try {
      await mkdir(partial, { mode: 0o700 });
      return new FolderSink(folder, partial);
    } catch (cause) {
      throw exportFailed(folder, reasonOf(cause), cause);
    }
  }

  /** One file at a time. */
  async file(name: string): Promise<FileSink> {
    this.files += 1;
    return FileSink.create(join(this.partial, name), 'one', join(this.folder, name));
  }

  async finish(): Promise<void> {
    try {
      await rename(this.partial, this.folder);
    } catch (cause) {
      await this.discard();
      const code = (cause as NodeJS.ErrnoException).code;
      throw exportFailed(this.folder, code === 'ENOTEMPTY' || code === 'EEXIST' ? say`there is a folder of that name already` : reasonOf(cause), cause);
    }
  }

  async discard(): Promise<void> {
    await rm(this.partial, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** As a phrase. */
function reasonOf(fault: unknown): string {
  const { code, message } = fault as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
      return say`no space is left on the disk; make some, or choose another folder`;
    case 'EDQUOT':
      return say`the quota of this user is used up; delete something, or choose another folder`;
    case 'EACCES':
    case 'EPERM':
      return say`this user may not write there; choose another folder`;
    case 'EROFS':
      return say`the disk is read-only; choose another folder`;
    case 'ENOENT':
    case 'ENOTDIR':
      return say`there is no such folder; choose one that is there`;
    case 'EISDIR':
      return say`it is a folder`;
    default:
      return message ?? String(fault);
  }
}
