// A held message as a text to edit, and back.

import assert from 'node:assert/strict';
import { bytesOfContent, bytesOfHex, contentOf, formOf, hexText, withRightLength } from '../../src/host/editing/byteText.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const sent = (text: string): string => Buffer.from(withRightLength(bytes(text)).bytes).toString('latin1');

suite('held messages as text', () => {
  test('text is edited as text, anything an editor would change as hex', () => {
    for (const text of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '{"a": "ä€"}\n', '']) assert.equal(formOf(Uint8Array.from(Buffer.from(text))), 'text', JSON.stringify(text));
    for (const text of ['a\r\nb\nc', '\u0000\u0001', 'a\u001b[31m', 'lone\rreturn']) assert.equal(formOf(Uint8Array.from(Buffer.from(text))), 'hex', JSON.stringify(text));
    assert.equal(formOf(Uint8Array.of(0xff, 0xfe)), 'hex');
  });

  test('a head with CRLF and a body with LF is edited as text, and goes back with the line ends it had', () => {
    const message = 'POST / HTTP/1.1\r\nHost: a\r\n\r\n{\n  "a": "ä"\n\n}\n';
    const whole = Uint8Array.from(Buffer.from(message));
    assert.equal(formOf(whole), 'headed');
    const shown = Buffer.from(contentOf('headed', whole)).toString('utf8');
    assert.ok(!shown.includes('\r'));
    assert.deepEqual(bytesOfContent('headed', Buffer.from(shown)), whole);
    assert.equal(Buffer.from(bytesOfContent('headed', Buffer.from('GET / HTTP/1.1\r\nA: b\r\n\r\none\r\ntwo')) as Uint8Array).toString(), 'GET / HTTP/1.1\r\nA: b\r\n\r\none\ntwo', 'also from an editor that was set to CRLF');
    for (const text of ['GET /\r\nA: b\nC: d\r\n\r\nbody\n', 'GET /\r\n\r\none\r\ntwo\n']) assert.equal(formOf(bytes(text)), 'hex', JSON.stringify(text));
  });

  test('hex comes back as it went, whatever the bytes', () => {
    const all = Uint8Array.from({ length: 256 + 7 }, (_, index) => index & 0xff);
    assert.deepEqual(bytesOfHex(hexText(all)), all);
    assert.deepEqual(bytesOfHex('00 ff ; anything: zz\n\n 0A0b'), Uint8Array.of(0, 0xff, 0x0a, 0x0b));
  });

  test('what is no hex is told by its line', () => {
    assert.deepEqual(bytesOfHex('00 01\n0g'), { line: 2 });
    assert.deepEqual(bytesOfHex('00 1'), { line: 1 });
  });

  test('an edited body gets its right length', () => {
    assert.equal(sent('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nlonger'), 'POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nlonger');
    assert.equal(sent('HTTP/1.1 200 OK\r\ncontent-length:10\r\nA: b\r\n\r\n'), 'HTTP/1.1 200 OK\r\ncontent-length:0\r\nA: b\r\n\r\n');
  });

  test('a message that has no one length stays as it is', () => {
    for (const text of ['POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nlonger', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n', 'A\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc', 'no head at all']) {
      assert.equal(sent(text), text);
    }
  });
});
