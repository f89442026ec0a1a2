// `port-prism decode` on what `port-prism run --record` wrote, and on files that are not as they should be.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { join } from 'node:path';
import { Conversation, pcap, pcapng } from '../unit/packets.js';
import { Stage, Talk, type Cli, type CliEvent } from './support/cli.js';

const words = (...list: string[]): string => `*${list.length}\r\n${list.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/** Redis with an error, and something unknown that is reset. */
function capture(): Buffer {
  const redis = new Conversation({ clientPort: 40_000, serverPort: 6379 }).open();
  redis.say('client', words('GET', 'cart:ada')).say('server', '$4\r\nA-11\r\n').say('client', words('INCR', 'cart:ada')).say('server', '-ERR value is not an integer\r\n').close();
  const odd = new Conversation({ clientPort: 41_000, serverPort: 9999 }).open().say('client', '\x01\x02odd').lose('client', 5).say('client', 'end').send('server', 4);
  return pcapng([...redis.frames, ...odd.frames]);
}

suite('port-prism decode', () => {
  let stage: Stage;
  setup(() => {
    stage = new Stage();
  });
  teardown(() => stage.end());

  function saved(bytes: Uint8Array, name = 'a.pcapng'): string {
    const file = join(stage.folder, name);
    writeFileSync(file, bytes);
    return file;
  }

  async function decoded(exitCode: number, ...args: string[]): Promise<Cli> {
    const cli = stage.start('decode', ...args);
    assert.equal(await cli.finish(), exitCode, cli.stderr);
    return cli;
  }

  const named = (cli: Cli, event: string): CliEvent[] => cli.events.filter((one) => one.event === event);

  test('what our own recorder wrote comes back: both sides, times, route, ending, and every byte', async () => {
    const value = 'x'.repeat(200_000);
    const server = await stage.server((socket) => {
      let heard = '';
      socket.setEncoding('latin1').on('data', (text) => {
        heard += String(text);
        if (heard.endsWith(`${value}\r\n`)) socket.write('+OK\r\n');
        else if (heard.endsWith('cart\r\n')) socket.write(`$${value.length}\r\n${value}\r\n`);
      });
      socket.on('end', () => socket.end());
    });
    const file = join(stage.folder, 'own.pcapng');
    const run = await stage.run(stage.rules({ listeners: [{ name: 'dev', listen: '127.0.0.1:0', routes: [{ name: 'cache', match: { protocol: 'redis' }, to: `127.0.0.1:${server}` }] }] }), '--record', file);
    const talk = await Talk.open(run.port);
    const { port } = talk.socket.address() as net.AddressInfo;
    await talk.ask(words('SET', 'cart', value), '+OK\r\n');
    await talk.ask(words('GET', 'cart'), `${value}\r\n`);
    await talk.end();
    await run.event(({ event }) => event === 'flow.closed');
    assert.equal(await run.stop(), 0);

    const cli = await decoded(0, file, '--json');
    const [flow] = named(cli, 'flow');
    const asked = words('SET', 'cart', value).length + words('GET', 'cart').length;
    assert.deepEqual([flow?.['client'], flow?.['server'], flow?.['protocol'], flow?.['reason'], flow?.['bytes']], [`127.0.0.1:${port}`, `127.0.0.1:${run.port}`, 'redis', 'clientClosed', { client: asked, upstream: talk.heard.length }]);
    const recorded = flow?.['recorded'] as Record<string, unknown>;
    assert.deepEqual([recorded['listener'], recorded['route'], recorded['upstream'], recorded['endReason']], ['dev', 'cache', `127.0.0.1:${server}`, 'clientClosed']);
    const messages = named(cli, 'message');
    assert.deepEqual(messages.map(({ kind, from, answers }) => [kind, from, answers]), [['request', 'client', undefined], ['answer', 'upstream', 0], ['request', 'client', undefined], ['answer', 'upstream', 2]]);
    assert.deepEqual(messages.map(({ range }) => range), [{ start: 0, end: words('SET', 'cart', value).length }, { start: 0, end: 5 }, { start: words('SET', 'cart', value).length, end: asked }, { start: 5, end: talk.heard.length }]);
    assert.match(String(messages[2]?.['summary']), /^GET cart/);
    assert.deepEqual((named(cli, 'capture')[0]?.['notDecoded'] as Record<string, number>)['late'], 0);
    for (const { time } of messages) assert.equal(new Date(time).toISOString(), time);
  });

  test('in prose: connections with their messages below, gaps, problems and endings', async () => {
    const { stdout } = await decoded(0, saved(capture()));
    assert.match(stdout, /^#1 10\.0\.0\.1:40000 -> 10\.0\.0\.2:6379 {2}redis$/m);
    assert.match(stdout, /^ {4}2023-11-1\d .*; 55 bytes from the client, 40 from the upstream; the client closed$/m);
    assert.match(stdout, /^ +0 .* -> GET cart:ada$/m);
    assert.match(stdout, /^ +3 .* <- .*ERR value is not an integer.*\(1 ms\)$/m);
    assert.match(stdout, /error: .*not an integer/);
    assert.match(stdout, /^#2 .* unknown\n.*the upstream reset the connection\n {4}missing: 5 bytes of the client in 1 gap$/m);
    assert.match(stdout, /^2 connections in \d+ packets$/m);
  });

  test('a filter leaves the messages that fit, and the connections that have any', async () => {
    const file = saved(capture());
    const filtered = await decoded(0, file, '--json', '--filter', 'protocol == redis and problem');
    // A request and its answers are judged as one.
    assert.deepEqual(filtered.events.map(({ event, index }) => [event, index]), [['message', 2], ['message', 3], ['flow', undefined], ['capture', undefined]]);
    const answers = await decoded(0, file, '--json', '--filter', 'protocol == redis and problem and kind == answer');
    assert.deepEqual(named(answers, 'message').map(({ index }) => index), [3]);
    const waited = await decoded(0, file, '--json', '--filter', 'redis.command == "GET" and latency < 5s');
    assert.deepEqual(named(waited, 'message').map(({ index }) => index), [0, 1]);
    const found = await decoded(0, file, '--json', '--filter', 'bytes contains "47 45 54 0d ??"');
    assert.deepEqual(named(found, 'message').map(({ index }) => index), [0, 1]);
    const prose = await decoded(0, file, '--filter', 'kind == gap');
    assert.match(prose.stdout, /^#2 /);
    assert.match(prose.stdout, /^1 connection /m);
  });

  test('a wrong filter: exit 2, a sentence, and the place below the expression', async () => {
    const { stderr, stdout } = await decoded(2, 'nobody-looks-for-it.pcapng', '--filter', 'protocol == redsi');
    assert.equal(stderr, 'port-prism: --filter, character 13: "redsi" is not a value of protocol. Did you mean redis?\n  protocol == redsi\n              ^^^^^\n');
    assert.equal(stdout, '');
  });

  test('a damaged file is read up to the break, which is told with its place; exit 1', async () => {
    const whole = capture();
    const file = saved(whole.subarray(0, whole.length - 7));
    for (const json of [[], ['--json']]) {
      const cli = await decoded(1, file, ...json);
      assert.match(cli.stderr, /^a\.pcapng is damaged at byte \d+: the file ends after \d+ bytes of a block or record\. What comes before was read\.\n$/);
      assert.match(cli.stdout, /cart:ada/);
      if (json.length > 0) assert.equal(named(cli, 'error')[0]?.['code'], 'captureNotReadable');
    }
  });

  test('no file, no capture, a folder: a sentence on standard error, exit 1', async () => {
    const cases: [string, RegExp][] = [
      [join(stage.folder, 'none.pcapng'), /none\.pcapng cannot be read: there is no such file\.\n$/],
      [stage.folder, /cannot be read: it is a folder\.\n$/],
      [saved(Buffer.from('{"listeners": []}'), 'rules.json'), /^rules\.json is not a capture file that can be read: it is neither pcap nor pcapng\.\n$/],
      [saved(Buffer.alloc(0), 'empty.pcap'), /^empty\.pcap is not a capture file that can be read: it is empty\.\n$/],
    ];
    for (const [file, message] of cases) {
      const cli = await decoded(1, file);
      assert.match(cli.stderr, message);
      assert.equal(cli.stdout, '');
    }
  });

  test('"-" reads standard input, pcap as well as pcapng', async () => {
    const frames = new Conversation({ clientPort: 40_000, serverPort: 6379 }).open().say('client', words('PING')).say('server', '+PONG\r\n').close().frames;
    const file = saved(pcap(frames), 'b.pcap');
    const cli = stage.start('decode', '-', '--json');
    cli.child.stdin.end(readFileSync(file));
    assert.equal((await cli.exit()).code, 0);
    assert.deepEqual(named(cli, 'message').map(({ summary }) => summary), ['PING', 'PONG']);
  });
});
