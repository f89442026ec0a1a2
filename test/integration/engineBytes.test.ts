// Bytes are sacred: all of them, in order, exactly, however large, small or slow the conversation is.

import assert from 'node:assert/strict';
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import { CaptureStore } from '../../src/core/capture/store.js';
import { EngineBench, hears, hearsAll, listener, route, socketKinds, starts, to } from './support/engineBench.js';

const megabyte = 1 << 20;

/** Pseudo-random bytes that differ at every offset; equal for equal seeds. */
function* pieces(seed: number, total: number): Iterable<Buffer> {
  let state = seed;
  for (let sent = 0; sent < total; ) {
    const piece = Buffer.allocUnsafe(Math.min(total - sent, 60_000 + (state % 200_000)));
    for (let at = 0; at + 4 <= piece.length; at += 4) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      piece.writeUInt32LE(state, at);
    }
    piece.fill(state & 0xff, piece.length & ~3);
    sent += piece.length;
    yield piece;
  }
}

/** Says `total` bytes as fast as the socket takes them, then FIN. @returns their checksum */
async function sayMuch(socket: net.Socket, seed: number, total: number): Promise<string> {
  const hash = createHash('sha1');
  for (const piece of pieces(seed, total)) {
    hash.update(piece);
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  socket.end();
  return hash.digest('hex');
}

/** @returns checksum of everything until FIN */
async function hearMuch(socket: net.Socket): Promise<string> {
  const hash: Hash = createHash('sha1');
  socket.on('data', (data: Buffer) => hash.update(data)).resume();
  await once(socket, 'end');
  return hash.digest('hex');
}

function checksum(seed: number, total: number): string {
  const hash = createHash('sha1');
  for (const piece of pieces(seed, total)) hash.update(piece);
  return hash.digest('hex');
}

/** As hearMuch; a slow one stops after every piece until the loop has gone round a few times. */
async function hearSlowly(socket: net.Socket, isSlow: boolean): Promise<string> {
  if (!isSlow) return hearMuch(socket);
  const hash = createHash('sha1');
  socket.on('data', (data: Buffer) => {
    hash.update(data);
    socket.pause();
    setImmediate(() => setImmediate(() => socket.resume()));
  });
  socket.resume();
  await once(socket, 'end');
  return hash.digest('hex');
}

for (const { kind, sockets } of socketKinds) {
  suite(`bytes over ${kind}`, () => {
    let bench: EngineBench;
    setup(async () => void (bench = await EngineBench.make(await sockets())));
    teardown(() => bench.close());

    test('100 MB each way at the same time arrive exactly, recorded in a ring of 8 MB', async function () {
      this.timeout(60_000);
      const total = 100 * megabyte;
      const said: Promise<string>[] = [];
      const heard: Promise<string>[] = [];
      const upstream = await bench.server((socket) => {
        heard.push(hearMuch(socket));
        said.push(sayMuch(socket, 2, total));
      });
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      const client = await bench.client(port);
      const [sent, received] = await Promise.all([sayMuch(client, 1, total), hearMuch(client)]);
      assert.equal(await heard[0], sent, 'what the client said is what the upstream heard');
      assert.equal(received, await said[0], 'what the upstream said is what the client heard');
      await bench.feed.closed(1);
      assert.deepEqual(bench.feed.totals.get(1), { client: total, upstream: total });
      const told = bench.feed.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      assert.equal(told, 2 * total, 'every byte is told to lens, kept or not');
    });

    test('80 conversations at once, of all sizes, some reading slowly: every byte where it belongs', async function () {
      this.timeout(60_000);
      const sizes = [0, 1, 100, 4096, 5000, 65_536, 70_000, 300_000, megabyte, 3 * megabyte];
      const tellHeard = new Map<string, (sum: string) => void>();
      const upstream = await bench.server(async (socket) => {
        const [first] = (await once(socket, 'data')) as [Buffer];
        const [, id = '', back = ''] = /^(\w+) (\d+)\n/.exec(first.toString('latin1')) ?? [];
        socket.pause();
        socket.unshift(first.subarray(id.length + back.length + 2));
        const heard = hearSlowly(socket, id.charCodeAt(0) % 3 === 0);
        void sayMuch(socket, Number(back) + 7, Number(back));
        tellHeard.get(id)?.(await heard);
      });
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      await Promise.all(
        Array.from({ length: 80 }, async (_, index) => {
          const [forth = 0, back = 0] = [sizes[index % sizes.length], sizes[(index * 7 + 3) % sizes.length]];
          const id = `${String.fromCharCode(97 + (index % 26))}${index}`;
          const upstreamHeard = new Promise<string>((resolve) => tellHeard.set(id, resolve));
          const client = await bench.client(port);
          client.write(`${id} ${back}\n`);
          const heard = hearSlowly(client, index % 4 === 0);
          const sent = await sayMuch(client, index, forth);
          assert.equal(await heard, checksum(back + 7, back), `${id} heard ${back} bytes`);
          assert.equal(await upstreamHeard, sent, `${id} said ${forth} bytes`);
        }),
      );
    });

    test('a fault in the capture costs a note; the bytes go on', async () => {
      const append = CaptureStore.prototype.append;
      CaptureStore.prototype.append = () => {
        throw new Error('the ring is broken');
      };
      try {
        const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(await bench.echo()))] }));
        const client = await bench.client(port);
        client.end('all the same');
        assert.equal((await hearsAll(client)).toString(), 'all the same');
        const facts = await bench.feed.closed(1);
        assert.match(facts.notes.join(), /nothing of this connection is recorded/);
        assert.ok(bench.logs.some((entry) => entry.level === 'error' && entry.message.includes('the ring is broken')));
      } finally {
        CaptureStore.prototype.append = append;
      }
    });

    test('the newest bytes can be read back from the ring, the oldest cannot', async function () {
      this.timeout(30_000);
      const upstream = await bench.server((socket) => socket.resume().on('end', () => socket.end()));
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      const client = await bench.client(port);
      client.resume();
      const all = Buffer.concat([...pieces(5, 20 * megabyte)]);
      client.end(all);
      await bench.feed.closed(1);
      let offset = 0;
      let kept = 0;
      for (const chunk of bench.feed.chunks) {
        const into = Buffer.alloc(chunk.length);
        if (bench.feed.reader?.read(chunk.position, chunk.length, into) === true) {
          kept += chunk.length;
          assert.ok(into.equals(all.subarray(offset, offset + chunk.length)), `bytes from ${offset} are the ones sent`);
        }
        offset += chunk.length;
      }
      assert.equal(offset, all.length);
      assert.ok(2 * megabyte < kept && kept <= 8 * megabyte, `kept ${kept}`);
    });

    test('a slow reader: what waits inside stays bounded, and all arrives once it reads', async function () {
      this.timeout(60_000);
      const total = 96 * megabyte;
      let slow: net.Socket | undefined;
      const upstream = await bench.server((socket) => {
        slow = socket;
        socket.pause();
      });
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      const client = await bench.client(port);
      const sent = sayMuch(client, 3, total);
      const now = await bench.settledBytes();
      // What the engine has read has gone to kernel buffers (a few MB at most, tcp_wmem and tcp_rmem), save one read.
      assert.ok(now < 24 * megabyte, `read ${now} bytes for a reader that took none`);
      assert.ok(slow);
      const heard = hearMuch(slow);
      assert.equal(await heard, await sent);
    });

    test('one byte at a time, 5,000 of them, arrive in order', async () => {
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(await bench.echo()))] }));
      const client = await bench.client(port);
      const said = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
      const heard = hearsAll(client);
      for (const byte of said) if (!client.write(Buffer.of(byte))) await once(client, 'drain');
      client.end();
      assert.ok((await heard).equals(said));
    });

    test('1 MB of junk while nothing is decided goes to the default whole', async () => {
      const junk = Buffer.alloc(megabyte, 'junk ');
      const port = await bench.port(listener({ inspect: { timeoutMs: 10_000, maxBytes: 4096 }, routes: [route('never', { kind: 'payload', offset: 5000, hex: ['00'] }, to(1))], fallback: { ...to(await bench.echo()), whenSilent: false } }));
      const client = await bench.client(port);
      const heard = hearsAll(client);
      client.end(junk);
      assert.ok((await heard).equals(junk));
      assert.equal((await bench.feed.closed(1)).trace?.decidedBy, 'maxBytes');
    });

    test('1 MB of junk without a default is closed, with the reason', async () => {
      const port = await bench.port(listener({ routes: [route('ssh', starts('SSH-'), to(1))] }));
      const client = await bench.client(port);
      client.on('error', () => undefined);
      client.write(Buffer.alloc(megabyte, 'junk '));
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'noRoute');
      assert.match(facts.endDetail ?? '', /no route takes it/i);
    });

    test('the first flight is replayed once, in order, before what was said while the upstream was slow to accept', async () => {
      const real = await sockets();
      await bench.close();
      // The connection to the upstream begins late, as it does over a slow network.
      const slow = { ...real, connect: (target: Parameters<typeof real.connect>[0]) => delayed(() => real.connect(target)) };
      bench = await EngineBench.make(slow);
      const echo = await bench.echo();
      const port = await bench.port(listener({ routes: [route('a', starts('first'), to(echo))] }));
      const client = await bench.client(port);
      client.write('first ');
      await bench.feed.until(() => bench.feed.totals.get(1)?.client === 6);
      client.write('second ');
      await bench.feed.until(() => bench.feed.totals.get(1)?.client === 13);
      client.end('third');
      assert.equal((await hearsAll(client)).toString(), 'first second third');
    });

    test('a listener that says nothing about content passes a greeting to a client that waits for it', async () => {
      const port = await bench.port(listener({ routes: [], fallback: { ...to(await bench.server((socket) => socket.write('220 ready\r\n'))), whenSilent: true } }));
      assert.equal(await hears(await bench.client(port), '\n'), '220 ready\r\n');
    });
  });
}

/** A wire that starts to connect 60 ms late. */
function delayed<W extends import('../../src/core/engine/wire.js').Wire>(make: () => W): W {
  let wire: W | undefined;
  let owner: W['owner'] | undefined;
  const early: (keyof W)[] = [];
  const proxy = new Proxy({} as W, {
    get: (_, name) => {
      if (wire !== undefined) {
        const value: unknown = Reflect.get(wire, name);
        return typeof value === 'function' ? value.bind(wire) : value;
      }
      if (name === 'owner') return owner;
      if (name === 'isBlocked') return false;
      return () => void early.push(name as keyof W);
    },
    set: (_, name, value) => {
      if (wire !== undefined) return Reflect.set(wire, name, value);
      if (name === 'owner') owner = value as W['owner'];
      return true;
    },
  });
  setTimeout(() => {
    wire = make();
    if (owner !== undefined) wire.owner = owner;
  }, 60);
  return proxy;
}
