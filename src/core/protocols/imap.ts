// IMAP: the server speaks first.

import { anyCaseTextAt, byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf, text } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';
import { tlsAfterLine } from './startTls.js';

/** The line after which the client goes on with a TLS hello (RFC 9051 §6.2.1): a tag and STARTTLS. */
const tlsLine = /^\S+ starttls$/i;

// Tags are short: a letter and a number, or one of a few words. RFC 9051 gives no limit.
const maxTagBytes = 32;
const maxCommandBytes = 16;

/** Commands before login that only IMAP has (RFC 9051 §6.1-§6.2). */
const commands = ['capability', 'login', 'authenticate', 'starttls'] as const;
/** What else a client may say to a server that greeted (RFC 9051 §6, RFC 2971, RFC 2177). */
const allCommands = [...commands, 'id', 'noop', 'logout', 'enable', 'select', 'examine', 'list', 'lsub', 'status', 'namespace', 'idle', 'append', 'close', 'fetch', 'search', 'uid', 'create', 'compress'] as const;

/** Characters of a tag: printable, but for those of RFC 9051 §9 ("tag"). */
const isTagByte = new Uint8Array(256);
for (let byte = 0x21; byte < 0x7f; byte++) isTagByte[byte] = '(){%*"\\+]'.includes(String.fromCharCode(byte)) ? 0 : 1;

/** A tag, one space, a command, and a space or the line's end (RFC 9051 §2.2.1). For labels: clients wait for the greeting. */
function tagged(known: readonly string[]): Judge {
  return (bytes) => {
    let at = 0;
    while (at < bytes.length && at < maxTagBytes && isTagByte[bytes[at] ?? 0] === 1) at++;
    if (at === bytes.length) return 'more';
    if (at === 0 || bytes[at] !== 0x20) return 'no';
    at++;
    let isOpen = false;
    for (const command of known) {
      const standing = anyCaseTextAt(bytes, at, command);
      if (standing === 'part') isOpen = true;
      if (standing !== 'whole') continue;
      const next = byteAt(bytes, at + command.length);
      if (next < 0) isOpen = true;
      else if (next === 0x20 || next === 0x0d || next === 0x0a) return 'match';
    }
    return isOpen ? 'more' : 'no';
  };
}

const maxClientBytes = maxTagBytes + 1 + maxCommandBytes;

/** `* OK`, `* PREAUTH` or `* BYE` and a space (RFC 9051 §7.1). False positives: none known among servers that speak first. */
const greeting: (bytes: Uint8Array) => Verdict = anyOf(text('* OK '), text('* PREAUTH '), text('* BYE '), text('* OK\r\n'));

export const imap: Protocol = {
  id: 'imap',
  title: 'IMAP',
  toldBy: 'the server’s `* OK` and the client’s tagged command',
  firstSpeaker: 'server',
  port: 143,
  evidence: { client: 'good', server: 'good' },
  client: matcher('imap', maxClientBytes, tagged(commands)),
  server: matcher('imap', 10, greeting),
  loose: { client: matcher('imap', maxClientBytes, tagged(allCommands)) },
  inside: (client, server) => tlsAfterLine(client, server, tlsLine),
};
