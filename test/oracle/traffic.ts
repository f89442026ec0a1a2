// Real clients speak to real servers through `port-prism run --record`, each protocol on a listener of its own, so that tshark can be told
// by port what it is.
import { writeFileSync } from 'node:fs';
import { createServer as createHttp2Server, connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { Prism } from '../integration/real/prism.js';
import { program, Scratch, succeed } from '../integration/real/programs.js';
import { startMariadb, startMosquitto, startNginx, startPostgres, startRedis, startVsftpd } from '../integration/real/servers.js';

/** One protocol: what it needs, where it listens, what is said. */
interface Traffic {
  /** listener, as comparisons name it */
  protocol: string;
  /** suite of scripts/debian.mjs whose programs it needs */
  needs?: string;
  /** @returns port of the server, and what the clients do at the port of the listener */
  start(scratch: Scratch): Promise<{ port: number; speak(port: number): Promise<void>; stop?(): void }>;
}

export interface Recording {
  file: string;
  ports: ReadonlyMap<string, number>;
}

/** Records what all of them say, one after the other. */
export async function recordTraffic(scratch: Scratch, wanted: readonly string[], tell: (text: string) => void): Promise<Recording> {
  const chosen = traffic.filter(({ protocol }) => wanted.includes(protocol));
  const started = [];
  for (const one of chosen) {
    tell(`${one.protocol}: the server starts`);
    // A scratch each: servers give folders away to accounts of their own.
    const own = new Scratch();
    started.push({ ...one, own, ...(await one.start(own)) });
  }
  const file = join(scratch.folder, 'oracle.pcapng');
  try {
    const prism = await Prism.start(scratch.folder, { listeners: started.map(({ protocol, port }) => ({ name: protocol, listen: '127.0.0.1:0', routes: [], default: `127.0.0.1:${port}` })) }, '--record', file);
    const ports = new Map<string, number>();
    for (const { protocol, speak } of started) {
      tell(`${protocol}: clients speak`);
      const port = await prism.portOf(protocol);
      ports.set(protocol, port);
      await speak(port);
    }
    const code = await prism.stop();
    if (code !== 0) throw new Error(`port-prism run ended with ${code}`);
    return { file, ports };
  } finally {
    for (const { own, stop } of started) {
      stop?.();
      await own.dispose();
    }
  }
}

export const traffic: readonly Traffic[] = [
  { protocol: 'http1', needs: 'nginx', start: startHttp1 },
  { protocol: 'http2', needs: 'nginx', start: startHttp2 },
  { protocol: 'grpc', start: startGrpc },
  { protocol: 'tls', needs: 'nginx', start: startTls },
  { protocol: 'redis', needs: 'redis', start: startRedisTraffic },
  { protocol: 'postgres', needs: 'postgresql', start: startPostgresTraffic },
  { protocol: 'mysql', needs: 'mariadb', start: startMysqlTraffic },
  { protocol: 'mqtt', needs: 'mosquitto', start: startMqttTraffic },
  { protocol: 'ftp', needs: 'vsftpd', start: startFtpTraffic },
];

const curl = (...args: string[]): Promise<string> => succeed(program('curl'), ['--silent', '--show-error', ...args]);

async function startHttp1(scratch: Scratch): ReturnType<Traffic['start']> {
  const { plain, root } = await startNginx(scratch);
  writeFileSync(join(root, 'page.html'), '<p>hello</p>\n');
  writeFileSync(join(root, 'list.json'), JSON.stringify(Array.from({ length: 2000 }, (_, index) => ({ sku: `A-${index}` }))));
  const body = join(scratch.folder, 'body.txt');
  writeFileSync(body, 'a line of the body\n'.repeat(5000));
  return {
    port: plain,
    speak: async (port) => {
      const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
      await curl(at('/who'), at('/page.html?x=1&y=a%20b'), at('/missing'));
      await curl('--head', at('/page.html'));
      await curl('--compressed', '--header', 'Host: shop.test', '--header', 'X-Empty:', '--header', 'Cookie: a=1; b=2', at('/list.json'));
      await curl('--range', '10-19', at('/list.json'));
      await curl('--upload-file', body, at('/up.txt'));
      await curl('--header', 'Transfer-Encoding: chunked', '--upload-file', body, at('/chunked.txt'));
      await curl('--request', 'DELETE', at('/up.txt'));
      await curl('--http1.0', at('/who'));
    },
  };
}

async function startHttp2(): ReturnType<Traffic['start']> {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    stream.respond({ ':status': path === '/missing' ? 404 : 200, 'content-type': 'text/plain', 'x-path': path }, path === '/missing' ? { endStream: true } : {});
    if (path !== '/missing') stream.end(`you asked for ${path}\n`.repeat(path === '/long' ? 5000 : 1));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => server.close(),
    speak: async (port) => {
      // One request each: curl 7.88 fails at the second of a connection without TLS.
      for (const path of ['/one', '/two?x=1']) await curl('--http2-prior-knowledge', `http://127.0.0.1:${port}${path}`);
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      const ask = (path: string, headers: Record<string, string> = {}): Promise<void> =>
        new Promise((resolve, reject) => {
          const stream = session.request({ ':path': path, ...headers });
          stream.on('error', reject).on('end', resolve).resume();
          stream.end();
        });
      await Promise.all([ask('/long'), ask('/missing'), ask('/three', { 'x-twice': 'same value' })]);
      await ask('/four', { 'x-twice': 'same value', cookie: 'a=1; b=2' });
      await new Promise<void>((resolve) => session.close(resolve));
    },
  };
}

/** Calls of each kind; messages are protobuf with one text, field 1. */
async function startGrpc(): ReturnType<Traffic['start']> {
  const same = (bytes: Buffer): Buffer => bytes;
  const method = (name: string, requestStream: boolean, responseStream: boolean): grpc.MethodDefinition<Buffer, Buffer> => ({
    path: `/demo.Echo/${name}`, requestStream, responseStream, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same,
  });
  const text = (words: string): Buffer => Buffer.concat([Buffer.from([0x0a, words.length]), Buffer.from(words)]);
  const service = { Say: method('Say', false, false), Count: method('Count', false, true), Fail: method('Fail', false, false) };
  const server = new grpc.Server();
  server.addService(service, {
    Say: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => done(null, call.request),
    Count: (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
      for (const words of ['one', 'two', 'three']) call.write(text(words));
      call.end();
    },
    Fail: (_call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => done({ code: grpc.status.NOT_FOUND, details: 'no such thing' }),
  });
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (fault, bound) => (fault === null ? resolve(bound) : reject(fault))));
  return {
    port,
    stop: () => server.forceShutdown(),
    speak: async (listener) => {
      const Client = grpc.makeGenericClientConstructor(service, 'Echo');
      const client = new Client(`127.0.0.1:${listener}`, grpc.credentials.createInsecure());
      const ask = (name: string, words: string): Promise<void> => new Promise((resolve) => void client.makeUnaryRequest(`/demo.Echo/${name}`, same, same, text(words), () => resolve()));
      await ask('Say', 'hello');
      await ask('Fail', 'anything');
      await new Promise((resolve) => client.makeServerStreamRequest('/demo.Echo/Count', same, same, text('to three')).on('data', () => {}).on('error', resolve).on('end', resolve));
      client.close();
    },
  };
}

async function startTls(scratch: Scratch): ReturnType<Traffic['start']> {
  const { secure, cert } = await startNginx(scratch);
  return {
    port: secure,
    speak: async (port) => {
      const to = ['--cacert', cert, '--connect-to', `shop.test:${port}:127.0.0.1:${port}`, `https://shop.test:${port}/who`];
      await curl(...to);
      await curl('--http1.1', '--tls-max', '1.2', ...to);
      await curl('--insecure', `https://127.0.0.1:${port}/who`);
    },
  };
}

async function startRedisTraffic(scratch: Scratch): ReturnType<Traffic['start']> {
  const redisPort = await startRedis(scratch);
  return {
    port: redisPort,
    speak: async (port) => {
      const ask = (...args: string[]): Promise<string> => succeed(program('redis-cli'), ['-h', '127.0.0.1', '-p', `${port}`, ...args]);
      await ask('SET', 'cart:ada', 'two words and "quotes"');
      await ask('GET', 'cart:ada');
      await ask('GET', 'nothing');
      await ask('INCR', 'counter');
      await ask('INCR', 'cart:ada');
      await ask('RPUSH', 'list', 'one', 'two', 'three');
      await ask('LRANGE', 'list', '0', '-1');
      await ask('EVAL', 'return {1, {2, "three"}, false}', '0');
      const words = (...list: string[]): string => `*${list.length}\r\n${list.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
      await succeed(program('redis-cli'), ['-h', '127.0.0.1', '-p', `${port}`, '--pipe'], { input: Array.from({ length: 200 }, (_, index) => words('SET', `key:${index}`, `${index}`)).join('') });
    },
  };
}

async function startPostgresTraffic(scratch: Scratch): ReturnType<Traffic['start']> {
  const { port: postgresPort } = await startPostgres(scratch);
  return {
    port: postgresPort,
    speak: async (port) => {
      const psql = (...commands: string[]): Promise<string> =>
        succeed(program('psql'), ['--no-psqlrc', ...commands.flatMap((command) => ['--command', command]), `hostaddr=127.0.0.1 port=${port} user=shop dbname=postgres sslmode=disable`]);
      await psql('CREATE TABLE orders (id int PRIMARY KEY, sku text)', "INSERT INTO orders VALUES (8812, 'A-11'), (8813, NULL)", 'SELECT id, sku FROM orders ORDER BY id');
      await psql('SELECT count(*) FROM generate_series(1, 1000)', 'BEGIN', 'COMMIT').catch(() => undefined);
      await psql('SELECT * FROM no_such_table').catch(() => undefined);
      await psql('COPY orders TO STDOUT', "DO $$ BEGIN RAISE NOTICE 'take care'; END $$", 'LISTEN news', "NOTIFY news, 'it is out'");
      await succeed(program('psql'), ['--no-psqlrc', '--command', 'COPY orders FROM STDIN', `hostaddr=127.0.0.1 port=${port} user=shop dbname=postgres sslmode=disable`], { input: '8814\tA-12\n8815\t\\N\n' });
      const client = new pg.Client({ host: '127.0.0.1', port, user: 'shop', database: 'postgres' });
      await client.connect();
      await client.query('SELECT sku FROM orders WHERE id = $1', [8812]);
      await client.query({ name: 'by-sku', text: 'SELECT id FROM orders WHERE sku = $1', values: ['A-11'] });
      await client.query({ name: 'by-sku', text: 'SELECT id FROM orders WHERE sku = $1', values: ['none'] });
      await client.query('SELECT 1 / $1::int', [0]).catch(() => undefined);
      await client.end();
    },
  };
}

async function startMysqlTraffic(scratch: Scratch): ReturnType<Traffic['start']> {
  const mariadbPort = await startMariadb(scratch);
  return {
    port: mariadbPort,
    speak: async (port) => {
      const statements = ['CREATE OR REPLACE TABLE orders (id INT PRIMARY KEY, sku TEXT)', "INSERT INTO orders VALUES (8812, 'A-11'), (8813, NULL)", 'SELECT id, sku FROM orders ORDER BY id'];
      await succeed(program('mariadb'), ['--no-defaults', '--protocol=tcp', '-h', '127.0.0.1', '-P', `${port}`, '-u', 'shop', '-ponly-a-test', '--skip-ssl', '-e', statements.join('; '), 'shop']);
      const client = await mysql.createConnection({ host: '127.0.0.1', port, user: 'shop', password: 'only-a-test', database: 'shop' });
      await client.query('SELECT sku FROM orders WHERE id = 8812');
      await client.execute('SELECT sku FROM orders WHERE id = ?', [8812]);
      await client.execute('SELECT sku FROM orders WHERE id = ?', [8813]);
      await client.query('SELECT * FROM no_such_table').catch(() => undefined);
      await client.ping();
      await client.end();
    },
  };
}

async function startMqttTraffic(scratch: Scratch): ReturnType<Traffic['start']> {
  const mosquittoPort = await startMosquitto(scratch);
  return {
    port: mosquittoPort,
    speak: async (port) => {
      for (const version of ['mqttv311', 'mqttv5']) {
        const at = ['-h', '127.0.0.1', '-p', `${port}`, '-V', version];
        for (const qos of ['0', '1', '2']) await succeed(program('mosquitto_pub'), [...at, '-q', qos, '-r', '-i', `publisher-${version}-${qos}`, '-t', `orders/${version}/${qos}`, '-m', `order of quality ${qos}`]);
        await succeed(program('mosquitto_sub'), [...at, '-q', '2', '-C', '3', '-W', '10', '-i', `subscriber-${version}`, '-t', `orders/${version}/+`]);
      }
    },
  };
}

async function startFtpTraffic(scratch: Scratch): ReturnType<Traffic['start']> {
  const { port: vsftpdPort, root } = await startVsftpd(scratch);
  writeFileSync(join(root, 'price-list.txt'), 'A-11 199.00\n');
  return {
    port: vsftpdPort,
    speak: async (port) => {
      const commands = 'user anonymous nobody@example.test\nbinary\npassive on\npwd\nls\nget price-list.txt\nget none.txt\nquote FEAT\nbye\n';
      await succeed(program('ftp'), ['-n', '-v', '127.0.0.1', `${port}`], { input: commands, cwd: scratch.folder });
    },
  };
}
