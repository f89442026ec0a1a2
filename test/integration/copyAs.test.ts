// "Copy As" redis-cli, mosquitto_pub and psql: the real program, run by real shells, says to a real server what was captured, byte for byte, or the
// copy is refused with a reason.
import assert from 'node:assert/strict';
import pg from 'pg';
import { missingServers } from '../../scripts/debian.mjs';
import { isCI, Scratch } from './real/programs.js';
import { startMosquitto, startPostgres, startRedis } from './real/servers.js';
import { CopyDesk, shells } from './support/copyDesk.js';

const missing = missingServers().map(({ name }) => name);
const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** What shells, terminals and the programs themselves would act upon. */
const evil: Record<string, Buffer> = {
  'a plain word': Buffer.from('hello'),
  'nothing': Buffer.alloc(0),
  'quotes': Buffer.from(`it's "so" \`id\` $(id) $HOME \${x} \\ \\n %s !! ~ * ? [a] {b,c} | & ; < > # (`),
  'a minus': Buffer.from('-n'),
  'two minuses': Buffer.from('--help'),
  'an at sign': Buffer.from('@/etc/passwd'),
  'a colon': Buffer.from(':x'),
  'an equals sign': Buffer.from('=x=y'),
  'line feeds': Buffer.from('\n a\r\nb\n\n'),
  'controls, and line feeds at the end': Buffer.from('\x1b[31mred\x07\b\n\n'),
  'UTF-8': Buffer.from('ä€😀\u202etxt\u0301'),
  'bytes that are no UTF-8': Buffer.from([0xff, 0xfe, 0x80, 0x41, 0xc3, 0x28]),
  'bytes that end with a line feed': Buffer.from([0xff, 0x0a, 0x0a]),
  'every byte, NUL too': every,
  'a long text': Buffer.from('x$y\'z"'.repeat(5000)),
  'many bytes': Buffer.concat(Array.from({ length: 300 }, () => every)),
};

/** Defines a suite; what is not installed is left out and named at the end of `npm test`, and fails in CI. */
function programSuite(name: string, needs: string, define: () => void): void {
  suite(`copy as ${name}`, function () {
    this.timeout(120_000);
    if (!missing.includes(needs)) define();
    else if (isCI) test('is installed', () => assert.fail(`${needs} is not installed`));
  });
}

/** @returns desk and listener, there while the suite runs */
function withServer(start: (scratch: Scratch) => Promise<number>): { desk: CopyDesk; port: number } {
  const own = { desk: new CopyDesk(), port: 0 };
  let scratch: Scratch;
  suiteSetup(async () => {
    scratch = new Scratch();
    own.port = (await own.desk.listen({ server: await start(scratch) })).get('server')!;
  });
  suiteTeardown(async () => {
    await own.desk.close();
    await scratch.dispose();
  });
  return own;
}

const resp = (...words: (Buffer | string)[]): Buffer => Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...words.flatMap((one) => [Buffer.from(`$${Buffer.byteLength(one)}\r\n`), Buffer.from(one), Buffer.from('\r\n')])]);

programSuite('redis-cli', 'redis', () => {
  const own = withServer(startRedis);

  for (const [what, value] of Object.entries(evil)) {
    for (const shell of shells) {
      test(`${what}: the server hears the same words from ${shell}`, async () => {
        // As the last word, and before another one; what is too long for an argument can only be the last one.
        const commands = [resp('SET', 'key', value), ...(value.length < 20_000 || !value.includes(0) ? [resp('SET', value, 'x'), resp('ECHO', value)] : [resp('ECHO', value)])];
        for (const command of commands) {
          const { desk, port } = own;
          const first = await desk.say(port, [[0, command]], 4);
          const { text, notes, refused } = await desk.copy(first, 0, 'redis-cli');
          assert.equal(refused, undefined);
          assert.deepEqual(notes, []);
          const { flow } = await desk.run(shell, text);
          assert.deepEqual((await desk.messagesOf(flow, /^(?:SET|ECHO)/)).map(({ bytes }) => bytes.toString('latin1')), [command.toString('latin1')], text);
        }
      });
    }
  }

  test('the database that was chosen, and a line as a person types it', async () => {
    const first = await own.desk.say(own.port, [[0, resp('SELECT', '3')], [5, Buffer.from('SET "a b" \'it"s\'\r\n')]], 10);
    const [said] = await own.desk.messagesOf(first, /^SET/);
    const { text } = await own.desk.copy(first, said!.index, 'redis-cli');
    const { flow } = await own.desk.run('sh', text);
    assert.deepEqual((await own.desk.messagesOf(flow, /./)).map(({ bytes }) => bytes.toString()), [resp('SELECT', '3').toString(), resp('SET', 'a b', 'it"s').toString()], text);
  });

  test('what redis-cli would not send as it was is refused with a reason', async () => {
    for (const [command, reason] of [[resp('-x', 'y'), /redis-cli sends no command "-x"/], [resp('HELP'), /redis-cli sends no command "HELP"/], [resp('SET', Buffer.alloc(200_000, 'x'), 'y'), /longer than the 128 KiB/]] as const) {
      const first = await own.desk.say(own.port, [[0, command]], 4);
      const { text, refused } = await own.desk.copy(first, 0, 'redis-cli');
      assert.equal(text, '');
      assert.match(refused ?? '', reason);
    }
  });
});

const text = (value: Buffer | string): Buffer => Buffer.concat([Buffer.from([Buffer.byteLength(value) >> 8, Buffer.byteLength(value) & 255]), Buffer.from(value)]);

/** A packet of MQTT: length in one to four bytes. */
function packet(head: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) return Buffer.concat([Buffer.from([head, ...length]), body]);
  }
}
const mqttConnect = (level: number, more = Buffer.alloc(0), flags = 2): Buffer => packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([level, flags, 0, 60, ...(level === 5 ? [0] : [])]), text('me'), more]));

programSuite('mosquitto_pub', 'mosquitto', () => {
  const own = withServer(startMosquitto);
  const connack = 4;

  for (const [what, value] of Object.entries(evil)) {
    for (const shell of shells) {
      test(`${what}: the broker hears the same packet from ${shell}`, async () => {
        const publish = packet(0x30, Buffer.concat([text('a/b'), value]));
        const first = await own.desk.say(own.port, [[0, mqttConnect(4)], [connack, publish]], connack);
        const [said] = await own.desk.messagesOf(first, /^PUBLISH/);
        const { text: command, notes, refused } = await own.desk.copy(first, said!.index, 'mosquitto_pub');
        assert.deepEqual([notes, refused], [[], undefined]);
        const { flow } = await own.desk.run(shell, command);
        assert.deepEqual((await own.desk.messagesOf(flow, /^PUBLISH/)).map(({ bytes }) => bytes.toString('latin1')), [publish.toString('latin1')], command);
      });
    }
  }

  for (const [what, topic] of Object.entries(evil).filter(([name]) => ['quotes', 'a minus', 'an at sign', 'UTF-8'].includes(name))) {
    test(`a topic with ${what}, kept, at least once`, async () => {
      const name = topic.toString().replace(/[+#]/g, '');
      const publish = packet(0x33, Buffer.concat([text(name), Buffer.from([0, 1]), Buffer.from('x')]));
      const first = await own.desk.say(own.port, [[0, mqttConnect(4)], [connack, publish]], connack + 4);
      const [said] = await own.desk.messagesOf(first, /^PUBLISH/);
      const { text: command } = await own.desk.copy(first, said!.index, 'mosquitto_pub');
      const { flow } = await own.desk.run(shells[0]!, command);
      assert.deepEqual((await own.desk.messagesOf(flow, /^PUBLISH/)).map(({ bytes }) => bytes.toString()), [publish.toString()], command);
    });
  }

  test('MQTT 5: properties, a topic by its number, user name and password', async () => {
    const properties = Buffer.concat([Buffer.from([1, 1, 2, 0, 0, 1, 0, 3]), text('text/plain; x="it\'s"'), Buffer.from([8]), text('re/ply'), Buffer.from([9]), text('-c'), Buffer.from([38]), text('-k'), text('@v $(id)')]);
    const named = packet(0x30, Buffer.concat([text('a/b'), Buffer.from([3, 35, 0, 1]), Buffer.from('one')]));
    const numbered = packet(0x30, Buffer.concat([text(''), Buffer.from([properties.length + 3]), properties, Buffer.from([35, 0, 1]), Buffer.from('two')]));
    const first = await own.desk.say(own.port, [[0, mqttConnect(5, Buffer.concat([text("ad'a"), text('-se$cret')]), 0xc2)], [11, Buffer.concat([named, numbered])]], 11);
    const [, said] = await own.desk.messagesOf(first, /^PUBLISH/);
    const { text: command, refused } = await own.desk.copy(first, said!.index, 'mosquitto_pub');
    assert.equal(refused, undefined);
    const { flow } = await own.desk.run(shells[0]!, command);
    const wanted = packet(0x30, Buffer.concat([text('a/b'), Buffer.from([properties.length]), properties, Buffer.from('two')]));
    assert.deepEqual((await own.desk.messagesOf(flow, /^PUBLISH/)).map(({ bytes }) => bytes.toString('latin1')), [wanted.toString('latin1')], command);
    const [login] = await own.desk.messagesOf(flow, /^CONNECT/);
    assert.ok(login!.bytes.toString().endsWith(`ad'a\0\x08-se$cret`));
  });

  test('a number without its topic is refused with a reason', async () => {
    const publish = packet(0x30, Buffer.concat([text(''), Buffer.from([3, 35, 0, 9]), Buffer.from('x')]));
    const first = await own.desk.say(own.port, [[0, mqttConnect(5)], [11, publish]], 11);
    const [said] = await own.desk.messagesOf(first, /^PUBLISH/);
    assert.match((await own.desk.copy(first, said!.index, 'mosquitto_pub')).refused ?? '', /The topic was given by a number/);
  });
});

programSuite('psql', 'postgresql', () => {
  const own = withServer(async (scratch) => (await startPostgres(scratch)).port);
  const connected = async (work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
    const client = new pg.Client({ host: '127.0.0.1', port: own.port, user: 'shop', database: 'postgres', ssl: false });
    await client.connect();
    await work(client);
    await client.end();
  };
  const spoken = async (work: (client: pg.Client) => Promise<unknown>): Promise<Awaited<ReturnType<CopyDesk['newest']>>> => {
    const before = (await own.desk.lens.request('lens/summary', null)).totalFlows;
    await connected(work);
    await own.desk.untilClosed(before + 1);
    return own.desk.newest();
  };

  const statements = {
    'quotes': `SELECT 'it''s "so" \`id\` $(id) $HOME \\ %s !', $$x'y$$ AS "a b"`,
    'a comment first, and line feeds': "-- what is this?\nSELECT 1 /* -c */;\n\n",
    'several statements': "SELECT 1; SELECT ';'; -- done",
    'names of variables, as psql has them': "SELECT ':x', :'y' IS NULL",
    'UTF-8 and tabs': "SELECT 'ä€😀',\t'\u202e'",
    'controls': "SELECT '\x1b[31m\x07\x08\x7f'\n",
    'long': `SELECT '${'x"$'.repeat(30_000)}'`,
  };
  for (const [what, sql] of Object.entries(statements)) {
    for (const shell of shells) {
      test(`${what}: the server hears the same statement from ${shell}`, async () => {
        const first = await spoken((client) => client.query(sql).catch(() => 'the server refuses it, which psql hears too'));
        const [said] = await own.desk.messagesOf(first, /select|what/i);
        const { text: command, refused } = await own.desk.copy(first, said!.index, 'psql');
        assert.equal(refused, undefined);
        const { flow } = await own.desk.run(shell, `${command} || true`);
        assert.deepEqual((await own.desk.messagesOf(flow, /select|what/i)).map(({ bytes }) => bytes.toString()), [said!.bytes.toString()], command);
      });
    }
  }

  test('longer than an argument can be is refused with a reason', async () => {
    const first = await spoken((client) => client.query(`SELECT '${'x'.repeat(150_000)}'`));
    const [said] = await own.desk.messagesOf(first, /select/i);
    assert.match((await own.desk.copy(first, said!.index, 'psql')).refused ?? '', /longer than the 128 KiB/);
  });

  const message = (type: string, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5, type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const number = (value: number, size: 2 | 4): Buffer => {
    const bytes = Buffer.alloc(size);
    bytes.writeIntBE(value, 0, size);
    return bytes;
  };
  const value = (bytes: Buffer | null): Buffer => (bytes === null ? number(-1, 4) : Buffer.concat([number(bytes.length, 4), bytes]));
  const startup = Buffer.concat([number(8 + 'user\0shop\0database\0postgres\0\0'.length, 4), number(196608, 4), Buffer.from('user\0shop\0database\0postgres\0\0')]);
  const double = (of: number, size: 4 | 8): Buffer => {
    const bytes = Buffer.alloc(size);
    if (size === 4) bytes.writeFloatBE(of);
    else bytes.writeDoubleBE(of);
    return bytes;
  };

  /** Values of one row: as text, and in binary. */
  const rows: Record<string, { isBinary: boolean; values: (Buffer | null)[] }> = {
    'texts': { isBinary: false, values: ['-7', `it's \\ "q" $(id)\n--x\t`, '\\x00ff', '{"a": "b\'c"}', '0.1', '1e-7', '-12.50', '2024-02-29 12:34:56.789012+00', '7b4d7c5e-4c6a-4d0b-9f68-1d2b8f1c2a3b', 't'].map((one) => Buffer.from(one)) },
    'long texts': { isBinary: false, values: ['1', `${"'\\x".repeat(3000)}`, null, null, null, null, null, null, null, null].map((one) => (one === null ? null : Buffer.from(one))) },
    'binary': { isBinary: true, values: [number(-7, 4), Buffer.from(`it's \\ "q"\nä`), every, Buffer.from('\x01{"a": "b\'c"}'), double(0.1, 4), double(5e-324, 8), null, Buffer.from('0002b3a5b8d3a6d4', 'hex'), Buffer.from('7b4d7c5e4c6a4d0b9f681d2b8f1c2a3b', 'hex'), Buffer.from([0])] },
  };
  for (const [what, { isBinary, values }] of Object.entries(rows)) {
    test(`values of a prepared statement, ${what}: the same row again`, async () => {
      await connected((client) => client.query('DROP TABLE IF EXISTS t; CREATE TABLE t (i int4, s text, b bytea, j jsonb, f float4, d float8, n numeric, w timestamptz, u uuid, o bool)'));
      const sql = "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) -- all";
      const bind = message('B', Buffer.from('\0one\0'), number(1, 2), number(isBinary ? 1 : 0, 2), number(values.length, 2), ...values.map(value), number(0, 2));
      // What the server says to a startup, and then of the statement: it is there, its parameters are these, it gives no rows.
      const { fromUpstream: { total: ready } } = await own.desk.say(own.port, [[0, startup]], 300);
      const described = ready + 5 + 7 + 4 * values.length + 5;
      const first = await own.desk.say(own.port, [
        [0, startup],
        [ready, Buffer.concat([message('P', Buffer.from(`one\0${sql}\0`), number(0, 2)), message('D', Buffer.from('Sone\0')), message('H')])],
        [described, Buffer.concat([bind, message('E', Buffer.from('\0'), number(0, 4)), message('S')])],
      ], described + 20);
      const found = await own.desk.messagesOf(first, /^\$1 = /);
      const { text: command, refused } = await own.desk.copy(first, found[0]!.index, 'psql');
      assert.equal(refused, undefined);
      for (const shell of shells) await own.desk.run(shell, command);
      await connected(async (client) => {
        const { rows: counted } = await client.query('SELECT count(*)::int AS all, count(DISTINCT t::text)::int AS different FROM t');
        assert.deepEqual(counted, [{ all: 1 + shells.length, different: 1 }], command);
      });
    });
  }

  test('a binary value of a type that nobody told is refused with a reason', async () => {
    const bind = message('B', Buffer.from('\0one\0'), number(1, 2), number(1, 2), number(1, 2), value(number(7, 4)), number(0, 2));
    const first = await own.desk.say(own.port, [[0, startup], [300, Buffer.concat([message('P', Buffer.from('one\0SELECT $1::int4\0'), number(0, 2)), bind, message('S')])]], 320);
    const [said] = await own.desk.messagesOf(first, /^\$1 = /);
    assert.match((await own.desk.copy(first, said!.index, 'psql')).refused ?? '', /\$1 was sent in the binary form/);
  });
});
