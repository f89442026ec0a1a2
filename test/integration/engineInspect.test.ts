// Inspecting with real sockets: silence, deadlines, clients that leave, many at once, programs, gRPC's wait for the server.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptySettings } from '../../src/core/engine/inspect.js';
import { ProcessResolver } from '../../src/core/ports/processResolver.js';
import { EngineBench, hears, hearsAll, listener, route, socketKinds, starts, to } from './support/engineBench.js';

/** A gRPC client's first words: preface and empty SETTINGS; then it waits for the server's. */
const http2Start = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from(emptySettings)]);
const settingsAck = Buffer.from('000000040100000000', 'hex');
/** HEADERS of a gRPC request, HPACK without Huffman: POST, http, path /a.B/C, content-type application/grpc */
const grpcHeaders = ((): Buffer => {
  const text = (name: string): Buffer => Buffer.concat([Buffer.of(name.length), Buffer.from(name)]);
  const block = Buffer.concat([Buffer.of(0x83, 0x86, 0x04), text('/a.B/C'), Buffer.of(0x0f, 0x10), text('application/grpc')]);
  return Buffer.concat([Buffer.from([0, 0, block.length, 1, 4, 0, 0, 0, 1]), block]);
})();

for (const { kind, sockets } of socketKinds) {
  suite(`inspecting over ${kind}`, () => {
    let bench: EngineBench;
    setup(async () => void (bench = await EngineBench.make(await sockets())));
    teardown(() => bench.close());

    const greeter = (greeting: string): Promise<number> => bench.server((socket) => socket.write(greeting));

    test('a client that says nothing takes the first silent route after the timeout', async () => {
      const port = await bench.port(
        listener({
          inspect: { timeoutMs: 50, maxBytes: 100 },
          routes: [route('ssh', starts('SSH-'), to(1)), route('quiet', { kind: 'silent' }, to(await greeter('mysql\n'))), route('later', { kind: 'silent' }, to(1))],
        }),
      );
      assert.equal(await hears(await bench.client(port), '\n'), 'mysql\n');
      await bench.feed.until(() => bench.feed.flows.get(1)?.route !== undefined);
      const facts = bench.feed.flows.get(1);
      assert.equal(facts?.route, 'quiet');
      assert.equal(facts?.trace?.decidedBy, 'deadline');
    });

    test('the default takes silence only when it says so', async () => {
      const fallback = to(await greeter('hello\n'));
      const port = await bench.port(listener({ inspect: { timeoutMs: 50, maxBytes: 100 }, routes: [route('ssh', starts('SSH-'), to(1))], fallback: { ...fallback, whenSilent: true } }));
      assert.equal(await hears(await bench.client(port), '\n'), 'hello\n');
    });

    test('a client that is silent far beyond the timeout and then speaks is routed by what it says', async () => {
      const port = await bench.port(
        listener({ inspect: { timeoutMs: 30, maxBytes: 100 }, routes: [route('web', starts('GET '), to(await bench.echo('web')))], fallback: { ...to(await bench.echo('default')), whenSilent: false } }),
      );
      const client = await bench.client(port);
      await bench.silence(200);
      assert.equal(bench.engine.status().liveFlows, 1, 'it still waits');
      client.write('GET /');
      assert.equal(await hears(client, 'GET /'), 'web:GET /');
    });

    test('half a first flight after a long silence still meets the deadline', async () => {
      const port = await bench.port(
        listener({ inspect: { timeoutMs: 30, maxBytes: 100 }, routes: [route('web', starts('GET '), to(1))], fallback: { ...to(await bench.echo('default')), whenSilent: false } }),
      );
      const client = await bench.client(port);
      await bench.silence(100);
      client.write('GE');
      assert.equal(await hears(client, 'GE'), 'default:GE');
    });

    test('the client ends in the middle of its first flight: what it said is judged, delivered and answered', async () => {
      const upstream = await bench.server(async (socket) => socket.end(`all of it: ${(await hearsAll(socket)).toString()}`));
      const port = await bench.port(listener({ inspect: { timeoutMs: 60_000, maxBytes: 100 }, routes: [route('long', starts('ABCDEFGH'), to(1))], fallback: { ...to(upstream), whenSilent: false } }));
      const client = await bench.client(port);
      client.end('ABC');
      assert.equal((await hearsAll(client)).toString(), 'all of it: ABC');
      assert.equal((await bench.feed.closed(1)).trace?.decidedBy, 'ended');
    });

    test('a client that leaves without a word, one that resets: told apart, nothing left behind', async () => {
      const port = await bench.port(listener({ inspect: { timeoutMs: 60_000, maxBytes: 100 }, routes: [route('ssh', starts('SSH-'), to(1))] }));
      (await bench.client(port)).end();
      assert.equal((await bench.feed.closed(1)).endReason, 'clientLeftWhileInspected');
      const rude = await bench.client(port);
      rude.write('SS');
      await bench.feed.until(() => bench.feed.totals.get(2)?.client === 2);
      rude.resetAndDestroy();
      assert.equal((await bench.feed.closed(2)).endReason, 'clientReset');
      assert.equal(bench.engine.status().liveFlows, 0);
    });

    test('500 connect and close at once; the listener then works as before', async function () {
      this.timeout(20_000);
      const port = await bench.port(listener({ routes: [route('a', starts('A'), to(await bench.echo()))] }));
      await Promise.all(Array.from({ length: 500 }, async () => (await bench.client(port)).destroy()));
      await bench.feed.until(() => [...bench.feed.flows.values()].filter((flow) => flow.closedAt !== undefined).length === 500);
      assert.equal(bench.engine.status().liveFlows, 0);
      const client = await bench.client(port);
      client.write('A!');
      assert.equal(await hears(client, '!'), 'A!');
    });

    test('500 clients wait in inspection while another one is served; each is served when it speaks', async function () {
      this.timeout(20_000);
      const port = await bench.port(listener({ inspect: { timeoutMs: 60_000, maxBytes: 100 }, routes: [route('a', starts('ABC'), to(await bench.echo()))] }));
      const waiting = await Promise.all(Array.from({ length: 500 }, () => bench.client(port)));
      for (const client of waiting) client.write('A');
      const other = await bench.client(port);
      other.write('ABC!');
      assert.equal(await hears(other, '!'), 'ABC!');
      const answers = waiting.map((client) => hears(client, '!'));
      for (const client of waiting) client.write('BC!');
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(['ABC!']));
    });

    test('a gRPC client that waits for the server\'s SETTINGS gets some, and the upstream never sees the acknowledgement', async () => {
      const heardBy = { grpc: Buffer.alloc(0) };
      const grpc = await bench.server((socket) => socket.on('data', (data: Buffer) => (heardBy.grpc = Buffer.concat([heardBy.grpc, data]))).on('end', () => socket.end('bye')));
      const port = await bench.port(
        listener({ inspect: { timeoutMs: 60_000, maxBytes: 16384 }, routes: [route('grpc', { kind: 'protocol', ids: ['grpc'] }, to(grpc)), route('h2', { kind: 'protocol', ids: ['http2'] }, to(1))] }),
      );
      const client = await bench.client(port);
      client.write(http2Start);
      const [settings] = (await once(client, 'data')) as [Buffer];
      assert.deepEqual(settings, Buffer.from(emptySettings));
      // The acknowledgement cut in two, as TCP may; then the request.
      client.write(settingsAck.subarray(0, 4));
      client.write(Buffer.concat([settingsAck.subarray(4), grpcHeaders]));
      client.end('rest');
      assert.equal((await hearsAll(client)).toString(), 'bye');
      assert.deepEqual(heardBy.grpc, Buffer.concat([http2Start, grpcHeaders, Buffer.from('rest')]));
      const facts = await bench.feed.closed(1);
      assert.equal(facts.route, 'grpc');
      assert.match(facts.notes.join(), /empty HTTP\/2 SETTINGS/);
    });

    test('a gRPC client that has heard the SETTINGS may take longer for its request than the timeout for first bytes', async () => {
      const grpc = await bench.server((socket) => socket.on('data', () => socket.end('bye')));
      const port = await bench.port(
        listener({ inspect: { timeoutMs: 30, maxBytes: 16384 }, routes: [route('grpc', { kind: 'protocol', ids: ['grpc'] }, to(grpc)), route('h2', { kind: 'protocol', ids: ['http2'] }, to(1)), route('quiet', { kind: 'silent' }, to(await greeter('time is up\n')))] }),
      );
      const client = await bench.client(port);
      client.write(http2Start);
      await once(client, 'data');
      // A client that came later and says nothing has used up the timeout: the first one has, too.
      assert.equal(await hears(await bench.client(port), '\n'), 'time is up\n');
      client.end(Buffer.concat([settingsAck, grpcHeaders]));
      assert.equal((await hearsAll(client)).toString(), 'bye');
      assert.equal((await bench.feed.closed(1)).route, 'grpc');
    });

    test('a route on the client\'s program decides at once, without a byte', async () => {
      await bench.close();
      const resolver = new ProcessResolver();
      bench = await EngineBench.make(await sockets(), { processes: resolver });
      const port = await bench.port(
        listener({ inspect: { timeoutMs: 60_000, maxBytes: 100 }, routes: [route('other', { kind: 'process', globs: ['mysql*'] }, to(1)), route('me', { kind: 'process', globs: ['node*', 'electron*'] }, to(await greeter('found\n')))] }),
      );
      const client: net.Socket = await bench.client(port);
      assert.equal(await hears(client, '\n'), 'found\n');
      await bench.feed.until(() => bench.feed.flows.get(1)?.process !== undefined);
      assert.equal(bench.feed.flows.get(1)?.process?.pid, process.pid);
      resolver.dispose();
    });

    test('for display, a program is looked up after the fact', async () => {
      await bench.close();
      const resolver = new ProcessResolver();
      bench = await EngineBench.make(await sockets(), { processes: resolver });
      const [address] = await bench.run([listener({ fallback: { ...to(await bench.echo()), whenSilent: true } })], { resolvesProcesses: true });
      assert.ok(address?.kind === 'tcp');
      await bench.client(address.port);
      await bench.feed.until(() => bench.feed.flows.get(1)?.process !== undefined);
      assert.equal(bench.feed.flows.get(1)?.process?.pid, process.pid);
      resolver.dispose();
    });

    test('for display, workers that share a port are told apart by the connection that each took', async () => {
      await bench.close();
      const resolver = new ProcessResolver();
      bench = await EngineBench.make(await sockets(), { processes: resolver });
      const script = [
        'const cluster = require("cluster"), net = require("net");',
        'if (cluster.isPrimary) cluster.fork().on("message", (port) => console.log(port));',
        'else { const s = net.createServer((c) => c.on("error", () => c.destroy()).write(process.pid + "\\n")).listen(0, "127.0.0.1", () => process.send(s.address().port)); process.on("disconnect", () => process.exit()); }',
      ].join('\n');
      const folder = mkdtempSync(join(tmpdir(), 'port-prism-workers-'));
      writeFileSync(join(folder, 'server.cjs'), script);
      const server = spawn(process.execPath, [join(folder, 'server.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [upstreamPort] = (await once(server.stdout, 'data')) as [Buffer];
      const [address] = await bench.run([listener({ fallback: { ...to(Number(String(upstreamPort))), whenSilent: true } })], { resolvesProcesses: true });
      assert.ok(address?.kind === 'tcp');
      const worker = Number(await hears(await bench.client(address.port), '\n'));
      assert.notEqual(worker, server.pid);
      await bench.feed.until(() => bench.feed.flows.get(1)?.upstreamProcess?.pid === worker);
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
      resolver.dispose();
    });

    test('for display, the program behind an upstream of this machine is found with the processes that started it, and shared by later flows', async () => {
      await bench.close();
      const resolver = new ProcessResolver();
      bench = await EngineBench.make(await sockets(), { processes: resolver });
      const server = spawn(process.execPath, ['-e', 'const s = require("net").createServer((c) => c.on("error", () => c.destroy()).resume()).listen(0, "127.0.0.1", () => console.log(s.address().port))'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [upstreamPort] = (await once(server.stdout, 'data')) as [Buffer];
      const [address] = await bench.run([listener({ fallback: { ...to(Number(String(upstreamPort))), whenSilent: true } })], { resolvesProcesses: true });
      assert.ok(address?.kind === 'tcp');
      for (const id of [1, 2]) {
        await bench.client(address.port);
        await bench.feed.until(() => bench.feed.flows.get(id)?.upstreamProcess !== undefined);
        assert.equal(bench.feed.flows.get(id)?.upstreamProcess?.pid, server.pid);
        assert.equal(bench.feed.flows.get(id)?.upstreamProcess?.ancestors?.[0], process.pid);
      }
      server.kill();
      await once(server, 'exit');
      resolver.dispose();
    });
  });
}
