// ZooKeeper: sessions, and its four-letter words for administrators.

import { allOf, anyOf, byteIn, firstWord, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * ConnectRequest (zookeeper.jute): length 44, or 45 since there is a read-only flag; version 0, last zxid, timeout, session id, and
 * a password of 16 bytes.
 *
 * False positives: none known. It begins like Kafka's Produce with an empty client id, which Kafka's rule therefore refuses.
 */
const connect = allOf(magic('00 00 00'), byteIn(3, 44, 45), magic('00 00 00 00', 4), magic('00', 16), magic('00 00 00 10', 28));

/** Words that begin no other protocol's (Administrator's Guide, "The Four Letter Words"): they come without a line end. */
const ownWords = ['ruok', 'srvr', 'mntr', 'isro', 'wchs', 'wchc', 'wchp', 'crst', 'srst', 'gtmk', 'stmk', 'lsnp', 'icfg', 'orst', 'obsr', 'sysp'];
/** Words that others begin with too, `stats` and `config` among them: taken with a line end, or when the answer is ZooKeeper's. */
const commonWords = ['stat', 'conf', 'cons', 'dump', 'envi', 'dirs', 'hash', 'reqs', 'kill'];
const words = anyOf(firstWord(ownWords, { followers: '' }), firstWord(commonWords, { followers: '\r\n' }));
const anyWord = firstWord([...ownWords, ...commonWords], { followers: '' });

/** ConnectResponse: length 36 or 37, version 0, timeout, session id, password of 16 bytes. */
const connected = allOf(magic('00 00 00'), byteIn(3, 36, 37), magic('00 00 00 00', 4), magic('00', 8), magic('00 00 00 10', 20));
/** How the answers to the words begin that can be told by it. */
const answers = firstWord(['imok', 'Zookeeper version: ', 'zk_version\t', 'Environment:\nzookeeper.version=', 'clientPort=', 'This ZooKeeper instance ', 'SessionTracker dump'], { followers: '' });

/** The rest: `isro`, resets, lists of connections, and a word that is not allowed (`ruok is not executed because …`). */
const otherAnswers = firstWord(['rw', 'ro', 'null', 'Connection stats reset', 'Server stats reset', ' /', ...[...ownWords, ...commonWords].map((word) => `${word} is not executed`), 'This ZooKeeper', 'ephemerals:', '0x', 'membership:'], { followers: '' });

export const zookeeper: Protocol = {
  id: 'zookeeper',
  title: 'ZooKeeper',
  toldBy: 'a connect request, or a four-letter word such as `ruok`',
  firstSpeaker: 'client',
  port: 2181,
  evidence: { client: 'good', server: 'good' },
  client: matcher('zookeeper', 32, anyOf(connect, words)),
  server: matcher('zookeeper', 36, anyOf(connected, answers)),
  loose: { client: matcher('zookeeper', 32, anyOf(connect, anyWord)), server: matcher('zookeeper', 36, anyOf(connected, answers, otherAnswers)) },
};
