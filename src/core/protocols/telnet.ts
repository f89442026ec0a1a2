// Telnet with option negotiation; without it, it is bare text.

import { allOf, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** Options that are assigned (IANA "Telnet Options": 0-49, 138-140) or that games use: MSSP 70, MCCP 85-86, MSP 90, MXP 91, ZMP 93, GMCP 201. */
const option = byteIn(2, [0, 49], 69, 70, 85, 86, 90, 91, 93, [138, 140], 200, 201);

/**
 * IAC, a verb (WILL, WONT, DO, DONT) or SB, and a known option (RFC 854, "TELNET command structure").
 *
 * False positives: BGP starts with 0xFF as well, sixteen of them. Text in UTF-8 has no such byte.
 */
const negotiation = allOf(magic('ff'), byteIn(1, [0xfa, 0xfe]), option);

export const telnet: Protocol = {
  id: 'telnet',
  title: 'Telnet',
  toldBy: 'option negotiation of either side',
  // Clients negotiate at once on port 23 and wait for the server elsewhere.
  firstSpeaker: 'either',
  port: 23,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('telnet', 3, negotiation),
  server: matcher('telnet', 3, negotiation),
  // The other side may say no more than text.
  loose: { client: 'any', server: 'any' },
};
