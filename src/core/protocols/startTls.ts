// TLS that starts inside a conversation of text lines, behind the line that asks for it.

import { latin1 } from '../bytes.js';
import type { Inner } from './protocol.js';

/**
 * @param asks does this line (without its end) ask for TLS?
 * @returns where TLS starts in the client's bytes once that line is there. Until then it may still come; it does before anything else
 * of note, within the first kilobytes.
 */
export function tlsAfterLine(client: Uint8Array, server: Uint8Array, asks: RegExp): Inner | 'more' {
  for (let start = 0; ; ) {
    const feed = client.indexOf(0x0a, start);
    if (feed < 0) return 'more';
    const end = start < feed && client[feed - 1] === 0x0d ? feed - 1 : feed;
    // The answer to it is the server's last line before TLS; what the client says next is all that is asked here.
    if (asks.test(latin1(client, start, end))) return { client: feed + 1, server: server.length, only: 'tls' };
    start = feed + 1;
  }
}
