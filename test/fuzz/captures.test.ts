// Changed capture files: whatever is in them, they are read to their end or to a place that is told, and what is told fits together.
import assert from 'node:assert/strict';
import { Conversation, links, pcap, pcapng, replay, someEnds, type Frame } from '../unit/packets.js';
import { MuxError } from '../../src/shared/errors.js';
import { factor, guarded, random, seed } from './random.js';

const rounds = 1500 * factor;

suite(`fuzz of capture files, seed ${seed}`, function () {
  this.timeout(240_000 * factor);
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

  test('files with changed bytes', () => {
    for (let i = 0; i < rounds; i++) {
      const file = changed(some());
      guarded('file', () => Buffer.from(file).toString('hex'), () => {
        let replayed;
        try {
          replayed = replay(file, 1 + below(2000));
        } catch (fault) {
          // Its first bytes were changed.
          if (fault instanceof MuxError && fault.code === 'captureNotReadable') return;
          throw fault;
        }
        const { finished } = replayed;
        assert.equal(replayed.events.filter(({ kind }) => kind === 'finished').length, 1);
        if (finished.broken !== undefined) assert.ok(0 <= finished.broken.offset && finished.broken.offset <= file.length);
        for (const { reason } of replayed.flows) assert.notEqual(reason, '', 'every flow is closed at the end');
      });
    }
  });

  test('packets lost, repeated, out of order, and of other connections with the same ends', () => {
    for (let i = 0; i < rounds; i++) {
      const frames = talks();
      for (let change = below(8); 0 < change && 0 < frames.length; change--) {
        const at = below(frames.length);
        const kind = below(3);
        if (kind === 0) frames.splice(at, 1);
        else if (kind === 1) frames.splice(below(frames.length), 0, frames[at]!);
        else frames.splice(below(frames.length), 0, ...frames.splice(at, 1));
      }
      if (frames.length === 0) continue;
      // `replay` checks that offsets join and that nothing is told of a flow that is not open.
      const { flows } = replay(pcap(frames), 1 + below(3000));
      for (const { said } of flows) for (const text of [said.client, said.upstream]) assert.ok(!/[^a-z<>0-9 ]/.test(text), text);
    }
  });

  function talks(): Frame[] {
    const frames: Frame[] = [];
    for (let count = 1 + below(3); 0 < count; count--) {
      const talk = new Conversation(someEnds, pick([1000, 0xffff_fff0, below(2 ** 32)]), below(2 ** 32));
      if (below(5) !== 0) talk.open();
      for (let said = below(10); 0 < said; said--) talk.say(pick(['client', 'server']), pick(['a', 'hello', 'x'.repeat(below(300) + 1)]));
      if (below(4) === 0) talk.send('server', 4);
      else if (below(4) !== 0) talk.close(pick(['client', 'server']));
      frames.push(...talk.frames);
    }
    return frames;
  }

  function some(): Uint8Array {
    const { linkType, frame } = pick(Object.values(links));
    const talk = new Conversation(someEnds, 1000, 5000, frame).open().say('client', 'hello').say('server', 'x'.repeat(below(400) + 1), { comments: ['a comment'] }).close();
    const shape = { linkType, isLittleEndian: below(2) === 0, isNanosecond: below(2) === 0 };
    return below(2) === 0 ? pcap(talk.frames, shape) : pcapng(talk.frames, shape);
  }

  function changed(file: Uint8Array): Uint8Array {
    let bytes = Uint8Array.from(file);
    for (let count = 1 + below(4); 0 < count; count--) {
      const at = below(bytes.length);
      const kind = below(4);
      if (kind === 0) bytes = bytes.slice(0, at + 1);
      else if (kind === 1) bytes.fill(pick([0xff, 0x7f, 0, 0x80]), at, at + 1 + below(4));
      else if (kind === 2) bytes = Uint8Array.from([...bytes.slice(0, at), ...Array.from({ length: below(20) }, () => below(256)), ...bytes.slice(at)]);
      else bytes[at] = below(256);
    }
    return bytes;
  }
});
