// Every protocol that is decoded, by catalogue id.
//
// To add one: NAME.ts with a `Dissector`, a row here, decode vectors in test/conformance/NAME.md.

import type { Dissector } from './dissector.js';
import { amqp } from './amqp.js';
import { cassandra } from './cassandra.js';
import { dns } from './dns.js';
import { fastcgi } from './fastcgi.js';
import { ftp } from './ftp.js';
import { http1, httpConnect } from './http1.js';
import { grpc, http2 } from './http2.js';
import { imap } from './imap.js';
import { jdwp } from './jdwp.js';
import { dap, jsonRpc, lsp } from './jsonRpc.js';
import { kafka } from './kafka.js';
import { ldap } from './ldap.js';
import { memcached } from './memcached.js';
import { memcachedBinary } from './memcachedBinary.js';
import { mongodb } from './mongodb.js';
import { mqtt } from './mqtt.js';
import { mysql } from './mysql.js';
import { nats } from './nats.js';
import { pop3 } from './pop3.js';
import { postgres } from './postgres.js';
import { proxyV1, proxyV2 } from './proxyHeader.js';
import { redis } from './redis.js';
import { smtp } from './smtp.js';
import { socks4 } from './socks4.js';
import { socks5 } from './socks5.js';
import { ssh } from './ssh.js';
import { stomp } from './stomp.js';
import { thrift } from './thrift.js';
import { tls } from './tls.js';
import { websocket } from './websocket.js';
import { zookeeper } from './zookeeper.js';

export { FlowDissector, type SavedFlow } from './flowDissector.js';

const dissectors: readonly Dissector<unknown>[] = [
  amqp,
  cassandra,
  dap,
  dns,
  fastcgi,
  ftp,
  grpc,
  http1,
  http2,
  httpConnect,
  imap,
  jdwp,
  jsonRpc,
  kafka,
  ldap,
  lsp,
  memcached,
  memcachedBinary,
  mongodb,
  mqtt,
  mysql,
  nats,
  pop3,
  postgres,
  proxyV1,
  proxyV2,
  redis,
  smtp,
  socks4,
  socks5,
  ssh,
  stomp,
  thrift,
  tls,
  websocket,
  zookeeper,
];

const byId = new Map(dissectors.map((dissector) => [dissector.id, dissector]));

/** @param id catalogue id @returns undefined for a protocol that is recognised only, or not known */
export function dissectorOf(id: string): Dissector<unknown> | undefined {
  return byId.get(id);
}

/** Catalogue ids of what is decoded, for tables. */
export function decodedProtocols(): string[] {
  return [...byId.keys()];
}

/** Decoded by the dissector of what carries them: their messages bear their own id. */
export const carriedProtocols: readonly string[] = ['cdp'];
