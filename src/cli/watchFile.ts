// Hears when a file was saved, however it was saved: in place, by rename, behind a symbolic link, on a network drive.

import { watch, watchFile, unwatchFile, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { toDisposable, type Disposable } from '../shared/lifecycle.js';

/** Editors save in several steps; the last one counts. */
const settleMs = 60;

/** Where the system tells of no changes (network drives), its time stamp is looked at this often. */
const pollEveryMs = 1000;

/** @param changed may be called without a change: compare the contents */
export function watchForSaves(file: string, changed: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  };
  let watcher: FSWatcher | undefined;
  try {
    // The folder, since a rename gives the file's name to another file.
    watcher = watch(dirname(file), (_event, name) => {
      if (name === null || name === basename(file)) soon();
    });
    // The folder may vanish; the time stamp is still looked at.
    watcher.on('error', () => watcher?.close());
  } catch {
    // No watches left on this system: the time stamp is still looked at.
  }
  watchFile(file, { interval: pollEveryMs }, soon);
  return toDisposable(() => {
    clearTimeout(timer);
    watcher?.close();
    unwatchFile(file, soon);
  });
}
