// FTP's control connection: the server speaks first.

import { firstWord } from './build.js';
import { couldGreet, greeterOf, maxGreetingBytes } from './greeting.js';
import { matcher, type Protocol } from './protocol.js';
import { tlsAfterLine } from './startTls.js';

/** The line after which the client goes on with a TLS hello (RFC 4217 §4). */
const tlsLine = /^auth (?:tls|ssl)(?:-[cp])?$/i;

/**
 * Verbs that only FTP has. USER and PASS are POP3's and IRC's too, so they count only after an FTP-like greeting (`loose`).
 * For labels: a client says nothing before the greeting, and the `535348` that circulates as "FTP" is the text `SSH`.
 */
const verbs = ['feat', 'syst', 'epsv', 'pasv', 'opts', 'auth tls', 'auth ssl'] as const;
/** What a client may say to a server that greeted (RFC 959 §5.3.1, RFC 2228, 2389, 3659, 7151). */
const allVerbs = [...verbs, 'user', 'pass', 'acct', 'auth', 'adat', 'pbsz', 'prot', 'host', 'clnt', 'lang', 'quit', 'rein', 'noop', 'help', 'site', 'stat', 'port', 'eprt', 'type', 'mode', 'stru', 'allo', 'rest', 'cwd', 'xcwd', 'cdup', 'pwd', 'xpwd', 'list', 'nlst', 'mlst', 'mlsd', 'mdtm', 'size', 'retr', 'stor'] as const;

export const ftp: Protocol = {
  id: 'ftp',
  title: 'FTP',
  toldBy: 'the server’s 220 and the client’s answer',
  firstSpeaker: 'server',
  port: 21,
  evidence: { client: 'good', server: 'good' },
  client: matcher('ftp', 9, firstWord(verbs, { anyCase: true })),
  server: matcher('ftp', maxGreetingBytes, (bytes) => {
    const greeter = greeterOf(bytes);
    if (greeter === 'ftp') return 'match';
    return greeter === 'more' ? 'more' : 'no';
  }),
  loose: {
    client: matcher('ftp', 9, firstWord(allVerbs, { anyCase: true })),
    server: matcher('ftp', maxGreetingBytes, (bytes) => couldGreet(bytes, 'ftp')),
  },
  inside: (client, server) => tlsAfterLine(client, server, tlsLine),
};
