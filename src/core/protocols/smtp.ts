// SMTP, submission and LMTP: the server speaks first.

import { greeterOf, judgeVerb, maxGreetingBytes } from './greeting.js';
import { matcher, type Protocol } from './protocol.js';

/** Lines after which the client goes on with a TLS hello (RFC 3207 §4). */
export const smtpTlsLines = ['starttls'] as const;

/** Verbs that only mail has. For labels: a client says nothing before the greeting, so no route can wait for this (RFC 5321 §3.1). */
const verbs = ['ehlo', 'helo', 'lhlo'] as const;

export const smtp: Protocol = {
  id: 'smtp',
  title: 'SMTP',
  firstSpeaker: 'server',
  port: 25,
  client: matcher('smtp', 5, (bytes) => judgeVerb(bytes, verbs)),
  // A greeting that names neither protocol stays open: the client's verb decides (see classify.ts).
  server: matcher('smtp', maxGreetingBytes, (bytes) => {
    const greeter = greeterOf(bytes);
    if (greeter === 'smtp') return 'match';
    return greeter === 'more' ? 'more' : 'no';
  }),
};
