// Seven real servers behind one port, each reached by its own real client: what the whole thing is for.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { missingServers } from '../../scripts/debian.mjs';
import { Prism } from './real/prism.js';
import { client, freePort, isCI, program, Scratch, succeed } from './real/programs.js';
import { startMariadb, startMosquitto, startNginx, startPostgres, startRedis, startSshd, startVsftpd } from './real/servers.js';

const missing = new Map(missingServers().map(({ name, missing: programs }) => [name, programs.join(', ')]));

/** Defines a suite of one server. What is not installed is left out, and named at the end of `npm test`; in CI it fails. */
function serverSuite(name: string, define: () => void): void {
  const lacks = missing.get(name);
  suite(name, () => {
    if (lacks === undefined) define();
    else if (isCI) test('is installed', () => assert.fail(`${lacks} not installed`));
  });
}

suite('real servers behind one port', () => {
  const scratches: Scratch[] = [];
  let prism: Prism;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let sshd: Awaited<ReturnType<typeof startSshd>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let vsftpd: Awaited<ReturnType<typeof startVsftpd>>;
  const routes: unknown[] = [];

  const scratch = (): Scratch => {
    const made = new Scratch();
    scratches.push(made);
    return made;
  };
  /** Starts a server when it is installed, and gives it its route. */
  const serve = async <T>(name: string, start: (place: Scratch) => Promise<T>, routesTo: (started: T) => unknown[]): Promise<T | undefined> => {
    if (missing.has(name)) return undefined;
    const started = await start(scratch());
    routes.push(...routesTo(started));
    return started;
  };

  suiteSetup(async function () {
    this.timeout(120_000);
    nginx = (await serve('nginx', startNginx, ({ plain, secure }) => [
      { name: 'web', match: { protocol: 'http', http: { host: 'shop.test*' } }, to: `${plain}` },
      { name: 'tls', match: { tls: { sni: 'shop.test' } }, to: `${secure}` },
    ]))!;
    await serve('redis', startRedis, (port) => [{ name: 'cache', match: { protocol: 'redis' }, to: `${port}` }]);
    sshd = (await serve('openssh', startSshd, ({ port }) => [{ name: 'ssh', match: { protocol: 'ssh' }, to: `${port}` }]))!;
    postgres = (await serve('postgresql', startPostgres, ({ port }) => [{ name: 'db', match: { protocol: 'postgres' }, to: `${port}` }]))!;
    await serve('mosquitto', startMosquitto, (port) => [{ name: 'events', match: { protocol: 'mqtt' }, to: `${port}` }]);
    await serve('mariadb', startMariadb, (port) => [{ name: 'mysql', match: { process: ['mysql', 'mariadb'] }, to: `${port}` }]);
    vsftpd = (await serve('vsftpd', startVsftpd, ({ port }) => [{ name: 'ftp', match: { silent: true }, to: `${port}` }]))!;
    // The usual 300 ms are enough for every client here, unless the machine keeps one from running between connecting and speaking.
    prism = await Prism.start(scratch().folder, { listeners: [{ name: 'one', listen: '127.0.0.1:0', inspect: { timeoutMs: 1500 }, routes }] });
  });

  suiteTeardown(async function () {
    this.timeout(60_000);
    await prism?.stop();
    await Promise.all(scratches.map((place) => place.dispose()));
  });

  serverSuite('nginx', () => {
    const shop = (): string => `shop.test:${prism.port}`;
    const curl = (...args: string[]): Promise<string> => succeed(program('curl'), ['--silent', '--show-error', '--fail', '--connect-to', `shop.test:${prism.port}:127.0.0.1:${prism.port}`, ...args]);

    test('curl reads a page', async () => {
      const { result, classified } = await prism.during('web', () => curl(`http://${shop()}/who`));
      assert.equal(result, 'shop.test http HTTP/1.1\n');
      assert.equal(classified['protocol'], 'http1');
    });

    test('curl sends two requests over one connection', async () => {
      const { result } = await prism.during('web', () => curl('--write-out', '%{num_connects} ', `http://${shop()}/who`, `http://${shop()}/who`));
      assert.equal(result, 'shop.test http HTTP/1.1\n1 shop.test http HTTP/1.1\n0 ');
    });

    test('curl checks the certificate over TLS and speaks HTTP/2 inside', async () => {
      const { result, classified } = await prism.during('tls', () => curl('--cacert', nginx.cert, '--http2', `https://${shop()}/who`));
      assert.equal(result, 'shop.test https HTTP/2.0\n');
      assert.equal(classified['protocol'], 'tls');
    });

    test('100 MB come down as they are', async function () {
      this.timeout(60_000);
      const bytes = randomBytes(100_000_000);
      writeFileSync(join(nginx.root, 'big.bin'), bytes);
      const target = join(scratch().folder, 'down.bin');
      await prism.during('web', () => curl('--output', target, `http://${shop()}/big.bin`));
      assert.equal(sha256(readFileSync(target)), sha256(bytes));
    });

    test('100 MB go up as they are', async function () {
      this.timeout(60_000);
      const source = join(scratch().folder, 'up.bin');
      const bytes = randomBytes(100_000_000);
      writeFileSync(source, bytes);
      await prism.during('web', () => curl('--upload-file', source, `http://${shop()}/up.bin`));
      assert.equal(sha256(readFileSync(join(nginx.root, 'up.bin'))), sha256(bytes));
    });

    test('a name that no route knows is refused, and the next connection works', async () => {
      const since = prism.events.length;
      const refused = await client(program('curl'), ['--silent', '--show-error', '--header', 'Host: elsewhere.test', `http://127.0.0.1:${prism.port}/who`]);
      assert.notEqual(refused.code, 0);
      const closed = await prism.next((event) => event.event === 'flow.closed', since);
      assert.match(JSON.stringify(closed), /noRoute/);
      assert.equal(await curl(`http://${shop()}/who`), 'shop.test http HTTP/1.1\n');
    });
  });

  serverSuite('redis', () => {
    const redis = (...args: string[]): Promise<string> => succeed(program('redis-cli'), ['-h', '127.0.0.1', '-p', `${prism.port}`, ...args]);

    test('redis-cli writes and reads', async () => {
      const { result, classified } = await prism.during('cache', () => redis('SET', 'cart:ada', 'A-11'));
      assert.equal(result, 'OK\n');
      assert.equal(classified['protocol'], 'redis');
      assert.equal(await redis('GET', 'cart:ada'), 'A-11\n');
    });

    test('redis-cli in RESP3', async () => {
      const { result } = await prism.during('cache', async () => {
        await redis('-3', 'HSET', 'order:1', 'sku', 'A-11');
        return redis('-3', 'HGETALL', 'order:1');
      });
      assert.match(result, /sku\nA-11|sku A-11/);
    });

    test('1,000 commands in one go are all answered', async () => {
      const words = (...list: string[]): string => `*${list.length}\r\n${list.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
      const input = Array.from({ length: 1000 }, (_, index) => words('SET', `key:${index}`, `${index}`)).join('');
      const { result } = await prism.during('cache', () => succeed(program('redis-cli'), ['-h', '127.0.0.1', '-p', `${prism.port}`, '--pipe'], { input }));
      assert.match(result, /errors: 0, replies: 1000/);
    });
  });

  serverSuite('openssh', () => {
    const ssh = (command: string, input: string | Buffer = ''): Promise<string> => succeed(program('ssh'), [
      '-F', '/dev/null', '-p', `${prism.port}`, '-i', sshd.key, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR',
      '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', `${sshd.user}@127.0.0.1`, command,
    ], { input });

    test('ssh runs a command', async () => {
      const { result, classified } = await prism.during('ssh', () => ssh('echo over the prism'));
      assert.equal(result, 'over the prism\n');
      assert.equal(classified['protocol'], 'ssh');
    });

    test('20 MB go in and come back through one session', async function () {
      this.timeout(60_000);
      const bytes = randomBytes(20_000_000);
      const { result } = await prism.during('ssh', () => ssh('sha256sum', bytes));
      assert.equal(result.split(' ')[0], sha256(bytes));
    });
  });

  serverSuite('postgresql', () => {
    const psql = (mode: string, ...more: string[]): Promise<string> => succeed(program('psql'), [
      '--no-psqlrc', '--tuples-only', '--no-align', '--command', 'SELECT count(*), (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) FROM generate_series(1, 1000)',
      `host=localhost hostaddr=127.0.0.1 port=${prism.port} user=shop dbname=postgres sslmode=${mode} ${more.join(' ')}`,
    ]);
    const modes: [string, 't' | 'f'][] = [['disable', 'f'], ['allow', 'f'], ['prefer', 't'], ['require', 't'], ['verify-ca', 't'], ['verify-full', 't']];
    for (const [mode, isEncrypted] of modes) {
      test(`psql with sslmode=${mode}`, async () => {
        const roots = mode.startsWith('verify') ? [`sslrootcert=${postgres.cert}`] : [];
        const { result, classified } = await prism.during('db', () => psql(mode, ...roots));
        assert.equal(result, `1000|${isEncrypted}\n`);
        assert.equal(classified['protocol'], 'postgres');
      });
    }
  });

  serverSuite('mosquitto', () => {
    const at = (): string[] => ['-h', '127.0.0.1', '-p', `${prism.port}`];
    for (const version of ['mqttv311', 'mqttv5']) {
      test(`a message published with ${version} reaches a subscriber`, async () => {
        const topic = `orders/${version}`;
        const { result, classified } = await prism.during('events', async () => {
          await succeed(program('mosquitto_pub'), [...at(), '-V', version, '-q', '1', '-r', '-t', topic, '-m', 'order 8812']);
          return succeed(program('mosquitto_sub'), [...at(), '-V', version, '-q', '1', '-C', '1', '-W', '10', '-t', topic]);
        });
        assert.equal(result, 'order 8812\n');
        assert.equal(classified['protocol'], 'mqtt');
      });
    }
  });

  serverSuite('mariadb', () => {
    test('mariadb is recognised by its program, and reads a table', async () => {
      const statements = "CREATE OR REPLACE TABLE orders (id INT PRIMARY KEY, sku TEXT); INSERT INTO orders VALUES (8812, 'A-11'); SELECT sku FROM orders WHERE id = 8812";
      const { result, classified } = await prism.during('mysql', () => succeed(program('mariadb'), [
        '--no-defaults', '--protocol=tcp', '-h', '127.0.0.1', '-P', `${prism.port}`, '-u', 'shop', '-ponly-a-test', '--batch', '--skip-column-names', '-e', statements, 'shop',
      ]));
      assert.equal(result, 'A-11\n');
      assert.equal(classified['protocol'], 'mysql');
    });
  });

  serverSuite('vsftpd', () => {
    test('ftp says nothing first, and fetches a file', async () => {
      writeFileSync(join(vsftpd.root, 'price-list.txt'), 'A-11 199.00\n');
      const folder = scratch().folder;
      const commands = 'user anonymous nobody@example.test\nbinary\npassive on\nget price-list.txt\nbye\n';
      const { classified } = await prism.during('ftp', () => succeed(program('ftp'), ['-n', '-v', '127.0.0.1', `${prism.port}`], { input: commands, cwd: folder }));
      assert.equal(readFileSync(join(folder, 'price-list.txt'), 'utf8'), 'A-11 199.00\n');
      assert.equal(classified['protocol'], 'ftp');
    });
  });

  test('Ctrl+C ends it politely and frees the port', async () => {
    const port = await freePort();
    const own = await Prism.start(scratch().folder, { listeners: [{ name: 'two', listen: `127.0.0.1:${port}`, routes: [], default: '1' }] });
    assert.equal(await own.stop(), 0);
    const fault = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      connect(port, '127.0.0.1', () => reject(new Error('somebody still listens'))).once('error', resolve);
    });
    assert.equal(fault.code, 'ECONNREFUSED');
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
