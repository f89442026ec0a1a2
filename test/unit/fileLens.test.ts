// A capture file looked at through lens: its connections, their facts, and every byte read back from where it stands in the file.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets } from '../../src/core/capture/pcapngTcp.js';
import { nodePort } from '../../src/core/engine/nodePort.js';
import { serveFile } from '../../src/core/lens/file/fileLens.js';
import { classify } from '../../src/core/protocols/index.js';
import type { CaptureFileState } from '../../src/shared/captureFile.js';
import type { FlowFacts, FlowRow, Speaker } from '../../src/shared/flow.js';
import { Owner, toDisposable } from '../../src/shared/lifecycle.js';
import type { LensContract, LensEvents } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { ack, Conversation, ipv4, links, pcap, pcapng, replay, someEnds, syn, tcpSegment, type Frame } from './packets.js';

/** The host's end of a lens that reads a file. */
class Desk extends Owner {
  readonly folder = mkdtempSync(join(tmpdir(), 'port-prism-file-'));
  readonly file = join(this.folder, 'test.pcapng');

  constructor() {
    super();
    this.register(toDisposable(() => rmSync(this.folder, { recursive: true, force: true })));
  }

  async open(content?: Uint8Array, file = this.file): Promise<Reading> {
    if (content !== undefined) writeFileSync(file, content);
    const { port1, port2 } = new MessageChannel();
    const rpc = this.register(new Rpc<LensEvents, LensContract>(nodePort(port1), (fault) => assert.fail(String(fault))));
    this.register(toDisposable(() => port1.close()));
    const states: CaptureFileState[] = [];
    const isDone = new Promise<void>((resolve) => {
      rpc.on('file/changed', (state) => {
        states.push(state);
        if (state.isDone) resolve();
      });
    });
    this.register(serveFile(nodePort(port2), file, { classify, now: () => performance.now() }));
    const known = await rpc.request('file/state', null);
    if (known?.isDone !== true) await isDone;
    return new Reading(rpc, (await rpc.request('file/state', null))!);
  }
}

class Reading {
  constructor(readonly rpc: Rpc<LensEvents, LensContract>, readonly state: CaptureFileState) {}

  async flows(): Promise<FlowRow[]> {
    return (await this.rpc.request('flows/list', { order: 'opened', start: 0, count: 1000 })).rows;
  }

  /** What one side said: latin1 text, with `<N missing>` where bytes are not there. */
  async said(flow: number, from: Speaker): Promise<string> {
    let text = '';
    for (let start = 0; ; ) {
      const piece = await this.rpc.request('bytes/read', { flow, from, start, length: 256 * 1024 });
      let done = piece.offset;
      for (const gap of piece.gaps) {
        text += `${Buffer.from(piece.bytes.subarray(done - piece.offset, gap.start - piece.offset)).toString('latin1')}<${gap.end - gap.start} missing>`;
        done = gap.end;
      }
      text += Buffer.from(piece.bytes.subarray(done - piece.offset)).toString('latin1');
      start += piece.bytes.length;
      if (piece.total <= start) return text;
    }
  }

  /** All messages of a connection, once they are decoded. */
  async messages(flow: number): Promise<[Speaker, string][]> {
    for (;;) {
      const page = await this.rpc.request('messages/list', { flow, start: 0, count: 1000 });
      if (page.isCaughtUp) return page.rows.map(({ from, summary }) => [from, summary]);
    }
  }

  /** [client, what it said, what the server said] of every connection. */
  async conversations(): Promise<[string, string, string][]> {
    const all: [string, string, string][] = [];
    for (const { id, client } of await this.flows()) {
      const end = 'host' in client ? `${client.host} ${client.port}` : '';
      all.push([end, await this.said(id, 'client'), await this.said(id, 'upstream')]);
    }
    return all;
  }
}

/** What the reader of packets says of the same file: it has tests of its own. */
function expected(file: Uint8Array): [string, string, string][] {
  return replay(file).flows.map(({ client, said }) => [client, said.client.replace(/ cut>/g, ' missing>'), said.upstream.replace(/ cut>/g, ' missing>')]);
}

const get = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

function talkOf(port: number): Conversation {
  return new Conversation({ clientPort: port, serverPort: 8080 }).open().say('client', get).say('server', answer).close();
}

/** Frames of several conversations by turns, as they pass on a wire. */
function byTurns(...talks: Conversation[]): Frame[] {
  const longest = Math.max(...talks.map(({ frames }) => frames.length));
  return Array.from({ length: longest }, (_, index) => talks.flatMap(({ frames }) => frames[index] ?? [])).flat();
}

suite('a capture file in lens', () => {
  let desk: Desk;
  setup(() => (desk = new Desk()));
  teardown(() => desk.dispose());

  test('a recording of ours: who, where, by which rule, how it ended, and what was said', async () => {
    const pieces: Uint8Array[] = [];
    const writer = new PcapngWriter((blocks) => pieces.push(blocks));
    const packets = new TcpPackets(writer);
    const at = 1_700_000_000_000;
    const facts: FlowFacts = { id: 7, listenerId: 'dev', listenerName: 'dev', openedAt: at, client: { host: '127.0.0.1', port: 50_007 }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [] };
    const flow = packets.open(facts, 'Connection 7, listener dev. Client program: curl (42) curl -v localhost:3000.');
    for (const [from, text] of [['client', get], ['upstream', answer]] as const) {
      packets.data(flow, from, at + 1, text.length, (start, length, into, offset) => (into.set(Buffer.from(text).subarray(start, start + length), offset), true));
    }
    packets.close(flow, at + 2, 'closedByPerson', 'Route web, upstream 127.0.0.1:8080. Ended: closedByPerson. A person closed it.');
    writer.flush();
    const reading = await desk.open(Buffer.concat(pieces));
    const [row] = await reading.flows();
    assert.deepEqual(
      [row?.listenerName, row?.process, row?.route, row?.upstream, row?.endReason, row?.endDetail, row?.openedAt, row?.closedAt, row?.state],
      ['dev', { pid: 42, name: 'curl', commandLine: 'curl -v localhost:3000' }, 'web', '127.0.0.1:8080', 'closedByPerson', 'A person closed it.', at, at + 2, 'closed'],
    );
    assert.deepEqual(await reading.conversations(), [['127.0.0.1 50007', get, answer]]);
    assert.equal(row?.classification.protocol, 'http1');
    assert.deepEqual(await reading.messages(row!.id), [['client', 'GET /a'], ['upstream', '200 OK · text · 5 bytes']]);
    assert.equal(reading.state.problem, undefined);
    assert.equal(reading.state.read, Buffer.concat(pieces).length);
  });

  for (const [format, fileOf] of [['pcap', pcap], ['pcapng', pcapng]] as const) {
    test(`${format} of another program: both ends, and bytes read back from the file`, async () => {
      const file = fileOf(byTurns(talkOf(50_001), talkOf(50_002), talkOf(50_003)));
      const reading = await desk.open(file);
      assert.deepEqual(await reading.conversations(), [50_001, 50_002, 50_003].map((port) => [`10.0.0.1 ${port}`, get, answer]));
      const [row] = await reading.flows();
      assert.deepEqual([row?.upstream, row?.listenerName, row?.endReason, row?.local], ['10.0.0.2:8080', '', 'clientClosed', { host: '10.0.0.2', port: 8080 }]);
      assert.equal(reading.state.packets, 24);
    });
  }

  test('cut off at any byte, it shows what comes before, and says where', async () => {
    const file = pcapng(byTurns(talkOf(50_001), talkOf(50_002)));
    // Blocks say their length in their second word.
    const borders: number[] = [];
    for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) borders.push(at);
    for (const border of [...borders, file.length].slice(1)) {
      const before = borders[borders.indexOf(border) - 1] ?? borders.at(-1)!;
      for (const length of [border, border - 1, Math.floor((before + border) / 2), before + 5]) {
        const cut = file.subarray(0, length);
        if (length < 28) continue;
        const reading = await desk.open(cut);
        assert.deepEqual(await reading.conversations(), expected(cut), `cut at ${length}`);
        const { problem } = reading.state;
        if (length === border) assert.equal(problem, undefined);
        else assert.deepEqual([problem?.offset, problem?.message.includes(`test.pcapng is damaged at byte ${before}`)], [before, true], `cut at ${length}`);
        for (const row of await reading.flows()) assert.equal(row.state, 'closed');
      }
    }
  });

  test('damaged in the middle, it shows what comes before, and says where', async () => {
    const file = Buffer.concat([pcapng(talkOf(50_001).frames), Buffer.alloc(64, 0xff), pcapng(talkOf(50_002).frames)]);
    const reading = await desk.open(file);
    assert.deepEqual(await reading.conversations(), [['10.0.0.1 50001', get, answer]]);
    assert.equal(reading.state.problem?.offset, pcapng(talkOf(50_001).frames).length);
  });

  test('segments out of order, sent twice and overlapping are each read from where they stand', async () => {
    const talk = new Conversation().open();
    const first = talk.next('client');
    const say = (offset: number, payload: string): unknown => talk.packet({ from: 'client', flags: ack, seq: first + offset, ack: talk.next('server'), payload });
    say(6, 'world ');
    say(12, 'again');
    say(0, 'hel');
    say(2, 'llo wor');
    say(0, 'hello world');
    const file = pcap(talk.frames);
    assert.deepEqual(expected(file), [['10.0.0.1 50000', 'hello world again', '']]);
    assert.deepEqual(await (await desk.open(file)).conversations(), expected(file));
  });

  test('a packet that came in fragments', async () => {
    const frame = links['ethernet']!.frame;
    const long = tcpSegment({ from: 'client', seq: 1001, payload: 'x'.repeat(90) + 'end' });
    const piece = (from: number, to: number): Frame => ({ bytes: frame(ipv4('client', long.subarray(from, to), someEnds, { identification: 77, fragmentOffset: from, hasMore: to < long.length })) });
    const start: Frame = { bytes: frame(ipv4('client', tcpSegment({ from: 'client', flags: syn, seq: 1000 }))) };
    const after: Frame = { bytes: frame(ipv4('client', tcpSegment({ from: 'client', seq: 1001 + 93, payload: ' and more' }))) };
    const reading = await desk.open(pcap([start, piece(64, long.length), piece(0, 64), after]));
    assert.deepEqual(await reading.conversations(), [['10.0.0.1 50000', `${'x'.repeat(90)}end and more`, '']]);
  });

  test('what the file does not have is a gap of its size', async () => {
    const talk = new Conversation().open().say('client', 'one ').lose('client', 10).say('client', 'three').say('server', 'yes').close();
    const reading = await desk.open(pcap(talk.frames));
    assert.deepEqual(await reading.conversations(), [['10.0.0.1 50000', 'one <10 missing>three', 'yes']]);
    const [row] = await reading.flows();
    assert.deepEqual(row?.fromClient, { total: 19, kept: 9, dropped: 10 });
  });

  test('a connection whose beginning is missing says so', async () => {
    const talk = new Conversation().say('server', 'later').say('client', 'much later');
    const reading = await desk.open(pcap(talk.frames));
    const [row] = await reading.flows();
    assert.deepEqual(row?.notes, ['The beginning of this connection is not in the file. Which end is the client was told by the port numbers.']);
    assert.equal(row?.endDetail, 'The file ends before it does.');
  });

  test('what is no capture, or cannot be opened, is told in a sentence', async () => {
    const cases: [Uint8Array | undefined, string, RegExp][] = [
      [Buffer.from('# notes\nnot packets\n'), desk.file, /test\.pcapng .*neither pcap nor pcapng/],
      [gzipSync(pcap(talkOf(50_001).frames)), desk.file, /it is compressed; unpack it with gunzip first/],
      [Buffer.alloc(0), desk.file, /it is empty/],
      [undefined, join(desk.folder, 'gone.pcap'), /gone\.pcap/],
      [undefined, desk.folder, /port-prism-file-/],
    ];
    for (const [content, file, message] of cases) {
      const reading = await desk.open(content, file);
      assert.match(reading.state.problem?.message ?? '', message);
      assert.equal(reading.state.isDone, true);
      assert.deepEqual(await reading.flows(), []);
    }
  });

  test('packets that are no conversation are counted', async () => {
    const udp: Frame = { bytes: links['ethernet']!.frame(ipv4('client', Buffer.alloc(8), someEnds, { protocol: 17 })) };
    const { state } = await desk.open(pcap([...talkOf(50_001).frames, udp, udp]));
    assert.deepEqual([state.packets, state.notDecoded.notTcp], [10, 2]);
  });

  test('bytes that the file lost since are missing, and never others', async () => {
    const talk = new Conversation().open();
    for (let part = 0; part < 50; part++) talk.say('server', String.fromCharCode(65 + part).repeat(5000));
    const reading = await desk.open(pcap(talk.frames));
    // In the middle of the 31st: a packet is read as a whole.
    truncateSync(desk.file, 24 + 3 * (16 + 54) + 30 * (16 + 54 + 5000) + 2000);
    const whole = Array.from({ length: 30 }, (_, part) => String.fromCharCode(65 + part).repeat(5000)).join('');
    const said = await reading.said(1, 'upstream');
    assert.ok(said.startsWith(whole));
    assert.equal(said.slice(whole.length), '<100000 missing>');
  });
});
