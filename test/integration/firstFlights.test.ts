// What real clients say first, as a listener's inspection reads it: TLS, HTTP/2, and a gRPC client that waits for its server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { compileListener, emptySettings, h2AckFilter, inspect, type Outcome } from '../../src/core/engine/inspect.js';
import { firstRequest } from '../../src/core/protocols/http2Head.js';
import { clientHello } from '../../src/core/protocols/tlsHello.js';
import type { Condition } from '../../src/shared/rules.js';
import { joined, listener } from '../unit/samples.js';

interface Heard {
  port: number;
  close(): Promise<void>;
}

/** Listens, and hands everything one client has said so far to `onBytes`, with the socket to answer on. */
async function hear(onBytes: (all: Uint8Array, socket: Socket, chunk: Uint8Array) => void): Promise<Heard> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let all: Uint8Array = new Uint8Array(0);
    socket.on('error', () => undefined); // the clients are torn down at will
    socket.on('data', (chunk) => {
      const copy = Uint8Array.from(chunk);
      all = joined(all, copy);
      onBytes(all, socket, copy);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

suite('first flights of real clients', () => {
  test('Node’s TLS client: name and protocols, and nothing else from any cut', async () => {
    let tell: (bytes: Uint8Array) => void = () => undefined;
    const isThere = new Promise<Uint8Array>((resolve) => (tell = resolve));
    const heard = await hear((all) => {
      if (clientHello(all)?.isComplete === true) tell(all);
    });
    const client = connectTls({ port: heard.port, host: '127.0.0.1', servername: 'deep.name.test', ALPNProtocols: ['h2', 'postgresql'] });
    client.on('error', () => undefined);
    try {
      const bytes = await isThere;
      assert.deepEqual(clientHello(bytes), { sni: 'deep.name.test', alpn: ['h2', 'postgresql'], isComplete: true });
      for (let length = 0; length < bytes.length; length++) {
        const part = clientHello(bytes.slice(0, length));
        assert.ok(part !== undefined && (part.sni === undefined || part.sni === 'deep.name.test'), `after ${length} bytes`);
      }
    } finally {
      client.destroy();
      await heard.close();
    }
  });

  test('Node’s HTTP/2 client: every printable character of a header comes through its compression', async () => {
    let tell: (bytes: Uint8Array) => void = () => undefined;
    const isThere = new Promise<Uint8Array>((resolve) => (tell = resolve));
    const heard = await hear((all) => {
      if (typeof firstRequest(all) !== 'string') tell(all);
    });
    const client = connectHttp2(`http://127.0.0.1:${heard.port}`);
    client.on('error', () => undefined);
    const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('').trim();
    const request = client.request({ ':method': 'POST', ':path': '/pkg.Service/Method', 'x-all': printable, 'x-long': 'abc'.repeat(300) });
    request.on('error', () => undefined);
    try {
      const fields = firstRequest(await isThere);
      assert.ok(typeof fields !== 'string');
      const values = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
      assert.deepEqual([values[':authority'], values[':path'], values['x-all'], values['x-long']], [`127.0.0.1:${heard.port}`, '/pkg.Service/Method', printable, 'abc'.repeat(300)]);
    } finally {
      client.destroy();
      await heard.close();
    }
  });

  test('grpc-js waits for SETTINGS, goes on when it gets empty ones, and is then known as gRPC', async () => {
    const routes: Condition[] = [{ kind: 'protocol', ids: ['grpc'] }, { kind: 'protocol', ids: ['http2'] }];
    const list = compileListener(listener(routes));
    const facts = { remote: '127.0.0.1', process: null, isSilent: false };
    const seen: string[] = [];
    const filter = h2AckFilter();
    const passed: Uint8Array[] = [];
    let finish: (outcome: Outcome) => void = () => undefined;
    const decided = new Promise<Outcome>((resolve) => (finish = resolve));
    const heard = await hear((all, socket, chunk) => {
      passed.push(...filter.push(chunk));
      const outcome = inspect(list, all, { ended: false, isFinal: false, facts });
      if (outcome.kind !== 'undecided') return finish(outcome);
      if (outcome.waitsForServerSettings && !seen.includes('asked')) {
        seen.push('asked');
        socket.write(emptySettings);
      }
    });
    const Client = makeGenericClientConstructor({ call: { path: '/pkg.Service/Method', requestStream: false, responseStream: false, requestSerialize: (value: Buffer) => value, requestDeserialize: (value) => value, responseSerialize: (value: Buffer) => value, responseDeserialize: (value) => value } }, 'Service');
    const client = new Client(`127.0.0.1:${heard.port}`, credentials.createInsecure());
    client['call']?.(Buffer.from('x'), () => undefined);
    try {
      const outcome = await decided;
      assert.deepEqual(seen, ['asked']);
      assert.equal(outcome.kind === 'route' && outcome.route, 0);
      assert.equal(filter.isDone, true, 'the acknowledgement of our SETTINGS was taken out');
      assert.equal(typeof firstRequest(joined(...passed)), 'object', 'what is passed on is still a request');
    } finally {
      client.close();
      await heard.close();
    }
  });
});
