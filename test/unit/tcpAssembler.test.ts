// Segments to conversations: order, loss, repetition, beginnings and endings.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxHeldBytes, maxHeldPieces, patiencePackets } from '../../src/core/capture/tcpHalf.js';
import { ack, Conversation, fin, pcap, replay, rst, someEnds, syn, type Frame, type Heard } from './packets.js';

function read(conversation: Conversation | Frame[]): Heard[] {
  return replay(pcap(conversation instanceof Conversation ? conversation.frames : conversation)).flows;
}

function only(conversation: Conversation | Frame[]): Heard {
  const flows = read(conversation);
  assert.equal(flows.length, 1);
  return flows[0]!;
}

suite('TCP reassembly', () => {
  test('retransmissions are heard once, whole, in part, and with more than was there', () => {
    const talk = new Conversation().open().say('client', 'abcdef');
    talk.packet({ from: 'client', seq: 1001, payload: 'abcdef' }).packet({ from: 'client', seq: 1003, payload: 'cd' }).packet({ from: 'client', seq: 1004, payload: 'defghi' }).lose('client', 3).say('client', '!');
    assert.equal(only(talk.close()).said.client, 'abcdefghi!');
  });

  test('a keep-alive probe repeats a byte that was heard', () => {
    const talk = new Conversation().open().say('client', 'abc');
    talk.packet({ from: 'client', seq: 1003, payload: '\0' }).packet({ from: 'client', seq: 1003 });
    assert.equal(only(talk.say('client', 'def')).said.client, 'abcdef');
  });

  test('segments out of order wait for their turn', () => {
    const talk = new Conversation().open();
    for (const [seq, payload] of [[1007, 'ghi'], [1004, 'def'], [1010, 'jkl'], [1001, 'abc']] as const) talk.packet({ from: 'client', seq, payload });
    assert.equal(only(talk).said.client, 'abcdefghijkl');
  });

  test('numbers wrap around', () => {
    const talk = new Conversation(someEnds, 0xffff_fffa, 0xffff_ffff).open().say('client', 'abcdefghij').say('server', 'xyz').say('client', 'klm').close();
    assert.deepEqual(only(talk).said, { client: 'abcdefghijklm', upstream: 'xyz' });
    const [a, b, c, d] = new Conversation(someEnds, 0xffff_fffa).open().frames;
    assert.ok(d === undefined);
    const late = new Conversation(someEnds, 0xffff_fffa);
    late.packet({ from: 'client', seq: 3, payload: 'ijk' }).packet({ from: 'client', seq: 0xffff_fffb, payload: 'abcdefgh' });
    assert.equal(only([a!, b!, c!, ...late.frames]).said.client, 'abcdefghijk');
  });

  test('a lost segment is one gap of its length, once the other side has acknowledged it and nothing comes', () => {
    const talk = new Conversation().open().say('client', 'before').lose('client', 100).say('client', 'after').say('server', 'ok');
    assert.equal(only(talk).said.client, 'before<100 missing>after');
    assert.equal(only(talk.close()).said.client, 'before<100 missing>after');
  });

  test('what comes while it is waited for fills the hole; after that it is late', () => {
    const speak = (packets: number): string => {
      const talk = new Conversation().open().lose('client', 3).say('client', 'def');
      for (let count = 0; count < packets; count++) talk.say('server', '.');
      return only(talk.packet({ from: 'client', seq: 1001, payload: 'abc' }).say('client', 'ghi')).said.client;
    };
    assert.equal(speak(patiencePackets), 'abcdefghi');
    assert.equal(speak(patiencePackets + 1), '<3 missing>defghi');
  });

  test('a hole that nobody acknowledged is waited for until the bounds are reached, in bytes and in pieces', () => {
    const begin = (): Conversation => {
      const talk = new Conversation().open().say('client', 'abc');
      talk.lose('client', 5);
      return talk;
    };
    const acknowledging = (talk: Conversation, payload: Uint8Array): Conversation => {
      talk.packet({ from: 'client', flags: ack, seq: talk.next('client'), payload });
      return talk.lose('client', payload.length);
    };
    const [many, long] = [begin(), begin()];
    for (let count = 0; count < maxHeldPieces + 1; count++) acknowledging(many, Buffer.from('x'));
    for (let bytes = 0; bytes <= maxHeldBytes; bytes += 1000) acknowledging(long, Buffer.alloc(1000, 'y'));
    for (const talk of [many, long]) {
      const { events } = replay(pcap(talk.frames));
      const gap = events.findIndex((event) => event.kind === 'gap');
      const closed = events.findIndex((event) => event.kind === 'closed');
      assert.deepEqual([events[gap]?.kind === 'gap' && events[gap].length, events[gap]?.kind === 'gap' && events[gap].offset], [5, 3]);
      assert.ok(gap < closed - 2, 'before the file ends');
    }
  });

  test('gaps of more than 2 GiB are gaps', () => {
    const talk = new Conversation().open().say('client', 'abc').lose('client', 3_000_000_000).say('client', 'xyz');
    assert.equal(only(talk).said.client, 'abc<3000000000 missing>xyz');
  });

  test('the last segment, lost, is missing because it was acknowledged', () => {
    const talk = new Conversation().open().say('client', 'abc').lose('client', 7).send('server', ack);
    assert.equal(only(talk).said.client, 'abc<7 missing>');
    assert.equal(only(talk.close()).said.client, 'abc<7 missing>');
  });

  test('a lost FIN is no missing byte', () => {
    const talk = new Conversation().open().say('client', 'abc').lose('client', 1).send('server', fin | ack);
    const flow = only(talk);
    assert.deepEqual([flow.said.client, flow.ended, flow.reason], ['abc', ['upstream'], 'captureEnded']);
  });

  test('only one direction in the file: what the other side said is missing', () => {
    const talk = new Conversation().open();
    const frames = talk.frames.filter((_, index) => index !== 1);
    talk.frames.length = 0;
    talk.say('client', 'ask').lose('server', 500).say('client', 'again').lose('server', 20).send('client', ack);
    assert.deepEqual(only([...frames, ...talk.frames]).said, { client: 'askagain', upstream: '<520 missing>' });
  });
});

suite('connections', () => {
  test('who ends first, and how', () => {
    const cases: [string, (talk: Conversation) => Conversation, string, string[]][] = [
      ['client first', (talk) => talk.close('client'), 'clientClosed', ['client', 'upstream']],
      ['server first', (talk) => talk.close('server'), 'upstreamClosed', ['upstream', 'client']],
      ['client resets', (talk) => talk.send('client', rst | ack), 'clientReset', []],
      ['server resets', (talk) => talk.send('server', rst), 'upstreamReset', []],
      ['half-closed, then reset', (talk) => talk.send('client', fin | ack).send('server', rst), 'upstreamReset', ['client']],
      ['never', (talk) => talk, 'captureEnded', []],
    ];
    for (const [what, end, reason, ended] of cases) {
      const flow = only(end(new Conversation().open().say('client', 'a')));
      assert.deepEqual([flow.reason, flow.ended], [reason, ended], what);
    }
  });

  test('after its FIN the other side still speaks', () => {
    const flow = only(new Conversation().open().say('client', 'ask').send('client', fin | ack).say('server', 'answer').send('server', fin | ack));
    assert.deepEqual([flow.said, flow.reason], [{ client: 'ask', upstream: 'answer' }, 'clientClosed']);
  });

  test('refused, and not answered', () => {
    assert.equal(only(new Conversation().send('client', syn).send('server', rst | ack)).reason, 'connectRefused');
    const talk = new Conversation().send('client', syn);
    talk.packet({ from: 'client', flags: syn, seq: 1000 });
    assert.equal(only(talk).reason, 'unanswered');
  });

  test('a segment that was early and its hole are told before a reset', () => {
    const talk = new Conversation().open().lose('client', 4).say('client', 'rest').send('server', rst);
    assert.deepEqual([only(talk).said.client, only(talk).reason], ['<4 missing>rest', 'upstreamReset']);
  });

  test('the client is who sends SYN, whatever the ports', () => {
    const flow = only(new Conversation({ clientPort: 80, serverPort: 50_000 }).open().say('server', 'hi'));
    assert.deepEqual([flow.client, flow.clientBy, flow.said.upstream], ['10.0.0.1 80', 'syn', 'hi']);
  });

  test('without SYN the answer to it tells; without either, ports; without those, who speaks first', () => {
    const answered = new Conversation().open().say('client', 'hi');
    const flow = only(answered.frames.slice(1));
    assert.deepEqual([flow.client, flow.clientBy, flow.isPartial, flow.said.client], ['10.0.0.1 50000', 'synAck', false, 'hi']);
    const cases: [clientPort: number, serverPort: number, by: string][] = [
      [50_003, 6379, 'port'], [23_457, 6379, 'port'], [23_457, 81, 'port'], [50_003, 12_321, 'port'],
    ];
    for (const [clientPort, serverPort, by] of cases) {
      for (const first of ['client', 'server'] as const) {
        const partial = only(new Conversation({ clientPort, serverPort }).say(first, 'in the middle'));
        assert.deepEqual([partial.client, partial.clientBy, partial.isPartial], [`10.0.0.1 ${clientPort}`, by, true]);
      }
    }
    const guessed = only(new Conversation({ clientPort: 40_003, serverPort: 50_003 }).send('server', ack).say('client', 'me first'));
    assert.deepEqual([guessed.client, guessed.clientBy], ['10.0.0.1 40003', 'firstSpeaker']);
  });

  test('a connection that began before the file is read from its first bytes on, and says so', () => {
    const talk = new Conversation().say('server', 'of the server').say('client', 'of the client').close();
    assert.deepEqual([only(talk).said, only(talk).isPartial, only(talk).reason], [{ client: 'of the client', upstream: 'of the server' }, true, 'clientClosed']);
  });

  test('acknowledgements and ends of connections that are not in the file open nothing', () => {
    const { flows, finished } = replay(pcap(new Conversation().send('client', ack).send('server', fin | ack).send('client', rst).frames));
    assert.deepEqual([flows.length, finished.counts.notDecoded.late], [0, 3]);
  });

  test('a new SYN on the same ports is a new flow, after an end and without one, also with the same numbers', () => {
    for (const isn of [1000, 77_000]) {
      const first = new Conversation().open().say('client', 'one').close();
      const second = new Conversation(someEnds, isn, 8000).open().say('client', 'two').close();
      assert.deepEqual(read([...first.frames, ...second.frames]).map(({ said, reason }) => [said.client, reason]), [['one', 'clientClosed'], ['two', 'clientClosed']]);
    }
    const open = new Conversation().open().say('client', 'one');
    const reused = new Conversation(someEnds, 77_000, 8000).open().say('client', 'two');
    assert.deepEqual(read([...open.frames, ...reused.frames]).map(({ said, reason }) => [said.client, reason]), [['one', 'portReused'], ['two', 'captureEnded']]);
    const turned = new Conversation({ clientPort: someEnds.serverPort, serverPort: someEnds.clientPort, client: 2, server: 1 }, 88_000).open().say('client', 'three');
    assert.deepEqual(read([...open.frames, ...turned.frames]).map(({ client, said }) => [client, said.client]), [['10.0.0.1 50000', 'one'], ['10.0.0.2 8080', 'three']]);
  });

  test('a SYN that is sent again is not a new flow', () => {
    const talk = new Conversation().send('client', syn).packet({ from: 'client', flags: syn, seq: 1000 }).send('server', syn | ack);
    talk.packet({ from: 'server', flags: syn | ack, seq: 5000, ack: 1001 }).send('client', ack).say('client', 'once');
    assert.equal(only(talk).said.client, 'once');
  });

  test('data on SYN (TCP Fast Open), taken, and refused so that it is sent again', () => {
    const taken = new Conversation().send('client', syn, 'early').send('server', syn | ack).send('client', ack).say('client', ' and late');
    assert.equal(only(taken).said.client, 'early and late');
    const refused = new Conversation().send('client', syn, 'early').packet({ from: 'server', flags: syn | ack, seq: 5000, ack: 1001 });
    refused.packet({ from: 'client', seq: 1001, ack: 5001, payload: 'early and late' });
    assert.equal(only(refused).said.client, 'early and late');
  });

  test('an answer that comes before its SYN-ACK is heard from its first byte', () => {
    const talk = new Conversation().open().say('client', 'ask').say('server', 'answer').say('server', ' more');
    const [a, b, c, d, e, f] = talk.frames;
    for (const order of [[a, e, b, c, d, f], [a, f, e, b, c, d], [a, c, d, f, e, b]]) assert.deepEqual(only(order.map((frame) => frame!)).said, { client: 'ask', upstream: 'answer more' });
  });

  test('without SYN-ACK the server is heard from what the client acknowledged first', () => {
    const talk = new Conversation().open().say('client', 'ask').say('server', 'answer');
    assert.deepEqual(only(talk.frames.filter((_, index) => index !== 1)).said, { client: 'ask', upstream: 'answer' });
  });

  test('packets after the end are late, and change nothing', () => {
    const talk = new Conversation().open().say('client', 'all').close();
    talk.packet({ from: 'client', seq: 1001, payload: 'all' }).packet({ from: 'server', flags: rst, seq: 5001 });
    const { flows, finished } = replay(pcap(talk.frames));
    assert.deepEqual([flows.length, flows[0]?.reason, finished.counts.notDecoded.late], [1, 'clientClosed', 1]);
  });

  test('many connections at once keep apart', () => {
    const talks = Array.from({ length: 300 }, (_, index) => new Conversation({ clientPort: 30_000 + index, serverPort: 80 + (index % 3) }, index, index * 7).open().say('client', `I am ${index}`).close());
    const frames = talks.flatMap((talk) => talk.frames.map((frame, step) => ({ frame, step }))).sort((a, b) => a.step - b.step).map(({ frame }) => frame);
    assert.deepEqual(read(frames).map(({ said }) => said.client), talks.map((_, index) => `I am ${index}`));
  });
});

suite('TCP reassembly, any way packets may come', () => {
  /** What one side says, in segments of its own and repeated or overlapping as it may be. */
  const side = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    cuts: fc.array(fc.nat(400), { maxLength: 12 }),
    again: fc.array(fc.tuple(fc.nat(400), fc.nat(60)), { maxLength: 8 }),
    isn: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0xffff_fe00, max: 0xffff_ffff })),
  });
  const shuffle = fc.array(fc.nat(7), { minLength: 64, maxLength: 64 });

  type Side = { bytes: Uint8Array; cuts: number[]; again: [number, number][]; isn: number };

  /** Ranges of the bytes: every one of them at least once. */
  function ranges({ bytes, cuts, again }: Side): [number, number][] {
    const places = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b);
    const segments = places.slice(1).map((end, index): [number, number] => [places[index]!, end]);
    const repeats = again.map(([start, length]): [number, number] => [start % bytes.length, Math.min(bytes.length, (start % bytes.length) + length + 1)]);
    return [...segments, ...repeats];
  }

  /** Every packet moves up to seven places. */
  function disordered<T>(list: readonly T[], shifts: readonly number[]): T[] {
    return list.map((value, index) => ({ value, place: index + (shifts[index % shifts.length] ?? 0) })).sort((a, b) => a.place - b.place).map(({ value }) => value);
  }

  function framesOf(client: Side, server: Side, shifts: readonly number[], dropped?: [number, number]): Frame[] {
    const talk = new Conversation(someEnds, client.isn, server.isn).open();
    const opening = [...talk.frames];
    const speak = (from: 'client' | 'server', side: Side, other: Side, skip?: [number, number]): Frame[] => {
      talk.frames.length = 0;
      for (const [start, end] of ranges(side)) {
        if (skip !== undefined && start < skip[1] && skip[0] < end) continue;
        // Acknowledgements say nothing here, so that a reader may not lean on them.
        talk.packet({ from, seq: (side.isn + 1 + start) >>> 0, ack: (other.isn + 1) >>> 0, payload: side.bytes.subarray(start, end) });
      }
      return [...talk.frames];
    };
    const spoken = [speak('client', client, server, dropped), speak('server', server, client)];
    const mixed = disordered(spoken[0]!.flatMap((frame, index) => [frame, ...(spoken[1]![index] === undefined ? [] : [spoken[1]![index]!])]).concat(spoken[1]!.slice(spoken[0]!.length)), shifts);
    talk.frames.length = 0;
    talk.lose('client', client.bytes.length).lose('server', server.bytes.length).close();
    return [...opening, ...mixed, ...talk.frames];
  }

  test('cut, repeated, overlapping, out of order: each side is heard as it spoke', () => {
    fc.assert(
      fc.property(side, side, shuffle, fc.integer({ min: 1, max: 2000 }), (client, server, shifts, pieceBytes) => {
        const { flows } = replay(pcap(framesOf(client as Side, server as Side, shifts)), pieceBytes);
        assert.equal(flows.length, 1);
        assert.equal(flows[0]!.said.client, Buffer.from(client.bytes).toString('latin1'));
        assert.equal(flows[0]!.said.upstream, Buffer.from(server.bytes).toString('latin1'));
        assert.deepEqual([...flows[0]!.ended].sort(), ['client', 'upstream']);
      }),
      { numRuns: 300 },
    );
  });

  test('one segment that never comes is exactly one gap of its length', () => {
    fc.assert(
      fc.property(side, side, shuffle, fc.nat(), (client, server, shifts, which) => {
        const plain = { ...(client as Side), again: [] };
        const segments = ranges(plain);
        const dropped = segments[which % segments.length]!;
        const { events, flows } = replay(pcap(framesOf(plain, server as Side, shifts, dropped)));
        const gaps = events.flatMap((event) => (event.kind === 'gap' ? [[event.from, event.offset, event.length]] : []));
        assert.deepEqual(gaps, [['client', dropped[0], dropped[1] - dropped[0]]]);
        const text = Buffer.from(client.bytes).toString('latin1');
        assert.equal(flows[0]!.said.client, `${text.slice(0, dropped[0])}<${dropped[1] - dropped[0]} missing>${text.slice(dropped[1])}`);
        assert.equal(flows[0]!.said.upstream, Buffer.from(server.bytes).toString('latin1'));
      }),
      { numRuns: 300 },
    );
  });
});
