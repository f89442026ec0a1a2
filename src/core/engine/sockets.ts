// Which kind of wire this Node can be trusted with, and how either kind accepts and connects.

import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { connectHandle, findInternals, HandleWire, type Handle, type HandleInternals } from './handleWire.js';
import { connectPlain, PlainWire } from './plainWire.js';
import type { Target, Wire, WireOwner } from './wire.js';

/** A way to accept and connect. */
export interface Sockets {
  readonly kind: 'handles' | 'streams';
  /** @returns a server that is not listening yet; call `accept` once it is */
  createServer(): net.Server;
  /** From now on every connection comes as a wire. @param refused hears why the kernel gave none */
  accept(server: net.Server, take: (wire: Wire) => void, refused: (code: string) => void): void;
  connect(target: Target): Wire;
}

/** Documented API only. */
export const streamSockets: Sockets = {
  kind: 'streams',
  createServer: () => net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }),
  accept(server, take) {
    server.on('connection', (socket) => take(new PlainWire(socket)));
  },
  connect: connectPlain,
};

function handleSockets(node: HandleInternals): Sockets {
  return {
    kind: 'handles',
    createServer: () => net.createServer(),
    accept(server, take, refused) {
      const listening = handleOf(server);
      if (listening === undefined) throw new Error('The server listens without a handle.');
      // The handle's own event comes before net.Server makes a socket of it: one object instead of three per connection.
      listening.onconnection = (status, accepted) => {
        if (accepted === undefined) refused(getSystemErrorName(status));
        else take(new HandleWire(accepted, node));
      };
    },
    connect: (target) => connectHandle(target, node),
  };
}

function handleOf(server: net.Server): { onconnection(status: number, accepted?: Handle): void } | undefined {
  return (server as unknown as { _handle?: { onconnection(status: number, accepted?: Handle): void } })._handle;
}

/** How long the trial below may take before the documented way is used instead. */
const trialMs = 2000;

let chosen: Promise<Sockets> | undefined;

/** @returns bare handles where a conversation over loopback went as expected, else streams; tried once per process */
export function chooseSockets(): Promise<Sockets> {
  return (chosen ??= tryHandles());
}

async function tryHandles(): Promise<Sockets> {
  // On Windows a read is under way in our memory even while nothing arrives: other rules, and not tried by us.
  if (process.platform === 'win32') return streamSockets;
  try {
    const node = findInternals();
    if (node === undefined) return streamSockets;
    const sockets = handleSockets(node);
    return (await holdConversation(sockets)) ? sockets : streamSockets;
  } catch {
    // Whatever differs in this Node, the documented way works in all of them.
    return streamSockets;
  }
}

/** Question, answer into memory of ours, half-close each way: everything that forwarding leans on. */
function holdConversation(sockets: Sockets): Promise<boolean> {
  return new Promise((resolve) => {
    const server = sockets.createServer();
    const wires: Wire[] = [];
    const timer = setTimeout(() => finish(false), trialMs);
    const finish = (isGood: boolean): void => {
      clearTimeout(timer);
      for (const wire of wires) wire.close();
      server.close();
      resolve(isGood);
    };
    const owner = (parts: Partial<WireOwner>): WireOwner => ({
      nextBuffer: () => undefined,
      bytes: () => undefined,
      ended: () => undefined,
      drained: () => undefined,
      connected: () => undefined,
      failed: () => finish(false),
      closed: () => undefined,
      faulted: () => finish(false),
      ...parts,
    });
    server.on('error', () => finish(false));
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      sockets.accept(
        server,
        (accepted) => {
          wires.push(accepted);
          accepted.owner = owner({ bytes: (view) => void accepted.write(view.slice()), ended: () => accepted.end() });
          accepted.startReading();
        },
        () => finish(false),
      );
      const address = server.address();
      if (address === null || typeof address === 'string') return finish(false);
      const asking = sockets.connect({ ip: '127.0.0.1', port: address.port });
      wires.push(asking);
      const memory = new Uint8Array(new SharedArrayBuffer(64), 16, 8);
      let heard = '';
      asking.owner = owner({
        nextBuffer: (last) => (last === 0 ? memory : undefined),
        connected() {
          asking.startReading();
          asking.write(Uint8Array.of(0x3f, 0x21));
          asking.end();
        },
        bytes: (view) => void (heard += view.buffer === memory.buffer ? String.fromCharCode(...view) : 'elsewhere'),
        ended: () => finish(heard === '?!'),
      });
    });
  });
}
