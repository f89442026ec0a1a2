// Every protocol that is decoded, by catalogue id.
//
// To add one: NAME.ts with a `Dissector`, a row here, decode vectors in test/conformance/NAME.md.

import type { Dissector } from './dissector.js';
import { amqp } from './amqp.js';
import { dns } from './dns.js';
import { fastcgi } from './fastcgi.js';
import { ftp } from './ftp.js';
import { http1, httpConnect } from './http1.js';
import { grpc, http2 } from './http2.js';
import { imap } from './imap.js';
import { jdwp } from './jdwp.js';
import { dap, jsonRpc, lsp } from './jsonRpc.js';
import { ldap } from './ldap.js';
import { mongodb } from './mongodb.js';
import { mqtt } from './mqtt.js';
import { nats } from './nats.js';
import { pop3 } from './pop3.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';
import { smtp } from './smtp.js';
import { stomp } from './stomp.js';
import { tls } from './tls.js';
import { websocket } from './websocket.js';

export { FlowDissector } from './flowDissector.js';

const dissectors: readonly Dissector<unknown>[] = [
  amqp,
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
  ldap,
  lsp,
  mongodb,
  mqtt,
  nats,
  pop3,
  postgres,
  redis,
  smtp,
  stomp,
  tls,
  websocket,
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
