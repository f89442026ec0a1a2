// Java Debug Wire Protocol.

import { text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * The debugger says `JDWP-Handshake` and the virtual machine says it back (JDWP, "JDWP Start-up"). With `server=n` the machine dials
 * and stays silent, so the debugger is then the server that greets.
 *
 * False positives: none known.
 */
const judge = text('JDWP-Handshake');

export const jdwp: Protocol = {
  id: 'jdwp',
  title: 'JDWP (Java debugging)',
  toldBy: 'the handshake',
  firstSpeaker: 'either',
  port: 5005,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('jdwp', 14, judge),
  server: matcher('jdwp', 14, judge),
};
