// STOMP.

import { anyOf, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * `CONNECT` or `STOMP` alone in their line, LF or CRLF (STOMP 1.2, "Connecting").
 *
 * False positives: none known. HTTP and NATS have a space behind CONNECT.
 */
const connect = anyOf(text('CONNECT\n'), text('CONNECT\r\n'), text('STOMP\n'), text('STOMP\r\n'));

/** `CONNECTED`; a server that refuses says `ERROR`, as others do (STOMP 1.2, "CONNECTED frame", "ERROR"). */
const connected = anyOf(text('CONNECTED\n'), text('CONNECTED\r\n'));

export const stomp: Protocol = {
  id: 'stomp',
  title: 'STOMP',
  toldBy: 'a CONNECT or STOMP frame',
  firstSpeaker: 'client',
  port: 61613,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('stomp', 9, connect),
  server: matcher('stomp', 11, connected),
  loose: { server: matcher('stomp', 11, anyOf(connected, text('ERROR\n'), text('ERROR\r\n'))) },
};
