// MongoDB's wire protocol, and what speaks it (DocumentDB, Cosmos DB, FerretDB).

import { allOf, anyOf, byteIn, littleEndian, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// maxMessageSizeBytes of the hello reply.
const maxMessageBytes = 48_000_000;
const headerBytes = 16;

/** OP_UPDATE, OP_INSERT, OP_QUERY to OP_KILL_CURSORS, OP_COMMAND, OP_COMPRESSED, OP_MSG: 2001 and up (wire protocol, "Opcodes"). */
const requests = allOf(byteIn(12, [0xd1, 0xd2], [0xd4, 0xd7], 0xda, [0xdc, 0xdd]), magic('07 00 00', 13));

/**
 * Message header: length, request id, what it answers (nothing: 0, or -1 in old shells), opcode; all little-endian
 * (MongoDB wire protocol, "Standard Message Header"). Drivers open with OP_QUERY or OP_MSG `hello`.
 *
 * False positives: none known; eight bytes of sixteen are fixed. Nearly any first byte may be a length, so the first refusal is at byte 3.
 */
const request = allOf(littleEndian(0, 4, headerBytes + 1, maxMessageBytes), anyOf(magic('00 00 00 00', 8), magic('ff ff ff ff', 8)), requests);

/** OP_REPLY whose flags are among the four that exist, or OP_COMMANDREPLY, OP_COMPRESSED, OP_MSG. */
const reply = allOf(
  littleEndian(0, 4, headerBytes + 1, maxMessageBytes),
  anyOf(
    allOf(magic('01 00 00 00', 12), byteIn(16, [0, 15]), magic('00 00 00', 17)),
    allOf(byteIn(12, [0xdb, 0xdd]), magic('07 00 00', 13)),
  ),
);

export const mongodb: Protocol = {
  id: 'mongodb',
  title: 'MongoDB',
  toldBy: 'a message header with a request’s opcode that answers nothing',
  firstSpeaker: 'client',
  port: 27017,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('mongodb', headerBytes, request),
  server: matcher('mongodb', headerBytes + 4, reply),
};
