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
      ['memcached', ascii('get k\r\n')],
      ['memcached binary', Uint8Array.of(0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x6b)],
      ['Thrift', Uint8Array.of(0x80, 1, 0, 1, 0, 0, 0, 4, 0x70, 0x69, 0x6e, 0x67)],
      ['AMQP', ascii('AMQP\0\0\x09\x01')],
      ['MongoDB', Uint8Array.of(0x29, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0)],
      ['Kafka', Uint8Array.of(0, 0, 0, 12, 0, 18, 0, 2, 0, 0, 0, 0, 0, 2, 0x63, 0x31)],
      ['SOCKS5', Uint8Array.of(5, 1, 0)],
      ['BitTorrent', ascii('\x13BitTorrent protocol')],
      ['XMPP', ascii("<stream:stream to='jabber.example' xmlns='jabber:client'>")],
      ['IRC', ascii('NICK a\r\nUSER a 0 * :HTTP/1.1\r\n')],
      ['RDP', Uint8Array.of(3, 0, 0, 0x13, 0x0e, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0)],
      ['git', ascii('001egit-upload-pack /r\0host=a\0')],
      ['RTSP', ascii('DESCRIBE rtsp://a/b RTSP/1.0\r\n')],
      ['STOMP', ascii('CONNECT\naccept-version:1.2\n\n\0')],
      ['SMB', Uint8Array.of(0, 0, 0, 0x6c, 0xfe, 0x53, 0x4d, 0x42)],
    ];
    for (const [name, client] of others) assert.equal(classify(client, none, 'client').protocol, 'unknown', name);
  });

  test('Redis needs its server to answer like Redis', () => {
    assert.equal(classify(ascii('PING\r\n'), ascii('+PONG\r\n')).by, 'both');
    assert.equal(classify(ascii('PING\r\n'), ascii('HTTP/1.1 400 Bad Request\r\n')).protocol, 'unknown');
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
