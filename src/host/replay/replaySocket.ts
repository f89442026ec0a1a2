// Says a client side again over a connection of its own, step by step as its client did, and gathers what comes back.

import net from 'node:net';
import { replayFailed } from '../../shared/errors.js';
import type { ReplayStep } from './replayPlan.js';

/** An answer is over when nothing came for this long, in milliseconds; one that never comes is waited for this long. */
const quietMs = 150;
const patienceMs = 10_000;
/** What comes back is compared by people. */
const maxAnswerBytes = 8 << 20;

export interface ReplayResult {
  answer: Uint8Array;
  /** the other side closed the connection */
  isClosed: boolean;
  /** there was more than is kept */
  isCut: boolean;
}

/** @throws MuxError `replayFailed` when the connection does not come about or breaks before anything came back */
export async function replay(target: { host: string; port: number }, steps: readonly ReplayStep[], signal: AbortSignal): Promise<ReplayResult> {
  const socket = net.connect({ ...target, allowHalfOpen: true });
  const pieces: Buffer[] = [];
  let size = 0;
  let isClosed = false;
  let fault: NodeJS.ErrnoException | undefined;
  let wake: () => void = () => undefined;
  socket.on('data', (piece: Buffer) => {
    if (size < maxAnswerBytes) pieces.push(piece);
    size += piece.length;
    wake();
  });
  socket.on('end', () => {
    isClosed = true;
    wake();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    fault = error;
    isClosed = true;
    wake();
  });
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop);
  /** @returns whether something happened before the time was up */
  const happens = (withinMs: number): Promise<boolean> => new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    wake = () => {
      clearTimeout(timer);
      resolve(true);
    };
    if (signal.aborted) wake();
  });
  try {
    for (const { bytes, waits } of steps) {
      if (isClosed || signal.aborted) break;
      const before = size;
      socket.write(bytes);
      if (!waits) continue;
      while (size === before && !isClosed && !signal.aborted && (await happens(patienceMs)));
      while (!isClosed && !signal.aborted && (await happens(quietMs)));
    }
    if (fault !== undefined && size === 0) throw replayFailed(`${target.host}:${target.port}`, fault.code ?? fault.message, fault);
    return { answer: Uint8Array.from(Buffer.concat(pieces)).subarray(0, maxAnswerBytes), isClosed, isCut: maxAnswerBytes < size };
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
