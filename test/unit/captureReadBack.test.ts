// What the recorder writes is what the reader reads: bytes, times, who is who, comments, holes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets } from '../../src/core/capture/pcapngTcp.js';
import { readRecordedComment, type RecordedFacts } from '../../src/core/capture/recordedComment.js';
import { CaptureStore, notKept } from '../../src/core/capture/store.js';
import { Lens } from '../../src/core/lens/lens.js';
import type { FlowFacts, Speaker } from '../../src/shared/flow.js';
import { replay, type Heard } from './packets.js';

const t = 1_700_000_000_000;

function factsOf(id: number, more: Partial<FlowFacts> = {}): FlowFacts {
  return { id, listenerId: 'r/dev', listenerName: 'dev', openedAt: t, client: { host: '127.0.0.1', port: 50_000 + id }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [], ...more };
}

function factsOfComments({ comments }: Heard): RecordedFacts {
  const facts: RecordedFacts = {};
  for (const comment of comments) readRecordedComment(comment, facts);
  return facts;
}

suite('reading back what was recorded', () => {
  test('any conversation: bytes, speakers, times, in order', () => {
    const saying = fc.record({ from: fc.constantFrom<Speaker>('client', 'upstream'), size: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 60_000, max: 200_000 })), isKept: fc.boolean(), later: fc.integer({ min: 0, max: 5000 }) });
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 20 }), fc.integer({ min: 1, max: 0xffff }), fc.boolean(), (sayings, id, isSix) => {
        const host = isSix ? '::1' : '127.0.0.1';
        const pieces: Uint8Array[] = [];
        const writer = new PcapngWriter((blocks) => pieces.push(blocks));
        const tcp = new TcpPackets(writer);
        const flow = tcp.open(factsOf(id, { client: { host, port: 50_001 }, local: { host, port: 3000 } }), 'a comment');
        const expected: Record<Speaker, string> = { client: '', upstream: '' };
        const times: number[] = [];
        let at = t;
        for (const [index, { from, size, isKept, later }] of sayings.entries()) {
          at += later / 1000;
          const bytes = Buffer.alloc(size, 97 + (index % 26));
          tcp.data(flow, from, at, size, (start, length, into, to) => isKept && (into.set(bytes.subarray(start, start + length), to), true));
          expected[from] += isKept ? bytes.toString('latin1') : `<${size} missing>`;
          if (isKept) times.push(Math.round(at * 1000));
        }
        tcp.close(flow, at + 1, 'upstreamClosed', 'Ended: upstreamClosed.');
        writer.flush();
        const { flows, events, finished } = replay(Buffer.concat(pieces), 77_777);
        const joined = (text: string): string => text.replace(/<(\d+) missing>(<(\d+) missing>)+/g, (run) => `<${[...run.matchAll(/\d+/g)].reduce((sum, [digits]) => sum + Number(digits), 0)} missing>`);
        assert.equal(finished.broken, undefined);
        assert.equal(flows.length, 1);
        assert.deepEqual([flows[0]!.said.client, flows[0]!.said.upstream], [joined(expected.client), joined(expected.upstream)]);
        assert.deepEqual([flows[0]!.client, flows[0]!.server, flows[0]!.clientBy, flows[0]!.reason], [`${host} 50001`, `${host} 3000`, 'syn', 'upstreamClosed']);
        assert.deepEqual(flows[0]!.comments, ['a comment', 'Ended: upstreamClosed.']);
        const heardAt = events.flatMap((event) => (event.kind === 'chunk' ? [Math.round(event.at * 1000)] : []));
        assert.deepEqual([...new Set(heardAt)], [...new Set(times)]);
      }),
      { numRuns: 60 },
    );
  });

  test('a hole in a recording is told before what follows it, since packets of a recording are in order', () => {
    const pieces: Uint8Array[] = [];
    const writer = new PcapngWriter((blocks) => pieces.push(blocks));
    const tcp = new TcpPackets(writer);
    const flow = tcp.open(factsOf(1), '');
    const say = (from: Speaker, text: string | undefined): number => tcp.data(flow, from, t, 4, (_start, _length, into, to) => text !== undefined && (into.set(Buffer.from(text), to), true));
    for (const [from, text] of [['client', 'ask1'], ['upstream', undefined], ['upstream', 'rest'], ['client', 'ask2'], ['upstream', 'ans2']] as const) say(from, text);
    writer.flush();
    const order = replay(Buffer.concat(pieces)).events.flatMap((event): (string | number)[] => (event.kind === 'chunk' ? [Buffer.from(event.bytes).toString()] : event.kind === 'gap' ? [event.length] : []));
    assert.deepEqual(order, ['ask1', 4, 'rest', 'ask2', 'ans2']);
  });

  test('resets come back as resets', () => {
    for (const reason of ['clientReset', 'upstreamReset', 'clientClosed', 'upstreamClosed'] as const) {
      const pieces: Uint8Array[] = [];
      const writer = new PcapngWriter((blocks) => pieces.push(blocks));
      const tcp = new TcpPackets(writer);
      tcp.close(tcp.open(factsOf(1), ''), t, reason, '');
      writer.flush();
      assert.equal(replay(Buffer.concat(pieces)).flows[0]?.reason, reason);
    }
  });

  test('through lens and disk: program, route, end, and a connection that had begun before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'port-prism-'));
    try {
      const file = join(folder, 'a.pcapng');
      const store = new CaptureStore(4);
      const lens = new Lens({ classify: () => ({ protocol: 'unknown', layers: [], by: 'none', why: '', isSettled: false }), now: () => 0 });
      const batch = (flows: FlowFacts[], said: [id: number, from: Speaker, text: string | undefined, at: number][]): void => {
        const chunks = said.flatMap(([id, from, text, at]) => [id * 2 + (from === 'client' ? 0 : 1), at, (text ?? 'lost').length, text === undefined ? notKept : store.append(Buffer.from(text))]);
        lens.ingest({ segments: store.takeNewSegments(), ...(lens.summary().totalFlows === 0 ? { header: store.header } : {}), flows, chunks: Float64Array.from(chunks), totals: new Float64Array() });
      };
      // Its listener has a higher port than its client, so that only the comment tells who is who.
      const early = factsOf(1, { client: { host: '127.0.0.1', port: 40_000 }, local: { host: '127.0.0.1', port: 50_000 } });
      batch([early], [[1, 'client', 'before', t]]);
      await lens.startRecording(file);
      const second = factsOf(2, { openedAt: t + 1, process: { pid: 9, name: 'curl. 8', commandLine: 'curl http://a.test/x' } });
      batch([second, factsOf(3, { openedAt: t + 1, client: { path: '' }, local: { path: '/tmp/x.sock' } })], [[1, 'upstream', 'after', t + 2], [2, 'client', 'GET /', t + 3], [3, 'client', 'hi', t + 3]]);
      batch([{ ...second, route: 'api', upstream: '127.0.0.1:8080' }], [[2, 'upstream', undefined, t + 4], [2, 'upstream', 'rest', t + 5]]);
      batch([{ ...second, route: 'api', upstream: '127.0.0.1:8080', closedAt: t + 6, endReason: 'connectTimeout', endDetail: '127.0.0.1:8080 did not answer. Too bad.' }], []);
      await lens.stopRecording();

      const { flows } = replay(readFileSync(file));
      const [one, two, three] = [flows.find(({ client }) => client === '127.0.0.1 40000')!, flows.find(({ client }) => client === '127.0.0.1 50002')!, flows.find(({ client }) => client === '127.0.0.1 1027')!];
      assert.deepEqual([one.said, one.isPartial, one.clientBy, one.server], [{ client: '', upstream: 'after' }, true, 'comment', '127.0.0.1 50000']);
      assert.deepEqual(two.said, { client: 'GET /', upstream: '<4 missing>rest' });
      assert.deepEqual(factsOfComments(two), {
        connection: 2, listener: 'dev', process: { pid: 9, name: 'curl. 8', commandLine: 'curl http://a.test/x' }, route: 'api', upstream: '127.0.0.1:8080',
        endReason: 'connectTimeout', endDetail: '127.0.0.1:8080 did not answer. Too bad.',
      });
      assert.equal(three.said.client, 'hi');
      assert.match(three.comments[0] ?? '', /Socket \/tmp\/x\.sock/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('comments of other programs say nothing', () => {
    const facts: RecordedFacts = {};
    for (const comment of ['', 'a note', 'Connection refused', 'listener dev.']) readRecordedComment(comment, facts);
    assert.deepEqual(facts, {});
  });
});
