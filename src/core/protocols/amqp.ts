// AMQP 0-9-1 (RabbitMQ) and its relatives 0-8, 0-9 and 0-10 (Qpid). AMQP 1.0 is another protocol: amqp1.ts.

import { allOf, anyOf, byteIn, magic, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** Bytes behind `AMQP`, by version. Clients of 0-8 differ: its two published specifications did. */
const versions = [
  '00 00 09 01', // 0-9-1 §2.2.4
  '01 01 00 09', // 0-9 §4.2.2
  '01 01 08 00', // 0-8
  '01 01 09 01', // 0-8, as py-amqplib writes it
  '01 01 00 0a', // 0-10 §4.3
].map((version) => magic(version, 4));

/** The protocol header: eight bytes, after which a client waits. False positives: none known, all eight are fixed. */
const header = allOf(text('AMQP'), anyOf(...versions));

/** Connection.Start on channel 0 (0-9-1 §1.4.2.1): method frame, class 10, method 10, then the version, 0-9 or 8-0. */
const start = allOf(magic('01 00 00 00 00 ?? ?? 00 0a 00 0a'), anyOf(magic('00 09', 11), magic('08 00', 11)));

/** connection.start of 0-10 §9.1 in a whole frame of the control track; brokers send their header before it. */
const start10 = allOf(byteIn(0, [0x08, 0x0f]), magic('00', 1), magic('00 00 00 00 00 00 00 00 01 01', 4));

export const amqp: Protocol = {
  id: 'amqp',
  title: 'AMQP 0-9-1',
  toldBy: 'the protocol header of versions 0-8 to 0-10, or Connection.Start',
  firstSpeaker: 'client',
  port: 5672,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('amqp', 8, header),
  server: matcher('amqp', 14, anyOf(header, start, start10)),
};
