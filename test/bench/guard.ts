// Outlives the bench by a moment: when the bench is gone, however it went (a SIGKILL runs no handler), what it started goes too.
// Lines on stdin: `+PID` started, `-PID` ended, `FOLDER` to remove at the end.

import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pids = new Set<number>();
const folders = new Set<string>();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line.startsWith('+')) pids.add(Number(line.slice(1)));
    else if (line.startsWith('-')) pids.delete(Number(line.slice(1)));
    else folders.add(line);
  })
  .on('close', () => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

// Ctrl+C is for the bench, which closes stdin when it is through.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
