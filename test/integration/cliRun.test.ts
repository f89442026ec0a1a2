import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { findProgram, isCI, program, succeed } from './real/programs.js';
import { Stage, Talk } from './support/cli.js';

const request = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** One listener on a free port: HTTP to one upstream, the rest to another. */
function rulesFor(http: number, rest: number | undefined, more: object = {}): object {
  return {
    listeners: [
      { name: 'dev', listen: '127.0.0.1:0', inspect: { timeoutMs: 100 }, routes: [{ name: 'web', match: { protocol: 'http' }, to: `127.0.0.1:${http}` }], ...(rest === undefined ? {} : { default: `127.0.0.1:${rest}` }), ...more },
    ],
  };
}

suite('port-prism run', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  function webServer(): Promise<number> {
    return stage.server((socket) => socket.on('data', () => socket.write(response)).on('end', () => socket.end()));
  }

  test('tells of a connection in order, with protocol, route, upstream, reason and bytes', async () => {
    const web = await webServer();
    const cli = await stage.run(stage.rules(rulesFor(web, undefined)));
    const talk = await Talk.open(cli.port);
    await talk.ask(request, response);
    const { port } = talk.socket.address() as net.AddressInfo;
    await talk.end();
    await cli.event(({ event }) => event === 'flow.closed');
    const events = cli.events;
    assert.deepEqual(events.map(({ event }) => event), ['listening', 'flow.opened', 'flow.classified', 'flow.closed']);
    for (const { time } of events) assert.equal(new Date(time).toISOString(), time);
    const [listening, opened, classified, closed] = events as [object, object, object, object];
    const flow = { flow: 1, client: `127.0.0.1:${port}` };
    const routing = { route: 'web', upstream: `127.0.0.1:${web}`, protocol: 'http1' };
    assertHas(listening, { listener: 'dev', address: `127.0.0.1:${cli.port}`, port: cli.port });
    assertHas(opened, { ...flow, listener: 'dev', local: `127.0.0.1:${cli.port}` });
    assertHas(classified, { ...flow, ...routing, by: 'both', layers: ['http1'] });
    assertHas(closed, { ...flow, ...routing, reason: 'clientClosed', bytes: { client: request.length, upstream: response.length } });
    assert.equal(cli.stderr, '');
  });

  test('Ctrl+C closes what is open, tells it, frees the port and ends with 0', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))));
      const talk = await Talk.open(cli.port);
      await talk.ask('\x01\x02odd', 'rest:\x01\x02odd');
      assert.equal(await cli.stop(signal), 0);
      await talk.untilClosed();
      assertHas(cli.events.at(-1)!, { event: 'flow.closed', flow: 1, reason: 'stopped', bytes: { client: 5, upstream: 10 } });
      const again = net.createServer().listen(cli.port, '127.0.0.1');
      await once(again, 'listening');
      again.close();
    }
  });

  test('a second Ctrl+C does not wait for anything', async () => {
    const pipe = join(stage.folder, 'nobody-reads.pcapng');
    execFileSync('mkfifo', [pipe]);
    const cli = stage.start('run', stage.rules(rulesFor(1, 1)), '--record', pipe);
    cli.child.kill('SIGINT');
    const again = setInterval(() => cli.child.kill('SIGINT'), 100);
    const { code, signal } = await cli.exit();
    clearInterval(again);
    // Before it listens to signals, the system's own way.
    assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal}`);
  });

  test('a connection that no route takes is told with its reason', async () => {
    const cli = await stage.run(stage.rules(rulesFor(await webServer(), undefined)));
    const talk = await Talk.open(cli.port);
    talk.socket.write('\x00\x01\x02\x03 no protocol at all');
    await talk.untilClosed();
    await cli.event(({ event }) => event === 'flow.closed');
    assert.deepEqual(cli.eventsOf(1), ['flow.opened', 'flow.classified', 'flow.closed']);
    assertHas(cli.events.at(-2)!, { protocol: 'unknown', route: null, upstream: null });
    assertHas(cli.events.at(-1)!, { reason: 'noRoute' });
  });

  test('an upstream that refuses is told, and the next connection works', async () => {
    const gone = net.createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as net.AddressInfo;
    gone.close();
    await once(gone, 'close');
    const cli = await stage.run(stage.rules(rulesFor(port, await stage.echo('rest'))));
    const talk = await Talk.open(cli.port);
    talk.socket.write(request);
    await talk.untilClosed();
    const closed = await cli.event(({ event }) => event === 'flow.closed');
    assertHas(closed, { reason: 'connectRefused', route: 'web', protocol: 'http1' });
    assert.match(String(closed['detail']), new RegExp(`127.0.0.1:${port}`));
    await (await Talk.open(cli.port)).ask('\x01next', 'rest:\x01next');
  });

  test('a saved rule file is live for the next connection, and open ones stay as they are', async () => {
    const first = await stage.echo('first');
    const second = await stage.echo('second');
    const file = stage.rules(rulesFor(1, first));
    const cli = await stage.run(file);
    const open = await Talk.open(cli.port);
    await open.ask('\x01a', 'first:\x01a');

    stage.rules(rulesFor(1, second));
    assertHas(await cli.event(({ event }) => event === 'rules.applied'), { listeners: [{ listener: 'dev', address: `127.0.0.1:${cli.port}`, port: cli.port }] });
    await (await Talk.open(cli.port)).ask('\x01b', 'second:\x01b');
    await open.ask('\x01c', 'first:\x01c');

    // As editors save: a new file renamed over the old one.
    writeFileSync(`${file}.new`, JSON.stringify(rulesFor(1, first)));
    renameSync(`${file}.new`, file);
    await cli.until(() => (cli.events.filter(({ event }) => event === 'rules.applied').length === 2 ? true : undefined), 'second rules.applied');
    await (await Talk.open(cli.port)).ask('\x01d', 'first:\x01d');
  });

  test('a file with an error changes nothing, says where, and the next good one counts again', async () => {
    const file = stage.rules(rulesFor(1, await stage.echo('first')));
    const cli = await stage.run(file);
    stage.rules('{\n  "listeners": [\n    { "name": "dev", "listen": "127.0.0.1:0", "rutes": [] }\n  ]\n}');
    assertHas(await cli.event(({ event }) => event === 'error'), { code: 'rulesInvalid' });
    await cli.until(() => (cli.stderr.includes(`${file}:3:`) ? true : undefined), 'place of the error');
    assert.match(cli.stderr, /rutes/);
    await (await Talk.open(cli.port)).ask('\x01a', 'first:\x01a');
    stage.rules(rulesFor(1, await stage.echo('second')));
    await cli.event(({ event }) => event === 'rules.applied');
    await (await Talk.open(cli.port)).ask('\x01b', 'second:\x01b');
  });

  test('a listener that a save adds starts, and one that it removes frees its port', async () => {
    const rest = await stage.echo('rest');
    const file = stage.rules(rulesFor(1, rest));
    const cli = await stage.run(file);
    stage.rules({ listeners: [{ name: 'other', listen: '127.0.0.1:0', default: `127.0.0.1:${rest}` }] });
    const port = await cli.portOf('other');
    await (await Talk.open(port)).ask('\x01a', 'rest:\x01a');
    const again = net.createServer().listen(cli.port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });

  test('one listener that cannot start is told, and the others run', async () => {
    const taken = await stage.echo('taken');
    const rest = await stage.echo('rest');
    const cli = await stage.run(stage.rules({
      listeners: [
        { name: 'busy', listen: `127.0.0.1:${taken}`, default: `127.0.0.1:${rest}` },
        { name: 'dev', listen: '127.0.0.1:0', default: `127.0.0.1:${rest}` },
      ],
    }));
    const error = await cli.event(({ event }) => event === 'error');
    assertHas(error, { listener: 'busy', code: 'portInUse' });
    assert.match(String(error['message']), new RegExp(`127.0.0.1:${taken} is in use`));
    await (await Talk.open(await cli.portOf('dev'))).ask('\x01a', 'rest:\x01a');
  });

  test('no listener at all: exit 1 and a sentence', async () => {
    const taken = await stage.echo('taken');
    const cli = stage.start('run', stage.rules({ listeners: [{ name: 'busy', listen: `127.0.0.1:${taken}`, default: '127.0.0.1:1' }] }));
    assert.equal(await cli.finish(), 1);
    assert.match(cli.stderr, new RegExp(`busy: 127.0.0.1:${taken} is in use by .*\n`));
  });

  test('rules with an error do not start: exit 1 and the place', async () => {
    const file = stage.rules('{\n  "listeners": [{ "name": "dev", "listen": true }],\n}');
    const cli = stage.start('run', file);
    assert.equal(await cli.finish(), 1);
    assert.ok(cli.stderr.startsWith(`${file}:2:`), cli.stderr);
    const missing = stage.start('run', join(stage.folder, 'none.json'));
    assert.equal(await missing.finish(), 1);
    assert.match(missing.stderr, /none\.json cannot be read: there is no such file\./);
  });

  test('what other machines can reach must be allowed', async () => {
    const rest = await stage.echo('rest');
    const file = stage.rules(rulesFor(1, rest, { listen: '0.0.0.0:0' }));
    const refused = stage.start('run', file);
    assert.equal(await refused.finish(), 1);
    assert.match(refused.stderr, /--expose/);
    const cli = await stage.run(file, '--expose');
    await (await Talk.open(cli.port)).ask('\x01a', 'rest:\x01a');
  });

  test('a Unix socket: clients have no address, and are told apart all the same', async () => {
    const path = join(stage.folder, 'in.sock');
    const cli = stage.start('run', stage.rules(rulesFor(1, await stage.echo('rest'), { listen: `unix:${path}` })), '--json');
    assertHas(await cli.event(({ event }) => event === 'listening'), { address: `unix:${path}` });
    const talk = await Talk.open(path);
    await talk.ask('\x01a', 'rest:\x01a');
    assert.match(String((await cli.event(({ event }) => event === 'flow.opened'))['client']), /in\.sock/);
  });

  test('without capture the bytes still count and pass', async () => {
    const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))), '--no-capture');
    const talk = await Talk.open(cli.port);
    await talk.ask('\x01abc', 'rest:\x01abc');
    await talk.end();
    assertHas(await cli.event(({ event }) => event === 'flow.closed'), { bytes: { client: 4, upstream: 9 }, route: 'default' });
    assert.deepEqual(cli.eventsOf(1), ['flow.opened', 'flow.classified', 'flow.closed']);
  });

  test('says the same in sentences without --json', async () => {
    const cli = stage.start('run', stage.rules(rulesFor(await webServer(), undefined)));
    const line = await cli.until(() => /dev listens on 127\.0\.0\.1:(\d+)\n/.exec(cli.stdout) ?? undefined, 'line');
    const talk = await Talk.open(Number(line[1]));
    await talk.ask(request, response);
    await talk.end();
    await cli.until(() => /#1 ended: .*; 32 bytes from the client, 40 from the upstream\n/.exec(cli.stdout) ?? undefined, 'ending');
    assert.match(cli.stdout, /#1 127\.0\.0\.1:\d+ connected to dev\n.*#1 speaks http1, route web to 127\.0\.0\.1:\d+\n/);
  });

  test('a reader that goes away ends it politely', async () => {
    const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))));
    cli.child.stdout.destroy();
    const talk = await Talk.open(cli.port);
    talk.socket.end('\x01a');
    assert.deepEqual(await cli.exit(), { code: 0, signal: null });
  });

  test('a reader that does not read stalls no connection, and misses no event', async () => {
    const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))));
    cli.child.stdout.pause();
    const flows = 600;
    for (let index = 0; index < flows; index++) {
      const talk = await Talk.open(cli.port);
      await talk.ask(`\x01${index}`, `rest:\x01${index}`);
      await talk.end();
    }
    cli.child.stdout.resume();
    await cli.until(() => (cli.stdout.split('"event":"flow.closed"').length - 1 === flows ? true : undefined), 'last event');
    assert.equal(cli.events.length, 1 + 3 * flows);
  });
});

suite('port-prism run --record', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  test('keeps conversations exactly, for Wireshark', async () => {
    const file = join(stage.folder, 'out.pcapng');
    const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))), '--record', file);
    const talk = await Talk.open(cli.port);
    await talk.ask('\x01one', 'rest:\x01one');
    await talk.ask('two', 'rest:two');
    await talk.end();
    assert.equal(await cli.stop(), 0);
    const { payloads, packets } = readCapture(file);
    assert.equal(payloads, '\x01onerest:\x01onetworest:two');
    // SYN, SYN ACK, ACK; four pieces; FIN, FIN, ACK.
    assert.equal(packets, 10);
  });

  test('is readable after the process was killed', async () => {
    const file = join(stage.folder, 'out.pcapng');
    const cli = await stage.run(stage.rules(rulesFor(1, await stage.echo('rest'))), '--record', file);
    const talk = await Talk.open(cli.port);
    await talk.ask('\x01kept', 'rest:\x01kept');
    await cli.until(() => (readCapture(file).payloads === '\x01keptrest:\x01kept' ? true : undefined), 'recorded bytes');
    await cli.stop('SIGKILL');
    assert.equal(readCapture(file).payloads, '\x01keptrest:\x01kept');
  });

  test('more than the memory holds is all in the file: the traffic waits for the disk', async () => {
    const file = join(stage.folder, 'out.pcapng');
    const bytes = 40 << 20;
    const sink = await stage.server((socket) => {
      socket.resume();
      socket.on('end', () => socket.end());
    });
    const cli = await stage.run(stage.rules(rulesFor(1, sink)), '--record', file, '--memory', '4');
    const talk = await Talk.open(cli.port);
    const block = Buffer.alloc(1 << 20, '\x01pattern');
    for (let sent = 0; sent < bytes; sent += block.length) if (!talk.socket.write(block)) await once(talk.socket, 'drain');
    await talk.end();
    assert.equal(await cli.stop(), 0);
    assert.ok(bytes < statSync(file).size);
    assert.equal(readCapture(file).payloadBytes, bytes);
  });

  test('by filter: tshark reads what fits, each request with its answer, and nothing else', async function () {
    if (findProgram('tshark') === undefined && !isCI) return void console.log('      tshark is not installed: nothing was compared');
    const file = join(stage.folder, 'out.pcapng');
    const web = await stage.server((socket) => socket.on('data', (bytes) => {
      const path = /^GET (\S+)/.exec(bytes.toString('latin1'))?.[1] ?? '';
      socket.write(`HTTP/1.1 ${path.startsWith('/bad') ? '500 Oops' : '200 OK'}\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
    }).on('end', () => socket.end()));
    const cli = await stage.run(stage.rules(rulesFor(web, undefined)), '--record', file, '--filter', 'http.status >= 500');
    for (const number of [1, 2]) {
      const talk = await Talk.open(cli.port);
      for (const path of [`/good/${number}`, `/bad/${number}`, `/better/${number}`]) await talk.ask(`GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`, `HTTP/1.1 ${path.startsWith('/bad') ? '500 Oops' : '200 OK'}\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      await talk.end();
    }
    assert.equal(await cli.stop(), 0);
    const read = async (filter: string, ...fields: string[]): Promise<string> => (await succeed(program('tshark'), ['-n', '-r', file, '-d', `tcp.port==${cli.port},http`, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])])).trim();
    assert.equal(await read('http.request', 'http.request.uri'), '/bad/1\n/bad/2');
    assert.equal(await read('http.response', 'http.response.code', 'http.response_for.uri'), '500\thttp://a.test/bad/1\n500\thttp://a.test/bad/2');
    assert.equal(await read('_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.retransmission', 'frame.number'), '');
  });

  test('a filter that is wrong: exit 2 with its place, and nothing was started', async () => {
    const file = join(stage.folder, 'out.pcapng');
    const cli = stage.start('run', stage.rules(rulesFor(1, 1)), '--json', '--record', file, '--filter', 'http.status >= "x');
    assert.equal(await cli.finish(), 2);
    assert.match(cli.stderr, /^port-prism: --filter, character 16: .*\n {2}http\.status >= "x\n {17}\^/);
    assert.equal(cli.stdout, '');
    assert.equal(existsSync(file), false);
    const alone = stage.start('run', stage.rules(rulesFor(1, 1)), '--filter', 'http');
    assert.equal(await alone.finish(), 2);
    assert.match(alone.stderr, /--filter .* needs --record/);
  });

  test('a file that cannot be written: exit 1 and a sentence', async () => {
    const cli = stage.start('run', stage.rules(rulesFor(1, 1)), '--record', join(stage.folder, 'no', 'folder.pcapng'));
    assert.equal(await cli.finish(), 1);
    assert.match(cli.stderr, /Recording to .*folder\.pcapng failed/);
  });
});

function assertHas(actual: object, expected: Record<string, unknown>): void {
  const picked = Object.fromEntries(Object.keys(expected).map((key) => [key, (actual as Record<string, unknown>)[key]]));
  assert.deepEqual(picked, expected, JSON.stringify(actual));
}

/** Payloads of all packets, in the order of the file; a block that is not whole (yet) ends the reading. */
function readCapture(file: string): { payloads: string; payloadBytes: number; packets: number } {
  const bytes = readFileSync(file);
  const payloads: Buffer[] = [];
  let packets = 0;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.length < at + length) break;
    assert.equal(bytes.readUInt32LE(at + length - 4), length);
    if (bytes.readUInt32LE(at) === 6) {
      packets += 1;
      const packet = bytes.subarray(at + 28, at + 28 + bytes.readUInt32LE(at + 20));
      payloads.push(packet.subarray(20 + (packet[32]! >> 4) * 4));
    }
    at += length;
  }
  const all = Buffer.concat(payloads);
  return { payloads: all.length < 10_000 ? all.toString('latin1') : '', payloadBytes: all.length, packets };
}
