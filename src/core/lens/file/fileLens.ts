// A lens over a capture file: the same answers as beside an engine, from what packets say.

import { basename } from 'node:path';
import { unreadFile, type CaptureFileState } from '../../../shared/captureFile.js';
import { MuxError } from '../../../shared/errors.js';
import { Emitter, Owner } from '../../../shared/lifecycle.js';
import type { Port } from '../../../shared/rpc.js';
import { Lens, type LensOptions } from '../lens.js';
import { LensServer, type WatchedFile } from '../server.js';
import { FileSource } from './fileSource.js';
import { FileStore } from './fileStore.js';

/** 16,000,000 chunks at 32 bytes are 512 MB: a file of 20 GB in packets of usual size. */
const maxChunks = 16_000_000;
/** About 3.5 KB each with all that hangs on them: 350 MB at most. */
const maxClosedFlows = 100_000;

/** Reads a file and answers about it to whoever holds the other end of `port`, for as long as the owner lives. */
export function serveFile(port: Port, file: string, options: LensOptions): Owner {
  const owner = new Owner();
  try {
    const store = owner.register(new FileStore(file));
    const lens = owner.register(new Lens({ ...options, store, maxChunks, maxClosedFlows }));
    const source = owner.register(new FileSource({ file, store, lens, now: options.now }));
    owner.register(new LensServer(port, lens, false, source));
    source.start();
  } catch (fault) {
    if (!(fault instanceof MuxError)) throw fault;
    owner.register(new LensServer(port, owner.register(new Lens(options)), false, owner.register(new Unread(file, fault.message))));
  }
  return owner;
}

/** A file that could not be opened. */
class Unread extends Owner implements WatchedFile {
  readonly current: CaptureFileState;
  readonly onChanged = this.register(new Emitter<CaptureFileState>()).event;

  constructor(file: string, message: string) {
    super();
    this.current = unreadFile(basename(file), { isDone: true, problem: { message } });
  }
}
