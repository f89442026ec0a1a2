// One connected socket as the engine sees it. Two implementations stand behind it (sockets.ts chooses): bare handles and streams.

import type { FlowFacts } from '../../shared/flow.js';

/** Address of one end: host and port, or the path of a Unix socket or pipe (empty for a client that has none). */
export type Endpoint = FlowFacts['client'];

/** Where to connect to: always an IP address, never a name (upstreams/dial.ts looks names up). */
export type Target = { ip: string; port: number } | { path: string };

/** What a wire tells the one who owns it. Nothing is told after `failed` or after the owner closed the wire. */
export interface WireOwner {
  /**
   * Memory for the next read, asked before reading starts and after every read; only wires that read into given memory ask.
   *
   * @param last bytes of the read before; 0 at the start
   * @returns undefined = the same as before
   */
  nextBuffer(last: number): Uint8Array | undefined;
  /** Bytes were read. `view` may be overwritten once this returns, unless it was written on and that write is still pending. */
  bytes(view: Uint8Array): void;
  /** The other end sent its FIN: no more bytes come, ours may still go. */
  ended(): void;
  /** Everything written has gone to the kernel, after a `write` that said false. */
  drained(): void;
  /** An outgoing connection stands. */
  connected(): void;
  /** The connection is gone or never came to be. @param code system error name such as `ECONNRESET` */
  failed(code: string): void;
  /** `closeWhenSent` has finished. */
  closed(): void;
  /** A bug of ours in one of the calls above: contained at this flow. */
  faulted(fault: unknown): void;
}

/** A connected (or connecting) socket that allows half-open and never delays small writes. */
export interface Wire {
  owner: WireOwner;
  /** a write has not gone to the kernel entirely: the view given to it must stay untouched */
  readonly isBlocked: boolean;
  startReading(): void;
  stopReading(): void;
  /** @returns false when the kernel did not take all at once: the view stays in use until `drained` */
  write(view: Uint8Array): boolean;
  /** Sends FIN after what was written. */
  end(): void;
  /** Closes at once; what the kernel has not taken is lost. */
  close(): void;
  /** Closes once everything written has gone. @returns true when that was at once; else `closed` follows */
  closeWhenSent(): boolean;
  /** Closes with a reset, where the socket has one. */
  reset(): void;
  /** `replaceBuffer` may be called */
  readonly canReplaceBuffer: boolean;
  /** Swaps the memory for reads, outside of a read. */
  replaceBuffer(buffer: Uint8Array): void;
  /** address of the other end */
  remote(): Endpoint;
  local(): Endpoint;
}

/** An IPv4 client of a listener on [::] is shown, and matched by `remote`, as what it is (RFC 4291 §2.5.5.2). */
export function plainEndpoint(endpoint: Endpoint): Endpoint {
  const isMapped = 'host' in endpoint && endpoint.host.startsWith('::ffff:') && endpoint.host.includes('.');
  return isMapped ? { host: endpoint.host.slice('::ffff:'.length), port: endpoint.port } : endpoint;
}
