// An rpc Port over what node:worker_threads offers: a Worker, a MessagePort, or parentPort.

import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import type { Port } from '../../shared/rpc.js';

/** @returns a Port; messages start to flow with the first `onMessage` */
export function nodePort(end: MessagePort | Worker): Port {
  return {
    post(message, transfer) {
      end.postMessage(message, transfer as readonly Transferable[] | undefined);
    },
    onMessage(listener) {
      end.on('message', listener);
      return { dispose: () => void end.off('message', listener) };
    },
  };
}
