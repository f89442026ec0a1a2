// The other side of a measurement, in a process of its own: bulk source and sink, a tiny web server, clients that hold or churn connections.
// The bench forks it and talks to it by messages (loadClient.ts); one process plays one part at a time.

import { connect, createServer, Socket, type Server } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { LoadAnswer, LoadCommand, LoadResult } from './loadClient.js';

// Large enough that the proxy, not the number of our system calls, sets the pace: measured, 1 MiB writes saturate least.
const writeBytes = 1024 * 1024;
const readBytes = 1024 * 1024;
// TCP needs a moment to open its windows; that is not what a transfer of some seconds is about.
const bulkWarmUpMs = 300;
// How many connections are being opened at once while thousands are set up.
const openingAtOnce = 64;

const requestKeepAlive = Buffer.from('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
const requestClose = Buffer.from('GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n');
const requestBulk = Buffer.from('PUT /bulk HTTP/1.1\r\nHost: bench\r\nContent-Length: 999999999999\r\n\r\n');
const replyKeepAlive = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nhello, prism!\n');
const replyClose = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\nhello, prism!\n');

const held: Socket[] = [];
let server: Server | undefined;
/** what the last connection that carried something has received */
let bulk: Received | undefined;

interface Received {
  totalBytes: number;
  /** since `startedAt` */
  bytes: number;
  /** when counting began, after the warm-up; 0 = not yet */
  startedAt: number;
  endedAt: number;
}

process.on('message', (command: LoadCommand) => {
  obey(command).then(
    (result) => answer({ result }),
    (fault: unknown) => answer({ error: fault instanceof Error ? fault.message : String(fault) }),
  );
});
process.on('disconnect', () => process.exit());

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

async function obey(command: LoadCommand): Promise<LoadResult> {
  switch (command.do) {
    case 'serveBulk': return listen((socket) => (command.sends ? sendBulk(socket, Infinity) : receiveBulk(adopt(socket))), !command.sends);
    case 'serveWeb': return listen(serveWeb, false);
    case 'bulk': return command.sends ? uploadBulk(command.port, command.seconds) : downloadBulk(command.port, command.seconds);
    case 'bulkReceived': return bulkResult();
    case 'requests': return churnRequests(command.port, command.connections, command.seconds);
    case 'connections': return churnConnections(command.port, command.connections, command.seconds);
    case 'hold': return holdConnections(command.port, command.connections);
    case 'release': return release();
  }
}

function listen(serve: (socket: Socket) => void, pauseOnConnect: boolean): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    server = createServer({ noDelay: true, pauseOnConnect, allowHalfOpen: true }, serve);
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server?.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0 });
    });
  });
}

// ---- bulk ------------------------------------------------------------------------------------------------------

/** Accepted sockets take no `onread`; a sink that allocates per read would be what is measured. `handle` is not in Node's documentation. */
function adopt(accepted: Socket): Socket {
  const bearer = accepted as unknown as { _handle: unknown };
  const handle = bearer._handle;
  bearer._handle = null;
  return new Socket({ handle, allowHalfOpen: true, readable: true, writable: true, onread: countingReader() } as ConstructorParameters<typeof Socket>[0]);
}

function countingReader(): { buffer: Buffer; callback(bytes: number): boolean } {
  const mine: Received = { totalBytes: 0, bytes: 0, startedAt: 0, endedAt: 0 };
  let firstAt = 0;
  return {
    buffer: Buffer.allocUnsafe(readBytes),
    callback(bytes) {
      const now = performance.now();
      mine.totalBytes += bytes;
      if (firstAt === 0) {
        firstAt = now;
        bulk = mine;
      }
      if (mine.startedAt !== 0) mine.bytes += bytes;
      else if (bulkWarmUpMs <= now - firstAt) mine.startedAt = now;
      mine.endedAt = now;
      return true;
    },
  };
}

function bulkResult(): LoadResult {
  const received = bulk;
  bulk = undefined;
  if (received === undefined || received.startedAt === 0) throw new Error('nothing was received');
  return { totalBytes: received.totalBytes, bytesPerSecond: received.bytes / ((received.endedAt - received.startedAt) / 1000) };
}

function receiveBulk(socket: Socket): void {
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
  socket.resume();
}

/** Writes until `seconds` have passed or the other side leaves. */
function sendBulk(socket: Socket, seconds: number): void {
  const block = Buffer.alloc(writeBytes, 'prism');
  const until = performance.now() + seconds * 1000;
  const write = (): void => {
    while (!socket.destroyed && performance.now() < until) {
      if (socket.write(block)) continue;
      socket.once('drain', write);
      return;
    }
    if (!socket.destroyed) socket.end();
  };
  socket.on('error', () => socket.destroy());
  if (seconds === Infinity) socket.once('data', write);
  else write();
}

async function uploadBulk(port: number, seconds: number): Promise<LoadResult> {
  const socket = await open(port);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();
  socket.write(requestBulk);
  sendBulk(socket, seconds);
  await closed;
  return {};
}

async function downloadBulk(port: number, seconds: number): Promise<LoadResult> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: countingReader() });
  await connected(socket);
  socket.write(requestKeepAlive);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const result = bulkResult();
  socket.resetAndDestroy();
  return result;
}

// ---- web -------------------------------------------------------------------------------------------------------

function serveWeb(socket: Socket): void {
  socket.on('data', (bytes: Buffer) => {
    // Requests come one at a time and whole: they are a few dozen bytes from our own clients, or from wrk.
    if (bytes.includes('Connection: close')) socket.end(replyClose);
    else socket.write(replyKeepAlive);
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
}

async function churnRequests(port: number, connections: number, seconds: number): Promise<LoadResult> {
  const sockets = await openMany(port, connections);
  const latencies: number[] = [];
  let errors = 0;
  let replyLength = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => {
    let sentAt = 0;
    let received = 0;
    const ask = (): void => {
      sentAt = performance.now();
      received = 0;
      socket.write(requestKeepAlive);
    };
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      // The first reply tells the length of all: the server says the same every time.
      if (replyLength === 0) replyLength = wholeReplyLength(bytes);
      if (received < replyLength) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (now < until) ask();
      else resolve(void socket.end());
    });
    socket.on('error', () => {
      errors++;
      resolve();
    });
    ask();
  })));
  latencies.sort((a, b) => a - b);
  const elapsed = (performance.now() - startedAt) / 1000;
  return { perSecond: latencies.length / elapsed, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), errors };
}

function wholeReplyLength(bytes: Buffer): number {
  const text = bytes.toString('latin1');
  const head = text.indexOf('\r\n\r\n');
  const body = /content-length: (\d+)/i.exec(text)?.[1];
  if (head < 0 || body === undefined) throw new Error('the reply of the web server is not understood');
  return head + 4 + Number(body);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function churnConnections(port: number, concurrency: number, seconds: number): Promise<LoadResult> {
  let done = 0;
  let errors = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const one = (): Promise<void> => new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(requestClose));
    let received = 0;
    socket.on('data', (bytes: Buffer) => (received += bytes.length));
    socket.on('error', () => errors++);
    socket.on('close', () => {
      if (0 < received) done++;
      resolve();
    });
  });
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (performance.now() < until) await one();
  }));
  return { perSecond: done / ((performance.now() - startedAt) / 1000), errors };
}

// ---- held connections ------------------------------------------------------------------------------------------

/** Opens connections, lets each ask and hear one reply, and keeps them. */
async function holdConnections(port: number, connections: number): Promise<LoadResult> {
  let left = connections;
  await Promise.all(Array.from({ length: openingAtOnce }, async () => {
    while (0 < left) {
      left--;
      const socket = await open(port);
      held.push(socket);
      const heard = new Promise<void>((resolve, reject) => {
        socket.once('data', () => resolve());
        socket.once('close', () => reject(new Error('a held connection was closed')));
      });
      socket.write(requestKeepAlive);
      await heard;
      socket.removeAllListeners('close');
    }
  }));
  return {};
}

function release(): LoadResult {
  for (const socket of held) socket.destroy();
  held.length = 0;
  return {};
}

async function openMany(port: number, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => open(port)));
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  await connected(socket);
  return socket;
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve();
    });
    socket.once('error', reject);
  });
}
