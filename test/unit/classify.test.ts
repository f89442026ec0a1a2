// What a connection is called, from either side's bytes, while they arrive.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classify, protocols } from '../../src/core/protocols/index.js';
import { ascii, conformanceVectors, joined } from './samples.js';

const none = new Uint8Array(0);

suite('classification', () => {
  test('nothing said is unknown and not settled', () => {
    const told = classify(none, none);
    assert.deepEqual([told.protocol, told.by, told.isSettled], ['unknown', 'none', false]);
  });

  test('bytes of protocols that the catalogue has not are unknown', () => {
    const others: [string, Uint8Array][] = [
      ['Bitcoin', joined(Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9), ascii('version\0\0\0\0\0'))],
      ['PPTP', Uint8Array.of(0, 0x9c, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 1, 0, 0, 0)],
      ['DRDA', Uint8Array.of(0, 0x26, 0xd0, 0x41, 0, 1, 0, 0x20, 0x10, 0x41, 0, 8, 0x11, 0x5e)],
      ['ICAP', ascii('REQMOD icap://a/b ICAP/1.0\r\nHost: a\r\n\r\n')],
      ['Icecast', ascii('SOURCE /m ICE/1.0\r\n')],
      ['GIOP', joined(ascii('GIOP'), Uint8Array.of(1, 2, 1, 0, 0, 0, 0, 0x20))],
      ['NSQ', ascii('  V2')],
      ['Hadoop', joined(ascii('hrpc'), Uint8Array.of(9, 0, 0))],
      ['DICOM', joined(Uint8Array.of(1, 0, 0, 0, 0, 0xcd, 0, 1, 0, 0), ascii('ANY-SCP         ECHOSCU         '))],
      ['OpenFlow', Uint8Array.of(4, 0, 0, 0x10, 0, 0, 0, 1, 0, 1, 0, 8, 0, 0, 0, 0x10)],
    ];
    for (const [name, client] of others) assert.equal(classify(client, none, 'client').protocol, 'unknown', name);
  });

  test('Redis needs its server to answer like Redis', () => {
    assert.equal(classify(ascii('PING\r\n'), ascii('+PONG\r\n')).by, 'both');
    assert.equal(classify(ascii('PING\r\n'), ascii('HTTP/1.1 400 Bad Request\r\n')).protocol, 'unknown');
  });

  const contradicted: [string, Uint8Array, Uint8Array][] = [
    ['socks5', Uint8Array.of(5, 1, 0), ascii('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['socks4', Uint8Array.of(4, 1, 0, 0x50, 127, 0, 0, 1, 0), Uint8Array.of(0x84, 0, 0, 0)],
    ['irc', ascii('NICK a\r\n'), ascii('\0\0\0\0')],
  ];
  for (const [id, client, server] of contradicted) {
    test(`what looked like ${id} is not when the server says something else`, () => {
      assert.deepEqual([classify(client, none).protocol, classify(client, none).isSettled], [id, false]);
      assert.equal(classify(client, server).protocol, 'unknown');
    });
  }

  test('TLS inside four layers of tunnel is found, and depth has an end', () => {
    const header = ascii('PROXY UNKNOWN\r\n');
    const hello = Uint8Array.of(0x16, 3, 1, 0, 0x50, 1);
    assert.deepEqual(classify(joined(header, header, header, header, hello), none).layers, ['proxy-v1', 'proxy-v1', 'proxy-v1', 'proxy-v1', 'tls']);
    assert.equal(classify(joined(...Array<Uint8Array>(200).fill(header)), none).layers.length, 5);
  });

  test('a server that answers like something else takes a name away that had good evidence only', () => {
    const query = joined(Uint8Array.of(0, 0x18, 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1), ascii('a'), Uint8Array.of(4), ascii('test'), Uint8Array.of(0, 0, 1, 0, 1));
    const debug = ascii('Content-Length: 46\r\n\r\n{"command":"version","type":"request","seq":1}');
    const list = ascii('GET /json/list HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(classify(query, none).protocol, 'dns');
    assert.equal(classify(query, query).protocol, 'unknown', 'a query is no answer');
    assert.equal(classify(debug, none).protocol, 'dap');
    assert.equal(classify(debug, ascii('Type: connect\r\nV8-Version: 5.1\r\n\r\n'), 'server').protocol, 'unknown', 'the debugger of Node.js up to 7');
    assert.deepEqual(classify(list, none).layers, ['http1', 'cdp']);
    assert.deepEqual(classify(list, ascii('HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n')).layers, ['http1'], 'a service with a path of that name');
  });

  test('both sides together are enough where the client alone says too little', () => {
    const pairs: [string, Uint8Array, Uint8Array][] = [
      ['rdp', Uint8Array.of(3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0), Uint8Array.of(3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0)],
      ['erlang-dist', Uint8Array.of(0, 1, 0x6e), joined(Uint8Array.of(0, 0, 0x11, 0x11), ascii('name a at port 5\n'))],
      ['minecraft', Uint8Array.of(0xfe, 1), Uint8Array.of(0xff, 0, 0x23, 0, 0xa7, 0, 0x31, 0, 0)],
      ['rtmp', joined(Uint8Array.of(3), new Uint8Array(40)), joined(Uint8Array.of(3, 0, 0, 0, 1), new Uint8Array(40))],
    ];
    for (const [id, client, server] of pairs) {
      assert.equal(classify(client, none).protocol, 'unknown', id);
      assert.equal(classify(client, server).protocol, id);
    }
  });

  test('any bytes are an answer, and the name is always of the catalogue', () => {
    const ids = new Set([...protocols.map(({ id }) => id), 'unknown']);
    const sides = conformanceVectors().flatMap(({ client, server }) => [client, server]);
    const some = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...sides), fc.tuple(fc.constantFrom(...sides), fc.uint8Array({ maxLength: 20 })).map(([a, b]) => joined(a, b)));
    fc.assert(fc.property(some, some, fc.constantFrom('client', 'server', undefined), (client, server, first) => {
      const told = classify(client, server, first);
      assert.ok(ids.has(told.protocol));
      assert.ok(told.layers.every((layer) => ids.has(layer)));
      assert.notEqual(told.why, '');
      assert.equal(told.by === 'none', told.protocol === 'unknown');
    }), { numRuns: 2000 });
  });

  test('a settled answer stays while bytes grow on both sides', () => {
    for (const vector of conformanceVectors()) {
      let settled: string | undefined;
      const most = Math.max(vector.client.length, vector.server.length);
      for (let length = 0; length <= most; length++) {
        const told = classify(vector.client.slice(0, length), vector.server.slice(0, length), vector.first);
        const said = `${told.protocol} by ${told.by}: ${told.layers.join(' › ')}`;
        if (settled !== undefined) assert.equal(said, settled, `${vector.page}, ${vector.title}, ${length} bytes`);
        if (told.isSettled) settled = said;
      }
    }
  });
});
