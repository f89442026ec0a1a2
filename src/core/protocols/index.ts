// The catalogue: every protocol that is recognised, in the order in which lists show them.

import { ftp } from './ftp.js';
import { grpc } from './grpc.js';
import { http1 } from './http1.js';
import { http2 } from './http2.js';
import { mqtt } from './mqtt.js';
import { mysql } from './mysql.js';
import { postgres } from './postgres.js';
import type { Protocol } from './protocol.js';
import { redis } from './redis.js';
import { smtp } from './smtp.js';
import { ssh } from './ssh.js';
import { tls } from './tls.js';
import { websocket } from './websocket.js';

export type { Protocol } from './protocol.js';
export { classify, classifyBytes, type Classified } from './classify.js';

export const protocols: readonly Protocol[] = [http1, http2, grpc, websocket, tls, ssh, redis, postgres, mqtt, mysql, ftp, smtp];

/** Names that a rule may use for several protocols at once. */
export const groups: Readonly<Record<string, readonly string[]>> = { http: ['http1', 'http2', 'grpc', 'websocket'] };

const byId = new Map(protocols.map((protocol) => [protocol.id, protocol]));

export function protocolOf(id: string): Protocol | undefined {
  return byId.get(id);
}

/** @returns ids that a name in a rule stands for; empty when there is no such protocol or group */
export function expandProtocol(name: string): readonly string[] {
  if (byId.has(name)) return [name];
  return Object.hasOwn(groups, name) ? (groups[name] ?? []) : [];
}
