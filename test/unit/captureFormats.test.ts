// Files and packets: every format, byte order and link type leads to the same conversation; what is broken is told with its place.
import assert from 'node:assert/strict';
import { millisecondsOf } from '../../src/core/capture/captureFormat.js';
import { block, Conversation, enhanced, iface, ipv4, ipv6, links, options, pcap, pcapng, replay, section, someEnds, syn, tcpSegment, Writer, type Frame, type Tcp } from './packets.js';

function greeting(frame = links['ethernet']!.frame): Frame[] {
  return new Conversation(someEnds, 1000, 5000, frame).open().say('client', 'hello').say('server', 'hi there').close().frames;
}

/** The one flow of `greeting`, whatever it came in. */
function checkGreeting(file: Uint8Array, pieceBytes?: number): void {
  const { flows, finished } = replay(file, pieceBytes);
  assert.deepEqual(flows, [{
    flow: 1, client: '10.0.0.1 50000', server: '10.0.0.2 8080', isPartial: false, clientBy: 'syn', said: { client: 'hello', upstream: 'hi there' },
    ended: ['client', 'upstream'], reason: 'clientClosed', comments: [],
  }]);
  assert.equal(finished.broken, undefined);
}

suite('capture files', () => {
  for (const isLittleEndian of [true, false]) {
    const order = isLittleEndian ? 'little-endian' : 'big-endian';
    for (const isNanosecond of [false, true]) {
      test(`pcap, ${order}, ${isNanosecond ? 'nanoseconds' : 'microseconds'}`, () => {
        const frames = greeting();
        for (const frame of frames) frame.at = 1_700_000_000_123.25;
        const file = pcap(frames, { isLittleEndian, isNanosecond });
        checkGreeting(file);
        const { events } = replay(file);
        assert.ok(events.every((event) => event.kind === 'finished' || (event.kind === 'opened' ? event.startedAt : event.at) === 1_700_000_000_123.25));
      });
    }
    test(`pcapng, ${order}`, () => checkGreeting(pcapng(greeting(), { isLittleEndian })));
  }

  for (const [name, { linkType, frame }] of Object.entries(links)) {
    test(`${name} (link type ${linkType}), IPv4 and IPv6`, () => {
      checkGreeting(pcap(greeting(frame), { linkType }));
      const six = (tcp: Tcp): Frame => ({ bytes: frame(ipv6(tcp.from, tcpSegment(tcp))) });
      const file = pcap([six({ from: 'client', flags: syn, seq: 9 }), six({ from: 'client', seq: 10, payload: 'over six' })], { linkType });
      const [flow] = replay(file).flows;
      assert.deepEqual([flow?.client, flow?.server, flow?.said.client], ['2001:db8::1 50000', '2001:db8::2 8080', 'over six']);
    });
  }

  test('any cut of the file into pieces gives the same', () => {
    for (const file of [pcap(greeting()), pcapng(greeting())]) for (const pieceBytes of [1, 2, 3, 7, 16, 61, 100, 1000]) checkGreeting(file, pieceBytes);
  });

  test('several sections, each with its own byte order, interfaces and clocks', () => {
    const frames = greeting();
    const raw = greeting(links['raw']!.frame);
    const at = 1_700_000_000_000n;
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(1_600_000_000n);
    const file = Buffer.concat([
      section(true), iface(1, true), iface(101, true, 0, [[9, Buffer.from([9])]]), iface(101, true, 0, [[9, Buffer.from([0x8a])], [14, offset]]),
      enhanced(frames[0]!, at * 1000n + 1n, 0), enhanced(raw[1]!, at * 1_000_000n + 2_500_000n, 1), enhanced(raw[2]!, 100_000_000n * 1024n + 512n, 2),
      section(false), iface(101, false), enhanced(raw[3]!, at * 1000n + 4000n, 0, false), enhanced(raw[4]!, at * 1000n + 5000n, 0, false),
    ]);
    const { flows, events } = replay(file);
    assert.deepEqual(flows.map(({ said }) => said), [{ client: 'hello', upstream: 'hi there' }]);
    assert.deepEqual(events.flatMap((event) => (event.kind === 'chunk' ? [event.at] : event.kind === 'opened' ? [event.startedAt] : [])), [1_700_000_000_000.001, 1_700_000_000_004, 1_700_000_000_005]);
  });

  test('clocks of other resolutions', () => {
    const nanoseconds = 1_700_000_000_123_456_789n;
    assert.equal(millisecondsOf(Number(nanoseconds >> 32n), Number(nanoseconds & 0xffffffffn), 1e9), 1_700_000_000_123.4568);
    assert.equal(millisecondsOf(0, 1_700_000_000, 1), 1_700_000_000_000);
    assert.equal(millisecondsOf(0, 1536, 1024), 1500);
    assert.equal(millisecondsOf(0, 1_500, 1000), 1500);
    const binary = 1_700_000_000n * 2n ** 30n + 2n ** 29n;
    assert.equal(millisecondsOf(Number(binary >> 32n), Number(binary & 0xffffffffn), 2 ** 30), 1_700_000_000_500);
  });

  test('simple and old packet blocks, comments, and blocks that nobody knows', () => {
    const frames = greeting();
    const simple = (bytes: Uint8Array): Buffer => block(true, 3, new Writer(true).u32(bytes.length).bytes(bytes).done());
    const old = (bytes: Uint8Array): Buffer => block(true, 2, new Writer(true).u16(0, 7).u32(0, 1_000_000, bytes.length, bytes.length).padded(bytes).bytes(options(true, [[1, Buffer.from('from long ago')]])).done());
    const [first, second, third, fourth, ...rest] = frames;
    const file = Buffer.concat([
      section(true), block(true, 0x0bad, Buffer.alloc(50)), iface(1), block(true, 5, Buffer.alloc(20)), enhanced({ ...first!, comments: ['one', 'two'] }, 999_000n),
      old(second!.bytes), simple(third!.bytes), block(true, 0x8000_0001, Buffer.alloc(0)), simple(fourth!.bytes), ...rest.map((frame) => enhanced(frame, 2_000_000n)),
    ]);
    const { flows, events } = replay(file);
    assert.deepEqual(flows.map(({ said, comments }) => ({ said, comments })), [{ said: { client: 'hello', upstream: 'hi there' }, comments: ['one', 'two', 'from long ago'] }]);
    // A simple packet has no time of its own: that of the packet before it.
    assert.deepEqual(events.flatMap((event) => (event.kind === 'chunk' ? [event.at] : [])), [1000, 2000]);
  });

  test('a block of 40 MB that nobody knows is passed over without being held', () => {
    const frames = greeting();
    const long = block(true, 0x0bad, Buffer.alloc(40_000_000));
    checkGreeting(Buffer.concat([section(true), iface(1), enhanced(frames[0]!, 1n), long, ...frames.slice(1).map((frame) => enhanced(frame, 2n))]), 1 << 20);
  });

  test('a file that ends early is read up to there, and the place is told', () => {
    for (const whole of [pcap(greeting()), pcapng(greeting())]) {
      const { flows, finished } = replay(whole.subarray(0, whole.length - 5));
      assert.equal(flows[0]?.said.upstream, 'hi there');
      assert.match(finished.broken?.message ?? '', /^test\.pcap is damaged at byte \d+: the file ends after \d+ bytes of a block or record\. What comes before was read\.$/);
      assert.ok(finished.broken!.offset < whole.length && whole.length - 100 < finished.broken!.offset);
    }
  });

  test('every cut of a file gives a beginning of the same conversation, never a fault', () => {
    for (const whole of [pcap(greeting()), pcapng(greeting())]) {
      for (let length = 4; length < whole.length; length++) {
        const { flows } = replay(whole.subarray(0, length));
        const said = flows[0]?.said ?? { client: '', upstream: '' };
        assert.ok('hello'.startsWith(said.client) && 'hi there'.startsWith(said.upstream), `${length}: ${JSON.stringify(said)}`);
      }
    }
  });

  test('what is damaged is told with its byte, and what comes before was read', () => {
    const whole = pcapng(greeting());
    const cases: [string, Buffer, RegExp, number][] = [
      ['a length that is no multiple of 4', Buffer.concat([whole, new Writer(true).u32(6, 33, 0, 0).done()]), /a block says that it is 33 bytes long/, whole.length],
      ['a length of zero', Buffer.concat([whole, Buffer.alloc(64)]), /a block says that it is 0 bytes long/, whole.length],
      ['two lengths that differ', Buffer.concat([whole, new Writer(true).u32(9, 16, 0, 20).done()]), /16 bytes long, and 20 at its end/, whole.length],
      ['a packet longer than its block', Buffer.concat([whole, block(true, 6, new Writer(true).u32(0, 0, 0, 9999, 9999).done())]), /its packet is 9999 bytes long/, whole.length],
      ['a packet block of a gigabyte', Buffer.concat([whole, new Writer(true).u32(6, 1 << 30, 0, 0).done()]), /1073741824 bytes/, whole.length],
      ['a section without byte order', Buffer.concat([whole, block(true, 0x0a0d0d0a, Buffer.alloc(16))]), /does not say its byte order/, whole.length],
      ['a pcap record of a gigabyte', Buffer.concat([pcap(greeting()), new Writer(true).u32(0, 0, 1 << 30, 1 << 30).done()]), /a packet record says that it holds 1073741824 bytes/, pcap(greeting()).length],
    ];
    for (const [what, file, message, offset] of cases) {
      const { flows, finished } = replay(file, 50);
      assert.equal(flows[0]?.said.client, 'hello', what);
      assert.match(finished.broken?.message ?? '', message, what);
      assert.equal(finished.broken?.offset, offset, what);
    }
  });

  test('what is no capture is refused in a sentence', () => {
    const cases: [Uint8Array, RegExp][] = [
      [Buffer.from('GET / HTTP/1.1'), /test\.pcap is not a capture file that can be read: it is neither pcap nor pcapng/],
      [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), /it is compressed/],
      [Buffer.alloc(0), /it is empty/],
      [Buffer.from([0xd4, 0xc3]), /it is only 2 bytes long/],
    ];
    for (const [file, message] of cases) assert.throws(() => replay(file), { code: 'captureNotReadable', message });
  });

  test('a packet of an interface or link type that is not known is counted, and the rest is read', () => {
    const frames = greeting();
    const packets = frames.map((frame) => enhanced(frame, 1n));
    const { flows, finished } = replay(Buffer.concat([section(true), iface(1), iface(147), enhanced(frames[0]!, 1n, 5), enhanced(frames[0]!, 1n, 1), ...packets]));
    assert.equal(flows[0]?.said.client, 'hello');
    assert.deepEqual([finished.counts.notDecoded.noInterface, finished.counts.notDecoded.linkType, finished.counts.unreadLinkTypes, finished.broken], [1, 1, [147], undefined]);
    assert.equal(finished.counts.packets, frames.length + 2);
  });
});

suite('packets', () => {
  const frame = links['ethernet']!.frame;
  const start: Frame = { bytes: frame(ipv4('client', tcpSegment({ from: 'client', flags: syn, seq: 9 }))) };
  const said = (...frames: Frame[]): string | undefined => replay(pcap([start, ...frames])).flows[0]?.said.client;
  const hello = tcpSegment({ from: 'client', seq: 10, payload: 'hello' });

  test('IPv4 options and TCP options are stepped over', () => {
    const timestamps = Buffer.from('0101080a0000000100000002', 'hex');
    const segment = tcpSegment({ from: 'client', seq: 10, payload: 'hello' }, someEnds, timestamps);
    assert.equal(said({ bytes: frame(ipv4('client', segment, someEnds, { options: Buffer.from('94040000', 'hex') })) }), 'hello');
  });

  test('IPv4 fragments are put together, in whatever order they come', () => {
    const long = tcpSegment({ from: 'client', seq: 10, payload: 'a'.repeat(50) + 'b'.repeat(50) });
    const piece = (from: number, to: number): Frame => ({ bytes: frame(ipv4('client', long.subarray(from, to), someEnds, { identification: 77, fragmentOffset: from, hasMore: to < long.length })) });
    const pieces = [piece(0, 40), piece(40, 80), piece(80, long.length)];
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 0, 1, 1, 2]]) assert.equal(said(...order.map((index) => pieces[index]!)), 'a'.repeat(50) + 'b'.repeat(50));
  });

  test('a fragment without the others is counted as not decoded', () => {
    const lone: Frame = { bytes: frame(ipv4('client', hello.subarray(0, 24), someEnds, { hasMore: true })) };
    const { finished } = replay(pcap([start, lone]));
    assert.equal(finished.counts.notDecoded.fragment, 1);
  });

  test('IPv6 extension headers, and an IPv6 fragment', () => {
    const eight = Buffer.alloc(8);
    const list = [{ number: 0, bytes: eight }, { number: 43, bytes: Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(14)]) }, { number: 51, bytes: Buffer.concat([Buffer.from([0, 4]), Buffer.alloc(22)]) }, { number: 60, bytes: eight }];
    const first: Frame = { bytes: frame(ipv6('client', tcpSegment({ from: 'client', flags: syn, seq: 9 }))) };
    const six = (...frames: Frame[]): string | undefined => replay(pcap([first, ...frames])).flows[0]?.said.client;
    assert.equal(six({ bytes: frame(ipv6('client', hello, someEnds, list)) }), 'hello');
    const fragment = (from: number, to: number, more: number): Frame => {
      const header = Buffer.alloc(8);
      header.writeUInt16BE(from | more, 2);
      header.writeUInt32BE(4711, 4);
      return { bytes: frame(ipv6('client', hello.subarray(from, to), someEnds, [{ number: 44, bytes: header }])) };
    };
    assert.equal(six(fragment(0, 16, 1), fragment(16, hello.length, 0)), 'hello');
    assert.equal(six(fragment(0, hello.length, 0)), 'hello');
  });

  test('a length of zero, as segmentation offload leaves it, means the whole frame', () => {
    assert.equal(said({ bytes: frame(ipv4('client', hello, someEnds, { totalLength: 0 })) }), 'hello');
  });

  test('a packet that was cut when it was captured is a gap of what is missing, and the next one goes on', () => {
    const whole = frame(ipv4('client', tcpSegment({ from: 'client', seq: 10, payload: 'hello world' })));
    const next = frame(ipv4('client', tcpSegment({ from: 'client', seq: 21, payload: '!' })));
    assert.equal(said({ bytes: whole.subarray(0, whole.length - 6), wireLength: whole.length }, { bytes: next }), 'hello<6 cut>!');
    assert.equal(said({ bytes: whole.subarray(0, 54), wireLength: whole.length }, { bytes: next }), '<11 cut>!');
  });

  test('what is not TCP over IP is counted by its reason', () => {
    const arp = Buffer.concat([Buffer.alloc(12), Buffer.from('0806', 'hex'), Buffer.alloc(28)]);
    const udp = frame(ipv4('client', Buffer.alloc(20), someEnds, { protocol: 17 }));
    const odd = [frame(ipv4('client', hello, someEnds, { totalLength: 19 })), frame(ipv4('client', hello, someEnds, { totalLength: 2000 })), frame(ipv4('client', Buffer.alloc(12))), Buffer.alloc(10)];
    const header = Buffer.from(hello);
    header[12] = 0xf0;
    const { finished } = replay(pcap([start, { bytes: arp }, { bytes: udp }, ...[...odd, frame(ipv4('client', header))].map((bytes) => ({ bytes }))]));
    assert.deepEqual(finished.counts.notDecoded, { linkType: 0, noInterface: 0, notIp: 1, notTcp: 1, fragment: 0, malformed: 5, late: 0 });
  });

  test('bytes that are none of these are never a fault', () => {
    for (const { linkType, frame: dress } of Object.values(links)) {
      const whole = dress(ipv6('client', hello, someEnds, [{ number: 0, bytes: Buffer.alloc(8) }]));
      const frames: Frame[] = [];
      for (let length = 0; length <= whole.length; length++) frames.push({ bytes: whole.subarray(0, length) });
      for (let at = 0; at < whole.length; at++) for (const value of [0, 0x45, 0x60, 0xff]) frames.push({ bytes: Uint8Array.from(whole, (byte, index) => (index === at ? value : byte)) });
      const { finished } = replay(pcap(frames, { linkType }));
      assert.equal(finished.counts.packets, frames.length);
    }
  });
});
