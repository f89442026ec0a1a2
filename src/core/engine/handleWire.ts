// A wire over a bare libuv handle, as node:net itself uses it: the kernel reads into memory we choose (design.md §5), a write
// that the kernel takes at once costs no object, and accepting or connecting makes no net.Socket. Measured: twice the
// connections per second of net.Socket. None of this is documented API, hence sockets.ts tries it out before it is used.

import { getSystemErrorName } from 'node:util';
import type { Endpoint, Target, Wire, WireOwner } from './wire.js';
import { nobody } from './plainWire.js';

/** What `process.binding('tcp_wrap' | 'pipe_wrap' | 'stream_wrap')` gives, as far as it is used here (Node 20-24: src/tcp_wrap.cc, stream_base.cc). */
export interface HandleInternals {
  TCP: new (kind: number) => Handle;
  Pipe: new (kind: number) => Handle;
  TCPConnectWrap: new () => ConnectRequest;
  PipeConnectWrap: new () => ConnectRequest;
  WriteWrap: new () => Request;
  ShutdownWrap: new () => Request;
  /** results of the last call, by the indexes below */
  state: Int32Array;
  readBytesOrError: number;
  lastWriteWasAsync: number;
}

interface Request {
  oncomplete: ((status: number) => void) | undefined;
  wire?: HandleWire;
  view?: Uint8Array;
}

interface ConnectRequest {
  oncomplete: ((status: number) => void) | undefined;
  wire?: HandleWire;
}

/** A libuv TCP or pipe handle. Numbers returned are 0 or a negative errno. */
export interface Handle {
  onread: (this: Handle, buffer: ArrayBuffer | undefined) => Uint8Array | undefined;
  wire?: HandleWire;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: Request, view: Uint8Array): number;
  shutdown(request: Request): number;
  close(done?: () => void): void;
  reset?(done?: () => void): number;
  setNoDelay?(isOn: boolean): number;
  connect(request: ConnectRequest, address: string, port?: number): number;
  connect6?(request: ConnectRequest, address: string, port: number): number;
  getpeername?(out: { address?: string; port?: number }): number;
  getsockname?(out: { address?: string; port?: number }): number;
}

const socketKind = 0;
/** libuv's end of file; same value on every platform (uv/errno.h). */
const endOfFile = -4095;

let internals: HandleInternals | undefined;

/** @returns undefined where this Node does not have them in the known shape */
export function findInternals(): HandleInternals | undefined {
  if (internals !== undefined) return internals;
  const binding: unknown = (process as unknown as { binding?: (name: string) => unknown }).binding;
  if (typeof binding !== 'function') return undefined;
  const tcp = binding.call(process, 'tcp_wrap') as Record<string, unknown>;
  const pipe = binding.call(process, 'pipe_wrap') as Record<string, unknown>;
  const stream = binding.call(process, 'stream_wrap') as Record<string, unknown>;
  const classes = { TCP: tcp['TCP'], TCPConnectWrap: tcp['TCPConnectWrap'], Pipe: pipe['Pipe'], PipeConnectWrap: pipe['PipeConnectWrap'], WriteWrap: stream['WriteWrap'], ShutdownWrap: stream['ShutdownWrap'] };
  const state = stream['streamBaseState'];
  const readBytesOrError = stream['kReadBytesOrError'];
  const lastWriteWasAsync = stream['kLastWriteWasAsync'];
  if (!Object.values(classes).every((value) => typeof value === 'function')) return undefined;
  if (!(state instanceof Int32Array) || typeof readBytesOrError !== 'number' || typeof lastWriteWasAsync !== 'number') return undefined;
  internals = { ...(classes as unknown as Omit<HandleInternals, 'state' | 'readBytesOrError' | 'lastWriteWasAsync'>), state, readBytesOrError, lastWriteWasAsync };
  return internals;
}

/** @see wire.ts for what each member promises */
export class HandleWire implements Wire {
  owner: WireOwner = nobody;
  private buffer: Uint8Array | undefined;
  /** the front of `buffer` as the last read filled it: requests and answers in a row often have one length */
  private view: Uint8Array | undefined;
  private pendingWrites = 0;
  private isReading = false;
  private isOver = false;
  private isClosing = false;
  private isShuttingDown = false;
  /** The write request of the next write: only a write that the kernel does not take at once uses it up. */
  private request: Request | undefined;

  constructor(private readonly handle: Handle, private readonly node: HandleInternals) {
    handle.wire = this;
    handle.onread = onRead;
    // Before there is a socket libuv keeps the wish and grants it when connecting makes one.
    handle.setNoDelay?.(true);
  }

  get isBlocked(): boolean {
    return 0 < this.pendingWrites;
  }

  startReading(): void {
    if (this.isReading || this.isOver) return;
    this.isReading = true;
    if (this.buffer === undefined) {
      this.buffer = this.owner.nextBuffer(0) ?? new Uint8Array(0x1000);
      this.handle.useUserBuffer(this.buffer);
    }
    const error = this.handle.readStart();
    if (error < 0) queueMicrotask(() => this.fail(error));
  }

  stopReading(): void {
    if (!this.isReading || this.isOver) return;
    this.isReading = false;
    this.handle.readStop();
  }

  write(view: Uint8Array): boolean {
    if (this.isOver) return true;
    const { node } = this;
    const request = (this.request ??= new node.WriteWrap());
    const error = this.handle.writeBuffer(request, view);
    if (error < 0) {
      queueMicrotask(() => this.fail(error));
      return true;
    }
    if (node.state[node.lastWriteWasAsync] === 0) return this.pendingWrites === 0;
    request.oncomplete = onWritten;
    request.wire = this;
    request.view = view;
    this.request = undefined;
    this.pendingWrites++;
    return false;
  }

  end(): void {
    if (this.isOver || this.isShuttingDown) return;
    const request = new this.node.ShutdownWrap();
    request.oncomplete = onShutdown;
    request.wire = this;
    this.isShuttingDown = true;
    // 1 = done at once; an error means that the peer is gone, which reading will tell.
    if (this.handle.shutdown(request) !== 0) this.isShuttingDown = false;
  }

  close(): void {
    if (this.isOver && !this.isClosing) return;
    this.isOver = true;
    this.isClosing = false;
    this.handle.close();
  }

  closeWhenSent(): boolean {
    if (this.isOver) return true;
    this.stopReading();
    this.isOver = true;
    if (this.pendingWrites === 0 && !this.isShuttingDown) {
      this.handle.close();
      return true;
    }
    this.isClosing = true;
    return false;
  }

  reset(): void {
    if (this.isOver && !this.isClosing) return;
    this.isOver = true;
    this.isClosing = false;
    // A shutdown under way makes libuv refuse the reset (uv_tcp_close_reset); then a plain close has to do.
    if (this.handle.reset === undefined || this.handle.reset() !== 0) this.handle.close();
  }

  get canReplaceBuffer(): boolean {
    // Windows has a read under way in the old memory at all times; elsewhere memory is used only inside one read.
    return process.platform !== 'win32' && !this.isOver && this.buffer !== undefined;
  }

  replaceBuffer(buffer: Uint8Array): void {
    this.buffer = buffer;
    this.handle.useUserBuffer(buffer);
  }

  remote(): Endpoint {
    const out: { address?: string; port?: number } = {};
    this.handle.getpeername?.(out);
    return out.address === undefined || out.port === undefined ? { path: '' } : { host: out.address, port: out.port };
  }

  local(): Endpoint {
    const out: { address?: string; port?: number } = {};
    this.handle.getsockname?.(out);
    return out.address === undefined || out.port === undefined ? { path: '' } : { host: out.address, port: out.port };
  }

  /** From libuv: bytes are in our buffer, or reading is over. @returns the memory for the next read when it is another */
  read(length: number): Uint8Array | undefined {
    if (this.isOver) return undefined;
    try {
      if (length <= 0) {
        if (length === endOfFile) {
          this.isReading = false;
          this.owner.ended();
        } else if (length < 0) {
          this.fail(length);
        }
        return undefined;
      }
      const buffer = this.buffer;
      if (buffer === undefined) return undefined;
      this.owner.bytes(length === buffer.length ? buffer : this.front(buffer, length));
      if (this.isOver) return undefined;
      const next = this.owner.nextBuffer(length);
      if (next !== undefined) this.buffer = next;
      return next;
    } catch (fault) {
      this.owner.faulted(fault);
      return undefined;
    }
  }

  private front(buffer: Uint8Array, length: number): Uint8Array {
    const { view } = this;
    if (view !== undefined && view.length === length && view.byteOffset === buffer.byteOffset && view.buffer === buffer.buffer) return view;
    return (this.view = buffer.subarray(0, length));
  }

  written(status: number): void {
    this.pendingWrites--;
    if (this.isOver) {
      this.finishClosing(status);
      return;
    }
    if (status < 0) {
      this.fail(status);
      return;
    }
    if (this.pendingWrites !== 0) return;
    try {
      this.owner.drained();
    } catch (fault) {
      this.owner.faulted(fault);
    }
  }

  shutDown(): void {
    this.isShuttingDown = false;
    if (this.isOver) this.finishClosing(0);
  }

  connected(status: number): void {
    if (this.isOver) return;
    if (status < 0) {
      this.fail(status);
      return;
    }
    try {
      this.owner.connected();
    } catch (fault) {
      this.owner.faulted(fault);
    }
  }

  fail(status: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.handle.close();
    try {
      this.owner.failed(getSystemErrorName(status));
    } catch (fault) {
      this.owner.faulted(fault);
    }
  }

  private finishClosing(status: number): void {
    if (!this.isClosing) return;
    if (0 <= status && (0 < this.pendingWrites || this.isShuttingDown)) return;
    this.isClosing = false;
    this.handle.close();
    this.owner.closed();
  }
}

function onRead(this: Handle): Uint8Array | undefined {
  const node = internals;
  if (node === undefined || this.wire === undefined) return undefined;
  return this.wire.read(node.state[node.readBytesOrError] ?? 0);
}

function onWritten(this: Request, status: number): void {
  this.wire?.written(status);
}

function onShutdown(this: Request): void {
  this.wire?.shutDown();
}

function onConnected(this: ConnectRequest, status: number): void {
  this.wire?.connected(status);
}

/** @returns a wire whose owner hears `connected` or `failed` later */
export function connectHandle(target: Target, node: HandleInternals): Wire {
  const isPath = 'path' in target;
  const handle = isPath ? new node.Pipe(socketKind) : new node.TCP(socketKind);
  const wire = new HandleWire(handle, node);
  const request = isPath ? new node.PipeConnectWrap() : new node.TCPConnectWrap();
  request.oncomplete = onConnected;
  request.wire = wire;
  let error: number;
  if (isPath) error = handle.connect(request, target.path);
  else if (target.ip.includes(':') && handle.connect6 !== undefined) error = handle.connect6(request, target.ip, target.port);
  else error = handle.connect(request, target.ip, target.port);
  if (error < 0) queueMicrotask(() => wire.fail(error));
  return wire;
}
