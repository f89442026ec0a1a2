// FTP's control connection: the server speaks first.

import { greeterOf, judgeVerb, maxGreetingBytes } from './greeting.js';
import { matcher, type Protocol } from './protocol.js';

/** Lines after which the client goes on with a TLS hello (RFC 4217 §4). */
export const ftpTlsLines = ['auth tls', 'auth ssl', 'auth tls-c', 'auth tls-p'] as const;

/**
 * Verbs that only FTP has. USER and PASS are POP3's and IRC's too, so they count only after an FTP-like greeting (see classify.ts).
 * For labels: a client says nothing before the greeting, and the `535348` that circulates as "FTP" is the text `SSH`.
 */
const verbs = ['feat', 'syst', 'epsv', 'pasv', 'opts', 'auth tls', 'auth ssl'] as const;
/** Verbs with which FTP clients start after a greeting that could be mail's too. */
export const ftpVerbs = ['user', 'auth', 'feat', 'pass', 'syst', 'opts', 'host', 'clnt', 'quit', 'acct'] as const;

export const ftp: Protocol = {
  id: 'ftp',
  title: 'FTP',
  firstSpeaker: 'server',
  port: 21,
  client: matcher('ftp', 9, (bytes) => judgeVerb(bytes, verbs)),
  server: matcher('ftp', maxGreetingBytes, (bytes) => {
    const greeter = greeterOf(bytes);
    if (greeter === 'ftp') return 'match';
    return greeter === 'more' ? 'more' : 'no';
  }),
};
