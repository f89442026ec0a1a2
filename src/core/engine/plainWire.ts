// A wire over net.Socket with nothing but documented API: reads arrive as `data` events, in memory of Node's own.

import net from 'node:net';
import type { Endpoint, Target, Wire, WireOwner } from './wire.js';

/** @see wire.ts for what each member promises */
export class PlainWire implements Wire {
  owner: WireOwner = nobody;
  private isOver = false;
  private isClosing = false;

  constructor(private readonly socket: net.Socket) {
    socket.setNoDelay(true);
    socket.on('data', (view: Buffer) => this.tell((owner) => owner.bytes(view)));
    socket.on('end', () => this.tell((owner) => owner.ended()));
    socket.on('drain', () => this.tell((owner) => owner.drained()));
    socket.on('connect', () => this.tell((owner) => owner.connected()));
    socket.on('error', (fault: NodeJS.ErrnoException) => this.fail(fault.code ?? 'EIO'));
    socket.on('close', () => {
      if (this.isClosing) {
        this.isClosing = false;
        this.owner.closed();
      }
    });
    socket.pause();
  }

  get isBlocked(): boolean {
    return this.socket.writableNeedDrain;
  }

  startReading(): void {
    this.socket.resume();
  }

  stopReading(): void {
    this.socket.pause();
  }

  write(view: Uint8Array): boolean {
    if (this.isOver) return true;
    return this.socket.write(view);
  }

  end(): void {
    if (!this.isOver) this.socket.end();
  }

  close(): void {
    this.isOver = true;
    this.isClosing = false;
    this.socket.destroy();
  }

  closeWhenSent(): boolean {
    this.isOver = true;
    if (this.socket.destroyed) return true;
    this.isClosing = true;
    this.socket.destroySoon();
    return false;
  }

  reset(): void {
    this.isOver = true;
    this.isClosing = false;
    // Only TCP has a reset; on pipes resetAndDestroy would emit an error nobody can use.
    if (this.socket.remoteAddress === undefined) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Reads come in memory of Node's own. */
  readonly canReplaceBuffer = false;

  replaceBuffer(): void {
    throw new Error('A stream has no buffer of ours.');
  }

  remote(): Endpoint {
    const { remoteAddress, remotePort } = this.socket;
    return remoteAddress === undefined || remotePort === undefined ? { path: '' } : { host: remoteAddress, port: remotePort };
  }

  local(): Endpoint {
    const { localAddress, localPort } = this.socket;
    return localAddress === undefined || localPort === undefined ? { path: '' } : { host: localAddress, port: localPort };
  }

  private tell(event: (owner: WireOwner) => void): void {
    if (this.isOver) return;
    try {
      event(this.owner);
    } catch (fault) {
      this.owner.faulted(fault);
    }
  }

  private fail(code: string): void {
    // A peer that is gone while the last bytes are sent off: `close` follows and ends the wait.
    if (this.isOver) return;
    this.isOver = true;
    try {
      this.owner.failed(code);
    } catch (fault) {
      this.owner.faulted(fault);
    }
  }
}

/** @returns a wire whose owner hears `connected` or `failed` later */
export function connectPlain(target: Target): Wire {
  // A path or an IP address needs no look-up; autoSelectFamily is for names and costs a timer per connection.
  const socket = 'path' in target
    ? new net.Socket({ allowHalfOpen: true }).connect({ path: target.path })
    : new net.Socket({ allowHalfOpen: true }).connect({ host: target.ip, port: target.port, autoSelectFamily: false });
  return new PlainWire(socket);
}

/** Owner of a wire that nobody took yet. */
export const nobody: WireOwner = {
  nextBuffer: () => undefined,
  bytes: () => undefined,
  ended: () => undefined,
  drained: () => undefined,
  connected: () => undefined,
  failed: () => undefined,
  closed: () => undefined,
  faulted: (fault) => {
    throw fault;
  },
};
