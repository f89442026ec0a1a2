// First flights as real clients send them, for the rows that judge bytes and move none.

import { createServer } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';

export interface FirstFlight {
  name: string;
  client: Uint8Array;
  /** what the server says first, or answers; empty when nothing was heard */
  server: Uint8Array;
  first: 'client' | 'server';
}

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const hex = (value: string): Uint8Array => Buffer.from(value.replaceAll(' ', ''), 'hex');
const nothing = new Uint8Array(0);

const browserHead = [
  'Host: app.localhost:3000', 'Connection: keep-alive', 'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'Accept-Encoding: gzip, deflate, br', 'Accept-Language: en-GB,en;q=0.9', '', '',
].join('\r\n');

/** The mix: what stands behind one port in a development set-up. */
export async function firstFlights(): Promise<FirstFlight[]> {
  const hello = await clientHello();
  return [
    { name: 'HTTP page', client: text(`GET / HTTP/1.1\r\n${browserHead}`), server: text('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), first: 'client' },
    { name: 'HTTP api', client: text(`POST /v1/orders HTTP/1.1\r\nHost: api.localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`), server: nothing, first: 'client' },
    { name: 'HTTP/2 preface', client: Buffer.concat([text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), hex('000000 04 00 00000000')]), server: hex('000000 04 00 00000000'), first: 'client' },
    { name: 'TLS hello', client: hello, server: nothing, first: 'client' },
    { name: 'SSH', client: text('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), server: text('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), first: 'server' },
    { name: 'Redis', client: text('*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n'), server: text('+OK\r\n'), first: 'client' },
    // SSLRequest, then StartupMessage (PostgreSQL 16, §55.7)
    { name: 'PostgreSQL SSLRequest', client: hex('00000008 04d2162f'), server: text('N'), first: 'client' },
    { name: 'PostgreSQL startup', client: Buffer.concat([hex('00000029 00030000'), text('user\0postgres\0database\0postgres\0\0')]), server: nothing, first: 'client' },
    // CONNECT of MQTT 3.1.1, client id "sensor"
    { name: 'MQTT', client: Buffer.concat([hex('10 12 0004 4d515454 04 02 003c 0006'), text('sensor')]), server: hex('20 02 00 00'), first: 'client' },
    { name: 'MySQL', client: nothing, server: Buffer.concat([hex('4a000000 0a'), text('8.0.36\0'), Buffer.alloc(66, 1)]), first: 'server' },
    { name: 'FTP', client: text('USER anonymous\r\n'), server: text('220 (vsFTPd 3.0.3)\r\n'), first: 'server' },
    { name: 'SMTP', client: text('EHLO there\r\n'), server: text('220 mail.test ESMTP Postfix\r\n'), first: 'server' },
    { name: 'unknown', client: hex('de ad be ef 00 01 02 03 04 05 06 07'), server: nothing, first: 'client' },
  ];
}

/** A hello by the TLS library that Node has, as it stands on the wire. */
async function clientHello(): Promise<Uint8Array> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port for the TLS hello');
  const accepted = once(server, 'connection');
  const client = connectTls({ host: '127.0.0.1', port: address.port, servername: 'app.test', ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false });
  // The other side never answers the hello; that the handshake fails is the end of it.
  client.on('error', () => client.destroy());
  const [socket] = (await accepted) as [import('node:net').Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return new Uint8Array(bytes);
}
