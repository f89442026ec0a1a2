// TLS: the payment provider. A shared secret instead of a certificate, so that the demo carries no private key and needs no openssl.
import tls from 'node:tls';
import { createServer } from 'node:http';

/** Options both sides share. TLS 1.2: Node offers pre-shared keys (RFC 4279) up to it. */
export const secret = {
  ciphers: 'PSK+HIGH:!aNULL@SECLEVEL=0',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  key: Buffer.from('only-a-demo-only-a-demo-only-a-d'),
};

export async function startPayments(port) {
  const bank = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end('{"state":"paid"}'));
  });
  const { key, ...shared } = secret;
  const server = tls.createServer({ ...shared, ALPNProtocols: ['http/1.1'], pskCallback: () => key }, (socket) => bank.emit('connection', socket));
  server.on('tlsClientError', () => {});
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => server.close();
}
