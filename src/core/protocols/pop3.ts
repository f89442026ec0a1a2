// POP3: the server speaks first.

import { anyOf, firstWord, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';
import { tlsAfterLine } from './startTls.js';

/** The line after which the client goes on with a TLS hello (RFC 2595 §4). */
const tlsLine = /^stls$/i;

/** Verbs that only POP3 has. For labels: a client says nothing before the greeting, so no route can wait for this (RFC 1939 §4). */
const verbs = ['capa', 'apop', 'stls', 'uidl', 'xtnd'] as const;
/** What a client may say to a server that greeted (RFC 1939 §5-§7, RFC 2449, RFC 5034, RFC 6856). */
const allVerbs = [...verbs, 'user', 'pass', 'auth', 'quit', 'stat', 'list', 'retr', 'dele', 'noop', 'rset', 'top', 'last', 'utf8', 'lang'] as const;

/**
 * `+OK` and a space or the line's end (RFC 1939 §3, §4).
 *
 * False positives: Redis answers so as well, but only to a client that asked, whose bytes are not those of POP3.
 */
const greeting = anyOf(text('+OK '), text('+OK\r\n'), text('+OK\n'));

export const pop3: Protocol = {
  id: 'pop3',
  title: 'POP3',
  toldBy: 'the server’s `+OK` and the client’s answer',
  firstSpeaker: 'server',
  port: 110,
  evidence: { client: 'good', server: 'good' },
  client: matcher('pop3', 5, firstWord(verbs, { anyCase: true })),
  server: matcher('pop3', 5, greeting),
  // A server that is too busy says -ERR at once.
  loose: {
    client: matcher('pop3', 5, firstWord(allVerbs, { anyCase: true })),
    server: matcher('pop3', 5, anyOf(greeting, text('-ERR '))),
  },
  inside: (client, server) => tlsAfterLine(client, server, tlsLine),
};
