// Capture files from disk or standard input: pieces of a fixed size, one read ahead while the other is decoded.

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileNotReadable } from '../../shared/errors.js';
import { reasonOf } from '../fileFault.js';
import type { CaptureEvent } from './captureEvents.js';
import { CaptureReader } from './captureReader.js';

/** Large reads are what disks like; two of them are in memory. */
const pieceBytes = 1 << 20;

/**
 * Reads a capture file, its events in the order of the file, a batch per piece.
 *
 * @returns batches; bytes in them are views that hold until the next batch is asked for; the last event is `finished`
 * @throws MuxError `fileNotReadable`, `captureNotReadable`
 */
export function readCaptureFile(file: string): AsyncGenerator<readonly CaptureEvent[]> {
  return readCapture(piecesOf(file), basename(file));
}

/** The same from any source of pieces, which may use their memory again once the next is asked for. */
export async function* readCapture(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<readonly CaptureEvent[]> {
  const reader = new CaptureReader(name);
  for await (const piece of pieces) {
    const events = reader.push(piece);
    if (0 < events.length) yield events;
    if (reader.isBroken) break;
  }
  yield reader.end();
}

async function* piecesOf(file: string): AsyncGenerator<Uint8Array> {
  const handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    throw fileNotReadable(file, reasonOf(cause), cause);
  });
  try {
    let [current, other] = [new Uint8Array(pieceBytes), new Uint8Array(pieceBytes)];
    let reading = handle.read(current, 0, pieceBytes);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = handle.read(other, 0, pieceBytes);
      // Awaited in the next round; until then a failure is nobody's, and must not end the process.
      reading.catch(() => {});
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } catch (cause) {
    throw fileNotReadable(file, reasonOf(cause as NodeJS.ErrnoException), cause);
  } finally {
    await handle.close();
  }
}
