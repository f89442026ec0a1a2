import assert from 'node:assert/strict';
import { formatAddress, isExposed, isLoopbackHost } from '../../src/shared/address.js';

suite('addresses as text', () => {
  const spelled: [Parameters<typeof formatAddress>[0], string][] = [
    [{ kind: 'tcp', host: '127.0.0.1', port: 3000 }, '127.0.0.1:3000'],
    [{ kind: 'tcp', host: '::1', port: 3000 }, '[::1]:3000'],
    [{ kind: 'path', path: '/tmp/x.sock' }, 'unix:/tmp/x.sock'],
    [{ kind: 'path', path: '\\\\.\\pipe\\prism' }, '\\\\.\\pipe\\prism'],
  ];
  for (const [address, text] of spelled) test(`spells ${text}`, () => assert.equal(formatAddress(address), text));

  for (const host of ['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LOCALHOST', 'api.localhost', '::ffff:127.0.0.1']) {
    test(`${host} stays on this machine`, () => assert.equal(isLoopbackHost(host), true));
  }
  for (const host of ['0.0.0.0', '::', '192.168.1.2', '127.0.0.1.example.com', 'localhost.example.com', '::ffff:10.0.0.1']) {
    test(`${host} can be reached from elsewhere`, () => assert.equal(isExposed({ kind: 'tcp', host, port: 1 }), true));
  }
  test('a socket path is never exposed', () => assert.equal(isExposed({ kind: 'path', path: '/tmp/x' }), false));
});
