// Exports of what real programs said to real servers, read by tshark, and by `port-prism decode`.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { traffic } from '../oracle/traffic.js';
import { decoded } from '../unit/exportDesk.js';
import { harProblems } from '../unit/harSchema.js';
import type { ExportOrder, ExportReport } from '../../src/shared/export.js';
import { findProgram, isCI, program, Scratch, succeed } from './real/programs.js';
import { missingServers } from '../../scripts/debian.mjs';
import { Workers } from './support/workers.js';

const missing = missingServers().map(({ name }) => name);
const spoken = traffic.filter(({ protocol, needs }) => ['http1', 'http2', 'grpc', 'redis', 'postgres', 'mqtt'].includes(protocol) && (needs === undefined || !missing.includes(needs)));
const hasTshark = findProgram('tshark') !== undefined;
/** In a header that nobody may see. */
const mark = 'Zq7Wvk3Yt';

suite('exports of real traffic', function () {
  this.timeout(120_000);
  const folder = new Scratch();
  const scratches: Scratch[] = [];
  const stops: (() => void)[] = [];
  const workers = new Workers();
  let ports = new Map<string, number>();
  let jobs = 0;

  suiteSetup(async () => {
    const started = [];
    for (const one of spoken) {
      const own = new Scratch();
      scratches.push(own);
      const { port, speak, stop } = await one.start(own);
      if (stop !== undefined) stops.push(stop);
      started.push({ protocol: one.protocol, port, speak });
    }
    ports = await workers.listen(Object.fromEntries(started.map(({ protocol, port }) => [protocol, port])));
    for (const { protocol, speak } of started) await speak(ports.get(protocol)!);
    if (ports.has('http1')) await succeed(program('curl'), ['--silent', '--header', `Authorization: Bearer ${mark}`, '--header', `Cookie: sid=${mark}`, `http://127.0.0.1:${ports.get('http1')}/who?access_token=${mark}`]);
    if (ports.has('http2')) await sayTwice(ports.get('http2')!);
    await workers.untilAllClosed();
  });

  suiteTeardown(async () => {
    await workers.close();
    for (const stop of stops) stop();
    for (const scratch of scratches) await scratch.dispose();
    await folder.dispose();
  });

  /** The second request repeats headers from the table of the first. */
  async function sayTwice(port: number): Promise<void> {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    for (const path of ['/one', '/two']) {
      await new Promise<void>((resolve, reject) => {
        const stream = session.request({ ':path': `${path}?token=${mark}`, authorization: `Bearer ${mark}`, cookie: `sid=${mark}`, 'x-api-key': mark });
        stream.on('error', reject).on('end', resolve).resume().end();
      });
    }
    await new Promise<void>((resolve) => session.close(resolve));
  }

  async function exported(format: ExportOrder['format'], withSecrets: boolean): Promise<ExportReport> {
    return workers.lens.request('export/start', { job: ++jobs, what: 'all', format, file: join(folder.folder, `all-${jobs}.${format}`), withSecrets, version: '1.0.0' });
  }

  /** Messages of lens by flow, as their rows show them. */
  async function listed(): Promise<Map<number, string[]>> {
    const { rows } = await workers.lens.request('flows/list', { order: 'opened', start: 0, count: 1000 });
    const all = new Map<number, string[]>();
    for (const { id } of rows) {
      let page = await workers.lens.request('messages/list', { flow: id, start: 0, count: 1000 });
      while (!page.isCaughtUp) page = await workers.lens.request('messages/list', { flow: id, start: 0, count: 1000 });
      all.set(id, page.rows.map(({ from, kind, range, summary }) => `${from} ${kind} ${range.start}-${range.end} ${summary}`));
    }
    return all;
  }

  async function tshark(file: string, filter: string, ...fields: string[]): Promise<string[][]> {
    const decodeAs = [...ports].flatMap(([protocol, port]) => ['-d', `tcp.port==${port},${({ http1: 'http', http2: 'http2', grpc: 'http2', redis: 'resp', postgres: 'pgsql', mqtt: 'mqtt' } as Record<string, string>)[protocol]}`]);
    const printed = await succeed(program('tshark'), ['-n', '-r', file, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', ...decodeAs, '-Y', filter, '-T', 'fields', '-E', 'separator=|', '-E', 'aggregator=;', ...fields.flatMap((field) => ['-e', field])]);
    return printed.split('\n').filter((line) => line !== '').map((line) => line.split('|'));
  }

  test('pcapng: `port-prism decode` reads what the inspector shows, message for message', async () => {
    const { file } = await exported('pcapng', true);
    const back = new Map((await decoded(file)).map(({ flow, messages }) => [flow.recorded.connection, messages.map(({ from, kind, range, summary }) => `${from} ${kind} ${range.start}-${range.end} ${summary}`)]));
    const shown = await listed();
    assert.ok(10 < shown.size);
    for (const [id, messages] of shown) assert.deepEqual(back.get(id), messages, `connection ${id}`);
  });

  for (const withSecrets of [true, false]) {
    test(`pcapng ${withSecrets ? 'as captured' : 'with secrets masked'}: tshark reads every message, finds nothing missing and every checksum right`, async function () {
      if (!hasTshark && !isCI) return void console.log('      tshark is not installed: nothing was compared');
      const { file } = await exported('pcapng', withSecrets);
      const { rows } = await workers.lens.request('flows/list', { order: 'opened', start: 0, count: 1000 });
      const shown = await listed();
      const count = (listener: string, fits: (summary: string, kind: string) => boolean): number =>
        rows.filter(({ listenerName }) => listenerName === listener).flatMap(({ id }) => shown.get(id)!).filter((line) => fits(line.split(' ').slice(3).join(' '), line.split(' ')[1]!)).length;
      assert.deepEqual(await tshark(file, '_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.retransmission || tcp.checksum.status == "Bad" || ip.checksum.status == "Bad"', 'frame.number', '_ws.col.Info'), []);
      const handshakes = await tshark(file, 'tcp.flags.syn == 1 && tcp.flags.ack == 0', 'frame.comment');
      assert.equal(handshakes.length, rows.length);
      assert.ok(handshakes.every(([comment]) => /Connection \d+, listener \w+\./.test(comment ?? '')), JSON.stringify(handshakes[0]));
      const programs = rows.flatMap(({ process }) => (process === undefined ? [] : [`Client program: ${process.name} (${process.pid})`]));
      for (const words of programs) assert.ok(handshakes.some(([comment]) => comment?.includes(words)), words);
      if (ports.has('http1')) {
        const requests = await tshark(file, `http.request && tcp.port == ${ports.get('http1')}`, 'http.request.method', 'http.request.uri', 'http.authorization', 'http.cookie');
        assert.equal(requests.length, count('http1', (_, kind) => kind === 'request'));
        assert.equal((await tshark(file, `http.response && tcp.port == ${ports.get('http1')}`, 'http.response.code')).length, count('http1', (_, kind) => kind === 'answer'));
        const last = requests.at(-1)!;
        if (withSecrets) assert.deepEqual(last, ['GET', `/who?access_token=${mark}`, `Bearer ${mark}`, `sid=${mark}`]);
        else assert.deepEqual(last, ['GET', `/who?access_token=${'*'.repeat(mark.length)}`, `Bearer ${'*'.repeat(mark.length)}`, `sid=${'*'.repeat(mark.length)}`]);
      }
      if (ports.has('http2')) {
        const headers = await tshark(file, `http2.type == 1 && tcp.dstport == ${ports.get('http2')}`, 'http2.streamid', 'http2.header.name', 'http2.header.value');
        const said = headers.map(([, names = '', values = '']) => names.split(';').map((name, i) => `${name}=${values.split(';')[i]}`).join('&')).filter((line) => line.includes('x-api-key'));
        assert.equal(said.length, 2);
        for (const line of said) assert.equal(line.includes(mark), withSecrets, line);
        if (!withSecrets) assert.ok(said.every((line) => /authorization=\*+/.test(line) && /x-api-key=\*+/.test(line) && /:method=GET/.test(line)), said.join('\n'));
      }
      if (ports.has('redis')) {
        const frames = await tshark(file, `resp && tcp.dstport == ${ports.get('redis')}`, 'resp.array.length', 'resp.reassembled_in_next_frame');
        const arrays = frames.flatMap(([lengths = '']) => lengths.split(';')).filter((one) => one !== '').length;
        // A command over two packets is told in both.
        const begun = frames.filter(([, next = '']) => next !== '').length;
        assert.equal(arrays - begun, count('redis', (_, kind) => kind === 'request'));
      }
      if (ports.has('mqtt')) {
        const frames = await tshark(file, `mqtt && tcp.port == ${ports.get('mqtt')}`, 'mqtt.msgtype');
        assert.equal(frames.flatMap(([types = '']) => types.split(';')).length, count('mqtt', () => true));
      }
      if (ports.has('postgres')) {
        const frames = await tshark(file, `pgsql && tcp.port == ${ports.get('postgres')}`, 'pgsql.type');
        const queries = frames.flatMap(([names = '']) => names.split(';')).filter((name) => /simple query/i.test(name));
        const ours = (await decoded(file)).flatMap(({ messages }) => messages).filter(({ protocol, from, fields }) => protocol === 'postgres' && from === 'client' && fields.some(({ name }) => name === 'query') && !fields.some(({ name }) => name === 'statement'));
        assert.ok(0 < ours.length);
        assert.equal(queries.length, ours.length);
      }
    });
  }

  test('no secret is in any masked export', async () => {
    for (const format of ['pcapng', 'har', 'jsonl', 'hexdump', 'markdown'] as const) {
      const { file } = await exported(format, false);
      assert.ok(!readFileSync(file, 'latin1').includes(mark), format);
    }
  });

  test('HAR: valid, an entry for every request of HTTP/1 and HTTP/2', async () => {
    const { file } = await exported('har', true);
    const har = JSON.parse(readFileSync(file, 'utf8')) as { log: { entries: { request: { url: string; method: string; httpVersion: string }; response: { status: number; content: { text?: string } } }[] } };
    assert.deepEqual(harProblems(har), []);
    const found = har.log.entries.map(({ request, response }) => `${request.method} ${new URL(request.url).pathname} ${request.httpVersion} ${response.status}`);
    for (const wanted of ['GET /who HTTP/1.1 200', 'GET /missing HTTP/1.1 404', 'PUT /chunked.txt HTTP/1.1 201', 'GET /who HTTP/1.0 200', 'GET /two HTTP/2.0 200', 'GET /long HTTP/2.0 200', 'POST /demo.Echo/Say HTTP/2.0 200']) {
      if (wanted.includes('HTTP/1') ? ports.has('http1') : true) assert.ok(found.includes(wanted), `${wanted}\n${found.join('\n')}`);
    }
    const long = har.log.entries.find(({ request }) => request.url.endsWith('/long'));
    assert.equal(long?.response.content.text, 'you asked for /long\n'.repeat(5000));
  });

  test('hex dump: text2pcap makes a packet of every message', async function () {
    if (findProgram('text2pcap') === undefined && !isCI) return void console.log('      text2pcap is not installed: nothing was compared');
    const { file, messages } = await exported('hexdump', true);
    const out = join(folder.folder, 'dump.pcap');
    await succeed(program('text2pcap'), ['-q', '-D', '-t', '%Y-%m-%d %H:%M:%S.%f', '-T', '40000,80', file, out]);
    const lengths = (await succeed(program('tshark'), ['-n', '-r', out, '-T', 'fields', '-e', 'tcp.len'])).trim().split('\n').map(Number);
    const dumped = [...readFileSync(file, 'utf8').matchAll(/^[OI] \d{4}-[^\n]*\n((?:[0-9a-f]{8} [^\n]*\n)*)/gm)].map(([, lines = '']) => lines.trimEnd().split('\n').reduce((sum, line) => sum + line.slice(10, 58).trim().split(/ +/).length, 0));
    assert.deepEqual(lengths, dumped);
    assert.ok(messages <= lengths.length);
  });
});
