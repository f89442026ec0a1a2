// HL7 version 2 in MLLP frames, as hospitals exchange it.

import { allOf, anyOf, byteIn, magic, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** The separator of fields: `|` nearly always, in any case punctuation. */
const separators = [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]] as const;

/** Segments that may come first: of a message, a batch, a file (HL7 2.5.1 §2.10.3). */
const segment = (at: number): ReturnType<typeof anyOf> => anyOf(text('MSH', at), text('BHS', at), text('FHS', at));

/** Start block 0B and a first segment (MLLP release 1, "Block format"), or its text alone, with the usual separators. */
const message = anyOf(allOf(magic('0b'), segment(1), byteIn(4, ...separators)), text('MSH|^~\\&|'));

/** Both sides send it: the answer is a message too. False positives: none known. */
export const hl7: Protocol = {
  id: 'hl7',
  title: 'HL7 (MLLP)',
  toldBy: 'a start block and the segment `MSH`',
  firstSpeaker: 'client',
  port: 2575,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('hl7', 9, message),
  server: matcher('hl7', 9, message),
};
