// Subversion's own server (svnserve): it speaks first.

import { allOf, anyOf, byteIn, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** Greeting or refusal as a list of words (ra_svn protocol, §2 "Connection establishment"). Nothing else starts so. */
const greeting = anyOf(text('( success ( '), text('( failure ( '));

/**
 * Version 1 or 2 and a list of capabilities (§2): `( 2 ( edit-pipeline …`.
 *
 * False positives: other lists with a number in front, in Lisp's tools; those do not follow a greeting like the above.
 */
const response = allOf(text('( '), byteIn(2, 0x31, 0x32), text(' ( ', 3), byteIn(6, 0x29, [0x61, 0x7a]));

export const svn: Protocol = {
  id: 'svn',
  title: 'Subversion',
  toldBy: 'the server’s list of versions and capabilities',
  firstSpeaker: 'server',
  port: 3690,
  evidence: { client: 'good', server: 'strong' },
  client: matcher('svn', 7, response),
  server: matcher('svn', 12, greeting),
};
