// AMQP 1.0 (ActiveMQ Artemis, Azure Service Bus, Qpid, RabbitMQ 4): another protocol than AMQP 0-9-1 under the same name.

import { byteAt } from '../bytes.js';
import { allOf, byteIn, magic, text } from './build.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

const headerBytes = 8;
const tlsId = 2;

/**
 * The protocol header with id 0 (AMQP), 2 (TLS) or 3 (SASL) and version 1.0.0 (AMQP 1.0 part 2 §2.2, part 5 §5.2.1 and §5.3.1). Both
 * sides send it.
 *
 * False positives: none known, all eight bytes are fixed. AMQP 0-9-1 parts at byte 5.
 */
const header = allOf(text('AMQP'), byteIn(4, 0, tlsId, 3), magic('01 00 00', 5));

/** TLS follows the two headers with id 2 (part 5 §5.2). */
function inside(client: Uint8Array): Inner | 'more' | 'no' {
  const id = byteAt(client, 4);
  if (id !== tlsId) return id < 0 ? 'more' : 'no';
  return client.length <= headerBytes ? 'more' : { client: headerBytes, server: headerBytes, only: 'tls' };
}

export const amqp1: Protocol = {
  id: 'amqp1',
  title: 'AMQP 1.0',
  toldBy: 'the protocol header of version 1.0, plain, SASL or TLS',
  firstSpeaker: 'client',
  port: 5672,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('amqp1', headerBytes, header),
  server: matcher('amqp1', headerBytes, header),
  inside,
};
