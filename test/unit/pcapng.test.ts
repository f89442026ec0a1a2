import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets, parseAddress } from '../../src/core/capture/pcapngTcp.js';
import { CaptureStore, notKept } from '../../src/core/capture/store.js';
import { Lens } from '../../src/core/lens/lens.js';
import type { EndReason, FlowFacts, Speaker } from '../../src/shared/flow.js';

interface Packet {
  at: number;
  source: string;
  target: string;
  flags: string;
  sequence: number;
  acknowledged: number;
  payload: Buffer;
  comment: string | undefined;
}

/** Reads a file the way a stranger would: by the drafts, checking every length and checksum on the way. */
function readPcapng(file: Uint8Array): Packet[] {
  const bytes = Buffer.from(file);
  const packets: Packet[] = [];
  let number = 0;
  for (let at = 0; at < bytes.length; number++) {
    const type = bytes.readUInt32LE(at);
    const total = bytes.readUInt32LE(at + 4);
    assert.equal(total % 4, 0, 'blocks are whole words');
    assert.equal(bytes.readUInt32LE(at + total - 4), total, 'both lengths of a block agree');
    if (number === 0) {
      assert.equal(type, 0x0a0d0d0a);
      assert.equal(bytes.readUInt32LE(at + 8), 0x1a2b3c4d);
    } else if (number === 1) {
      assert.equal(type, 1);
      assert.equal(bytes.readUInt16LE(at + 8), 101);
    } else {
      assert.equal(type, 6);
      packets.push(readPacket(bytes.subarray(at, at + total)));
    }
    at += total;
  }
  return packets;
}

function readPacket(block: Buffer): Packet {
  const microseconds = block.readUInt32LE(12) * 2 ** 32 + block.readUInt32LE(16);
  const length = block.readUInt32LE(20);
  assert.equal(block.readUInt32LE(24), length);
  const ip = block.subarray(28, 28 + length);
  const isV4 = ip[0]! >> 4 === 4;
  const tcp = ip.subarray(isV4 ? 20 : 40);
  assert.equal(isV4 ? ip.readUInt16BE(2) : 40 + ip.readUInt16BE(4), length, 'the length in the IP header');
  if (isV4) assert.equal(checksum([ip.subarray(0, 20)]), 0, 'the IP checksum');
  const addresses = isV4 ? ip.subarray(12, 20) : ip.subarray(8, 40);
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(6, 0);
  pseudo.writeUInt16BE(tcp.length, 2);
  assert.equal(checksum([addresses, pseudo, tcp]), 0, 'the TCP checksum');
  const half = addresses.length / 2;
  const flags = tcp[13]!;
  const names = [[2, 'SYN'], [1, 'FIN'], [4, 'RST'], [8, 'PSH'], [16, 'ACK']] as const;
  return {
    at: microseconds / 1000,
    source: `${addresses.subarray(0, half).toString('hex')}:${tcp.readUInt16BE(0)}`,
    target: `${addresses.subarray(half).toString('hex')}:${tcp.readUInt16BE(2)}`,
    flags: names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name).join(' '),
    sequence: tcp.readUInt32BE(4),
    acknowledged: tcp.readUInt32BE(8),
    payload: Buffer.from(tcp.subarray((tcp[12]! >> 4) * 4)),
    comment: commentOf(block.subarray(28 + Math.ceil(length / 4) * 4, block.length - 4)),
  };
}

function commentOf(options: Buffer): string | undefined {
  if (options.length === 0) return undefined;
  assert.equal(options.readUInt16LE(0), 1);
  const length = options.readUInt16LE(2);
  assert.equal(options.readUInt32LE(4 + Math.ceil(length / 4) * 4), 0, 'the end of options');
  return options.subarray(4, 4 + length).toString('utf8');
}

function checksum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) for (let at = 0; at < part.length; at++) sum += at % 2 === 0 ? part[at]! * 256 : part[at]!;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum ^ 0xffff;
}

/** What one speaker said, put together by sequence number, so that wrong numbers show. */
function conversation(packets: readonly Packet[], source: string): string {
  const mine = packets.filter((packet) => packet.source === source);
  let next = mine[0]!.sequence;
  let text = '';
  for (const packet of mine) {
    const ahead = (packet.sequence - next) >>> 0;
    if (ahead > 0) text += `<${ahead} missing>`;
    text += packet.payload.toString('latin1');
    next = (packet.sequence + packet.payload.length + (/SYN|FIN/.test(packet.flags) ? 1 : 0)) >>> 0;
  }
  return text;
}

function factsOf(id: number, more: Partial<FlowFacts> = {}): FlowFacts {
  return { id, listenerId: 'r/dev', listenerName: 'dev', openedAt: 1_700_000_000_000 + id, client: { host: '127.0.0.1', port: 50_000 }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [], ...more };
}

function written(write: (tcp: TcpPackets) => void): Packet[] {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((blocks) => {
    readPcapngBlocksWhole(blocks);
    pieces.push(blocks);
  });
  write(new TcpPackets(writer));
  writer.flush();
  const file = Buffer.concat(pieces);
  assert.equal(writer.written, file.length);
  const packets = readPcapng(file);
  assert.equal(writer.packets, packets.length);
  return packets;
}

/** A crash between two pieces leaves whole blocks. */
function readPcapngBlocksWhole(piece: Uint8Array): void {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  let at = 0;
  while (at < piece.length) at += view.getUint32(at + 4, true);
  assert.equal(at, piece.length);
}

const client4 = '7f000001:50000';
const server4 = '7f000001:3000';

/** Copies from a buffer as lens copies from the store. */
function from(bytes: Uint8Array): (start: number, length: number, into: Uint8Array, at: number) => boolean {
  return (start, length, into, at) => (into.set(bytes.subarray(start, start + length), at), true);
}

suite('pcapng', () => {
  test('a conversation reads back: handshake, both sides, FIN both ways, comments, times', () => {
    const packets = written((tcp) => {
      const flow = tcp.open(factsOf(1), 'Route api.');
      tcp.data(flow, 'client', 1_700_000_000_100.25, 5, from(Buffer.from('hello')));
      tcp.data(flow, 'upstream', 1_700_000_000_200.5, 8, from(Buffer.from('hi there')));
      tcp.close(flow, 1_700_000_000_300, 'clientClosed', 'Ended: clientClosed.');
    });
    assert.deepEqual(packets.map((packet) => packet.flags), ['SYN', 'SYN ACK', 'ACK', 'PSH ACK', 'PSH ACK', 'FIN ACK', 'FIN ACK', 'ACK']);
    assert.equal(conversation(packets, client4), 'hello');
    assert.equal(conversation(packets, server4), 'hi there');
    assert.deepEqual(packets.map((packet) => packet.comment).filter((comment) => comment !== undefined), ['Route api.', 'Ended: clientClosed.']);
    assert.deepEqual(packets.slice(3, 5).map((packet) => packet.at), [1_700_000_000_100.25, 1_700_000_000_200.5]);
    assert.equal(packets[5]!.source, client4);
    // Everything that was said is acknowledged at the end.
    assert.equal(packets[7]!.acknowledged, (packets[6]!.sequence + 1) >>> 0);
  });

  test('a piece that was handed on stays as it was while the next one is made', () => {
    const pieces: Uint8Array[] = [];
    const writer = new PcapngWriter((blocks) => pieces.push(blocks));
    const tcp = new TcpPackets(writer);
    const flow = tcp.open(factsOf(1), '');
    for (const size of [10, 900_000, 20, 300_000, 30]) {
      tcp.data(flow, 'client', 1_700_000_000_100, size, from(new Uint8Array(size).fill(size % 251)));
      writer.flush();
    }
    const text = conversation(readPcapng(Buffer.concat(pieces)), client4);
    assert.equal(text, [10, 900_000, 20, 300_000, 30].map((size) => String.fromCharCode(size % 251).repeat(size)).join(''));
  });

  test('who reset or closed is who sends RST or FIN first', () => {
    const cases: [EndReason, string, string][] = [
      ['clientReset', 'RST ACK', client4],
      ['upstreamReset', 'RST ACK', server4],
      ['upstreamClosed', 'FIN ACK', server4],
      ['noRoute', 'FIN ACK', server4],
      ['clientLeftWhileInspected', 'FIN ACK', client4],
    ];
    for (const [reason, flags, source] of cases) {
      const packets = written((tcp) => tcp.close(tcp.open(factsOf(1), ''), 1_700_000_000_300, reason, ''));
      assert.deepEqual([packets[3]!.flags, packets[3]!.source], [flags, source], reason);
    }
  });

  test('large and odd-sized chunks are cut into packets that are legal, over IPv4 and IPv6', () => {
    const bytes = Uint8Array.from({ length: 1_000_001 }, (_, index) => (index * 7) % 251);
    const ends: [FlowFacts['client'], FlowFacts['local'], string][] = [
      [{ host: '127.0.0.1', port: 50_000 }, { host: '127.0.0.1', port: 3000 }, client4],
      [{ host: '::1', port: 50_000 }, { host: '::1', port: 3000 }, '00000000000000000000000000000001:50000'],
      [{ host: '::ffff:127.0.0.1', port: 50_000 }, { host: '::ffff:127.0.0.1', port: 3000 }, client4],
      [{ host: '::1', port: 50_000 }, { host: '127.0.0.1', port: 3000 }, '00000000000000000000000000000001:50000'],
    ];
    for (const [client, local, source] of ends) {
      const packets = written((tcp) => tcp.data(tcp.open(factsOf(3, { client, local }), ''), 'client', 1_700_000_000_100, bytes.length, from(bytes)));
      assert.equal(conversation(packets, source), Buffer.from(bytes).toString('latin1'));
    }
  });

  test('sequence numbers go on past 4 GiB', () => {
    const packets = written((tcp) => {
      const flow = tcp.open(factsOf(1), '', [4_294_967_290, 5]);
      for (const text of ['abcdef', 'ghijkl', 'mnopqr']) tcp.data(flow, 'client', 1_700_000_000_100, 6, from(Buffer.from(text)));
    });
    assert.equal(conversation(packets, client4), 'abcdefghijklmnopqr');
    assert.ok(!packets.some((packet) => packet.flags.includes('SYN')), 'a flow that had begun has no handshake');
  });

  test('bytes that were not kept leave a hole in the numbers, not wrong bytes', () => {
    const packets = written((tcp) => {
      const flow = tcp.open(factsOf(1), '');
      tcp.data(flow, 'client', 1_700_000_000_100, 3, from(Buffer.from('abc')));
      assert.equal(tcp.data(flow, 'client', 1_700_000_000_101, 4, () => false), 4);
      tcp.data(flow, 'client', 1_700_000_000_102, 3, from(Buffer.from('xyz')));
    });
    assert.equal(conversation(packets, client4), 'abc<4 missing>xyz');
  });

  test('a Unix socket stands as 127.0.0.1, one port per flow', () => {
    const ends = { client: { path: '' }, local: { path: '/tmp/x.sock' } };
    const packets = written((tcp) => {
      tcp.open(factsOf(1, ends), '');
      tcp.open(factsOf(2, ends), '');
    });
    assert.deepEqual([packets[0]!.source, packets[3]!.source], ['7f000001:1025', '7f000001:1026']);
  });

  test('addresses in every spelling a socket reports', () => {
    const hex = (host: string): string => Buffer.from(parseAddress(host)).toString('hex');
    assert.equal(hex('10.1.2.3'), '0a010203');
    assert.equal(hex('::ffff:10.1.2.3'), '0a010203');
    assert.equal(hex('::'), '0'.repeat(32));
    assert.equal(hex('2001:db8::1:0:2'), '20010db8000000000000000100000002');
    assert.equal(hex('fe80::1%eth0'), 'fe800000000000000000000000000001');
    assert.equal(hex('64:ff9b::192.0.2.33'), '0064ff9b0000000000000000c0000221');
  });
});

suite('recording', () => {
  let folder = '';
  setup(() => {
    folder = mkdtempSync(join(tmpdir(), 'port-prism-'));
  });
  teardown(() => rmSync(folder, { recursive: true, force: true }));

  /** A lens over a store, and a way to say things through both. */
  function recordingLens(): { lens: Lens; batch(flows: FlowFacts[], said: [id: number, from: Speaker, text: string | undefined, at: number][]): void } {
    const store = new CaptureStore(4);
    const lens = new Lens({ classify: () => ({ protocol: 'unknown', layers: [], by: 'none', why: '', isSettled: false }), now: () => 0 });
    return {
      lens,
      batch(flows, said) {
        const chunks = said.flatMap(([id, speaker, text, at]) => {
          const bytes = Buffer.from(text ?? 'lost');
          return [id * 2 + (speaker === 'client' ? 0 : 1), at, bytes.length, text === undefined ? notKept : store.append(bytes)];
        });
        lens.ingest({ segments: store.takeNewSegments(), ...(lens.summary().totalFlows === 0 ? { header: store.header } : {}), flows, chunks: Float64Array.from(chunks), totals: new Float64Array() });
      },
    };
  }

  test('writes what passes while it passes: readable before it is stopped, in the order of time', async () => {
    const { lens, batch } = recordingLens();
    const file = join(folder, 'a.pcapng');
    const modes: boolean[] = [];
    lens.onRecording((waits) => modes.push(waits));
    const early = factsOf(1);
    batch([early], [[1, 'client', 'before', 1_700_000_000_002]]);
    await lens.startRecording(file);
    const t = 1_700_000_001_000;
    const second = factsOf(2, { openedAt: t, client: { host: '127.0.0.1', port: 50_002 }, process: { pid: 9, name: 'curl', commandLine: 'curl x' } });
    batch([second], [[1, 'client', 'after', t - 1], [2, 'client', 'GET /', t + 1]]);
    batch([{ ...second, route: 'api', upstream: '127.0.0.1:8080' }], [[2, 'upstream', undefined, t + 2], [2, 'upstream', 'rest', t + 3]]);
    batch([{ ...second, route: 'api', closedAt: t + 4, endReason: 'upstreamClosed' }, { ...early, closedAt: t + 3, endReason: 'stopped' }], []);
    const { packets: count, bytes } = await lens.stopRecording();

    const packets = readPcapng(readFileSync(file));
    assert.equal(count, packets.length);
    assert.equal(bytes, readFileSync(file).length);
    assert.equal(conversation(packets, client4), 'after');
    assert.equal(conversation(packets, '7f000001:50002'), 'GET /');
    assert.equal(conversation(packets.filter((packet) => packet.target === '7f000001:50002'), server4), '<4 missing>rest');
    assert.deepEqual(packets.map((packet) => packet.at), packets.map((packet) => packet.at).sort((a, b) => a - b));
    const comments = packets.map((packet) => packet.comment ?? '').join('\n');
    assert.match(comments, /began 6 client bytes and 0 upstream bytes/);
    assert.match(comments, /curl \(9\)/);
    assert.match(comments, /Route api, upstream 127\.0\.0\.1:8080/);
    assert.match(comments, /4 bytes before this were not kept/);
    assert.match(comments, /Ended: upstreamClosed/);
    assert.deepEqual(modes, [true, false]);
  });

  test('a file that cannot be made is an error that names it, and nothing is recording', async () => {
    const { lens } = recordingLens();
    const file = join(folder, 'no', 'such', 'folder.pcapng');
    await assert.rejects(lens.startRecording(file), { code: 'recordingFailed', message: new RegExp('folder.pcapng') });
    assert.equal(lens.isRecording, false);
  });

  test('a disk that refuses ends the recording, says so, and lets the engine go on', async () => {
    const { lens, batch } = recordingLens();
    const said = new Promise<string>((resolve) => lens.onLog(({ message }) => resolve(message)));
    await lens.startRecording('/dev/full');
    batch([factsOf(1)], [[1, 'client', 'hello', 1_700_000_000_002]]);
    assert.match(await said, /Recording to \/dev\/full failed/);
    assert.equal(lens.isRecording, false);
    assert.equal(lens.room(), undefined);
  });
});
