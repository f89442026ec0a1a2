// How soon a large capture file can be looked at: lens' own worker reads a pcapng of 1 GB (in packets of usual size, as tcpdump writes it, and as a
// recording of ours) that is made for the occasion.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { nodePort } from '../../src/core/engine/nodePort.js';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets } from '../../src/core/capture/pcapngTcp.js';
import type { FlowFacts } from '../../src/shared/flow.js';
import type { LensContract, LensEvents } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { Conversation, pcapng } from '../unit/packets.js';
import { spreadOf, type Line } from './figures.js';
import type { BenchContext } from './rounds.js';

const fileBytes = 1e9;
const firstRowsWithinMs = 500;
const readWithinMs = 10_000;
const decodedWithinMs = 30_000;
/** between looks at how far decoding is */
const lookEveryMs = 50;
const mostMemoryMB = 500;

interface Measured {
  firstRowsMs: number;
  readMs: number;
  firstMessagesMs: number;
  decodedMs: number;
  /** of the process, above what it was before */
  memoryMB: number;
  flows: number;
  packets: number;
}

export async function captureFile(context: BenchContext): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'port-prism-bench-'));
  try {
    const lines: Line[] = [];
    for (const [name, make] of [['tcpdump', packetsOfUsualSize], ['our recording', ourRecording]] as const) {
      const file = join(folder, 'large.pcapng');
      context.say(`captureFile: making 1 GB (${name})`);
      make(file);
      const measured: Measured[] = [];
      for (let round = 0; round < Math.min(3, context.rounds); round++) measured.push({ ...(await reading(context.root, file)), ...(await decoding(context.root, file)) });
      const { flows, packets } = measured[0]!;
      lines.push(
        { row: `1 GB file, ${name}: first rows`, unit: 'ms', ours: spreadOf(measured.map(({ firstRowsMs }) => firstRowsMs)), goal: { of: 'figure', sense: 'atMost', value: firstRowsWithinMs }, note: 'from the start of the worker' },
        { row: `1 GB file, ${name}: first messages`, unit: 'ms', ours: spreadOf(measured.map(({ firstMessagesMs }) => firstMessagesMs)), goal: { of: 'figure', sense: 'atMost', value: firstRowsWithinMs }, note: 'the same, with the list of messages open' },
        { row: `1 GB file, ${name}: decoded`, unit: 'ms', ours: spreadOf(measured.map(({ decodedMs }) => decodedMs)), goal: { of: 'figure', sense: 'atMost', value: decodedWithinMs }, note: 'with the list of messages open' },
        { row: `1 GB file, ${name}: read`, unit: 'ms', ours: spreadOf(measured.map(({ readMs }) => readMs)), goal: { of: 'figure', sense: 'atMost', value: readWithinMs }, note: `nobody looks at messages; ${flows} connections, ${packets} packets` },
        { row: `1 GB file, ${name}: memory`, unit: 'MB', ours: spreadOf(measured.map(({ memoryMB }) => memoryMB)), goal: { of: 'figure', sense: 'atMost', value: mostMemoryMB }, note: 'of the process, above what it had' },
      );
    }
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A lens that reads the file, for as long as `work` takes. */
async function withLens<T>(root: string, file: string, work: (rpc: Rpc<LensEvents, LensContract>, sinceStart: () => number) => Promise<T>): Promise<T> {
  const began = performance.now();
  const worker = new Worker(join(root, 'dist/lens.js'), { workerData: { file } });
  const rpc = new Rpc<LensEvents, LensContract>(nodePort(worker), (fault) => console.error(fault));
  const failed = new Promise<never>((_, reject) => worker.on('error', reject));
  try {
    return await Promise.race([work(rpc, () => performance.now() - began), failed]);
  } finally {
    rpc.dispose();
    await worker.terminate();
  }
}

function reading(root: string, file: string): Promise<Pick<Measured, 'firstRowsMs' | 'readMs' | 'memoryMB' | 'flows' | 'packets'>> {
  const before = process.memoryUsage().rss;
  return withLens(root, file, async (rpc, sinceStart) => {
    let firstRowsMs = 0;
    const state = await new Promise<LensEvents['notifications']['file/changed']>((resolve, reject) => {
      rpc.on('file/changed', (now) => {
        if (firstRowsMs === 0) {
          void rpc.request('flows/list', { order: 'opened', start: 0, count: 100 }).then(({ rows }) => {
            if (0 < rows.length && firstRowsMs === 0) firstRowsMs = sinceStart();
          }, reject);
        }
        if (now.isDone) resolve(now);
      });
    });
    const readMs = sinceStart();
    if (state.problem !== undefined) throw new Error(state.problem.message);
    const { totalFlows } = await rpc.request('lens/summary', null);
    return { firstRowsMs, readMs, memoryMB: (process.memoryUsage().rss - before) / 1e6, flows: totalFlows, packets: state.packets };
  });
}

function decoding(root: string, file: string): Promise<Pick<Measured, 'firstMessagesMs' | 'decodedMs'>> {
  return withLens(root, file, async (rpc, sinceStart) => {
    const opened = await rpc.request('view/open', { filter: '', listing: 'exchanges' });
    if (!('view' in opened)) throw new Error(opened.problem.message);
    for (let firstMessagesMs = 0; ; await new Promise((resolve) => setTimeout(resolve, lookEveryMs))) {
      const { rows, undecodedBytes, isDone } = await rpc.request('view/rows', { view: opened.view, start: 0, count: 100, columns: [] });
      if (firstMessagesMs === 0 && 0 < rows.length) firstMessagesMs = sinceStart();
      const state = await rpc.request('file/state', null);
      if (state?.isDone === true && isDone && undecodedBytes === 0) return { firstMessagesMs, decodedMs: sinceStart() };
    }
  });
}

/** HTTP over Ethernet in packets of up to 1,448 bytes: a request, an answer of 20 KB, ten times a connection. */
export function packetsOfUsualSize(file: string): void {
  const page = Buffer.alloc(20_000, 'all work and no play ');
  const talk = new Conversation({ clientPort: 0x7777, serverPort: 80 }).open();
  for (let request = 0; request < 10; request++) {
    talk.say('client', `GET /page/${request} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\n\r\n`), page]);
    for (let at = 0; at < answer.length; at += 1448) talk.say('server', answer.subarray(at, at + 1448));
    talk.send('client', 0x10);
  }
  talk.close();
  const head = pcapng([]);
  const whole = pcapng(talk.frames);
  const body = whole.subarray(head.length);
  // The client's port stands once in each packet: behind block header, link layer and IP header.
  const ports: number[] = [];
  for (let at = 0; at < body.length; at += body.readUInt32LE(at + 4)) {
    const tcp = at + 28 + 14 + 20;
    ports.push(body.readUInt16BE(tcp) === 0x7777 ? tcp : tcp + 2);
  }
  const handle = openSync(file, 'w');
  writeSync(handle, head);
  for (let written = head.length, port = 1024; written < fileBytes; written += body.length, port++) {
    for (const at of ports) body.writeUInt16BE(1024 + (port % 64_000), at);
    writeSync(handle, body);
  }
  closeSync(handle);
}

/** The same as we record it: what was read at once is one packet. */
export function ourRecording(file: string): void {
  const handle = openSync(file, 'w');
  let written = 0;
  const writer = new PcapngWriter((blocks) => (written += writeSync(handle, blocks)));
  const packets = new TcpPackets(writer);
  const page = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n'), Buffer.alloc(20_000, 'all work and no play ')]);
  for (let id = 1; written < fileBytes; id++) {
    const at = 1_700_000_000_000 + id;
    const facts: FlowFacts = {
      id, listenerId: 'bench', listenerName: 'bench', openedAt: at, client: { host: '127.0.0.1', port: 1024 + (id % 64_000) }, local: { host: '127.0.0.1', port: 3000 },
      failedUpstreams: [], notes: [],
    };
    const flow = packets.open(facts, `Connection ${id}, listener bench.`);
    for (let request = 0; request < 10; request++) {
      for (const [from, bytes] of [['client', Buffer.from(`GET /page/${request} HTTP/1.1\r\nHost: bench\r\n\r\n`)], ['upstream', page]] as const) {
        packets.data(flow, from, at, bytes.length, (start, length, into, offset) => {
          into.set(bytes.subarray(start, start + length), offset);
          return true;
        });
      }
    }
    packets.close(flow, at + 5, 'clientClosed', 'Ended: clientClosed.');
  }
  writer.flush();
  closeSync(handle);
}
