// SMTP, submission and LMTP: the server speaks first.

import { firstWord } from './build.js';
import { couldGreet, greeterOf, maxGreetingBytes } from './greeting.js';
import { matcher, type Protocol } from './protocol.js';
import { tlsAfterLine } from './startTls.js';

/** The line after which the client goes on with a TLS hello (RFC 3207 §4). */
const tlsLine = /^starttls$/i;

/** Verbs that only mail has. For labels: a client says nothing before the greeting, so no route can wait for this (RFC 5321 §3.1). */
const verbs = ['ehlo', 'helo', 'lhlo'] as const;
/** What a client may say to a server that greeted (RFC 5321 §4.1.1 and extensions). */
const allVerbs = [...verbs, 'mail', 'rcpt', 'data', 'rset', 'vrfy', 'expn', 'help', 'noop', 'quit', 'auth', 'starttls', 'bdat', 'etrn', 'turn', 'atrn', 'burl', 'xclient', 'xforward'] as const;

export const smtp: Protocol = {
  id: 'smtp',
  title: 'SMTP',
  toldBy: 'the server’s 220 and the client’s answer',
  firstSpeaker: 'server',
  port: 25,
  evidence: { client: 'good', server: 'good' },
  client: matcher('smtp', 5, firstWord(verbs, { anyCase: true })),
  // A greeting that names neither protocol stays open: the client's verb decides (`loose`).
  server: matcher('smtp', maxGreetingBytes, (bytes) => {
    const greeter = greeterOf(bytes);
    if (greeter === 'smtp') return 'match';
    return greeter === 'more' ? 'more' : 'no';
  }),
  loose: {
    client: matcher('smtp', 9, firstWord(allVerbs, { anyCase: true })),
    server: matcher('smtp', maxGreetingBytes, (bytes) => couldGreet(bytes, 'smtp')),
  },
  inside: (client, server) => tlsAfterLine(client, server, tlsLine),
};
