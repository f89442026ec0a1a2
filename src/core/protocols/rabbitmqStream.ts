// RabbitMQ's stream protocol. Its usual one is AMQP.

import { allOf, bigEndian, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// A frame of properties is a few hundred bytes.
const maxFrameBytes = 0xffff;

/**
 * PeerProperties: size, key 0011, version 1, correlation id, and the count of pairs of texts (PROTOCOL.adoc, "Peer Properties").
 *
 * False positives: Kafka's SaslHandshake has this key too. It comes first from no client, and its client id stands where the count has zeros.
 */
const peerProperties = allOf(bigEndian(0, 4, 12, maxFrameBytes), magic('00 11 00 01', 4), bigEndian(12, 4, 1, 100), bigEndian(16, 2, 1, 255));

/** The answer: key 8011, correlation id, response code 1. */
const answer = allOf(bigEndian(0, 4, 10, maxFrameBytes), magic('80 11 00 01', 4), magic('00', 12));

export const rabbitmqStream: Protocol = {
  id: 'rabbitmq-stream',
  title: 'RabbitMQ streams',
  toldBy: 'a frame of peer properties',
  firstSpeaker: 'client',
  port: 5552,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('rabbitmq-stream', 18, peerProperties),
  server: matcher('rabbitmq-stream', 14, answer),
};
