import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { nodePort } from '../../src/core/engine/nodePort.js';
import type { LensContract, LensEvents } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { Stage, Talk } from './support/cli.js';
import { Workers } from './support/workers.js';

/** Byte at an offset of a pattern that repeats at no power of two, so that a shifted answer is a wrong one. */
const patternAt = (offset: number): number => (offset * 31 + (offset >>> 8) * 7) & 0xff;

/** Engine and lens with one listener. */
class Pair extends Workers {
  async listenFor(upstreamPort: number, captureMemoryMB: number): Promise<number> {
    return (await this.listen({ dev: upstreamPort }, { captureMemoryMB, resolvesProcesses: false })).get('dev')!;
  }
}

suite('lens beside a running engine', () => {
  let stage: Stage;
  let pair: Pair;
  setup(() => {
    stage = new Stage();
    pair = new Pair();
  });
  teardown(async () => {
    await pair.close();
    await stage.end();
  });

  test('what passed is there byte for byte while the ring holds it, and counted as dropped when it does not', async () => {
    const sink = await stage.server((socket) => socket.resume().on('end', () => socket.end('thank you')));
    const port = await pair.listenFor(sink, 4);
    const total = 24 << 20;
    const talk = await Talk.open(port);
    const bytes = new Uint8Array(total);
    for (let offset = 0; offset < total; offset++) bytes[offset] = patternAt(offset);
    talk.socket.end(bytes);
    await talk.untilClosed();
    assert.equal(talk.heard, 'thank you');
    await pair.untilClosed(1);

    const row = await pair.lens.request('flows/get', { id: 1 });
    assert.equal(row.fromClient.total, total);
    assert.equal(row.fromClient.kept + row.fromClient.dropped, total);
    assert.ok(0 < row.fromClient.kept && row.fromClient.kept <= 4 << 20, JSON.stringify(row.fromClient));
    assert.deepEqual(row.fromUpstream, { total: 9, kept: 9, dropped: 0 });

    let kept = 0;
    for (let start = 0; start < total; start += 256 << 10) {
      const piece = await pair.lens.request('bytes/read', { flow: 1, from: 'client', start, length: 256 << 10 });
      let at = start;
      for (const gap of [...piece.gaps, { start: start + piece.bytes.length, end: 0 }]) {
        for (; at < gap.start; at++, kept++) if (piece.bytes[at - start] !== patternAt(at)) assert.fail(`byte ${at} is wrong`);
        at = gap.end;
      }
    }
    assert.equal(kept, row.fromClient.kept);
    assert.deepEqual(pair.faults, []);
  });

  test('hundreds of short connections are all there, each with its own bytes', async () => {
    const port = await pair.listenFor(await stage.echo('re'), 16);
    const flows = 300;
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < flows) {
        const text = `number ${next++};`;
        const talk = await Talk.open(port);
        await talk.ask(text, `re:${text}`);
        await talk.end();
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    await pair.untilClosed(flows);
    const { rows, total } = await pair.lens.request('flows/list', { order: 'opened', start: 0, count: 1000 });
    assert.equal(total, flows);
    const said = new Set<string>();
    for (const { id, state, endReason, fromClient, fromUpstream } of rows) {
      const client = Buffer.from((await pair.lens.request('bytes/read', { flow: id, from: 'client', start: 0, length: 100 })).bytes).toString();
      const upstream = Buffer.from((await pair.lens.request('bytes/read', { flow: id, from: 'upstream', start: 0, length: 100 })).bytes).toString();
      assert.equal(upstream, `re:${client}`);
      assert.deepEqual([state, fromClient.total, fromUpstream.total], ['closed', client.length, upstream.length]);
      assert.ok(endReason === 'clientClosed' || endReason === 'bothClosed', endReason);
      said.add(client);
    }
    assert.equal(said.size, flows);
  });

  test('a lens that comes late sees what is live, and says that it missed the bytes before', async () => {
    const port = await pair.listenFor(await stage.echo('re'), 16);
    const talk = await Talk.open(port);
    await talk.ask('before', 're:before');
    const worker = new Worker(join(__dirname, '..', '..', 'lens.js'));
    const late = new Rpc<LensEvents, LensContract>(nodePort(worker), (fault) => pair.faults.push(fault));
    const { port1, port2 } = new MessageChannel();
    await late.request('lens/attach', { port: port2 }, [port2]);
    const heard = new Promise<void>((resolve) => late.on('lens/changed', ({ keptBytes }) => 0 < keptBytes && resolve()));
    await pair.engine.request('capture/attach', { port: port1 }, [port1]);
    await talk.ask('after', 're:after');
    await heard;
    const piece = await late.request('bytes/read', { flow: 1, from: 'client', start: 0, length: 100 });
    assert.equal(Buffer.from(piece.bytes).toString('latin1'), '\0\0\0\0\0\0after');
    assert.deepEqual(piece.gaps, [{ start: 0, end: 6 }]);
    late.dispose();
    const ended = once(worker, 'exit');
    await worker.terminate();
    await ended;
  });
});
