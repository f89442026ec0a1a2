// The catalogue: every protocol that is recognised, in the order in which lists show them.
//
// To add one: NAME.ts beside this file (build.ts has the common shapes), a row below in its family, test/conformance/NAME.md, then
// `npm run catalogue`, which writes it into the rule file's schemas and the README's table.
// Order matters only among protocols of equal `evidence`: where two match the same bytes, the one above is named. All that may
// match are asked strong first, then good, then weak, and only those that do not refuse the first byte: refuse early.

import { classifier } from './classify.js';
import type { Protocol } from './protocol.js';

// web
import { cdp } from './cdp.js';
import { grpc } from './grpc.js';
import { http1 } from './http1.js';
import { http2 } from './http2.js';
import { tls } from './tls.js';
import { websocket } from './websocket.js';

// tunnels
import { openvpn } from './openvpn.js';
import { tinc } from './tinc.js';

// databases, caches
import { mysql } from './mysql.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';

// queues
import { mqtt } from './mqtt.js';

// mail, chat, directories
import { kerberos } from './kerberos.js';
import { smtp } from './smtp.js';

// remote access, files, games
import { bittorrent } from './bittorrent.js';
import { ftp } from './ftp.js';
import { git } from './git.js';
import { minecraft } from './minecraft.js';
import { nfsRpc } from './nfsRpc.js';
import { rdp } from './rdp.js';
import { rsync } from './rsync.js';
import { smb } from './smb.js';
import { ssh } from './ssh.js';
import { svn } from './svn.js';
import { vnc } from './vnc.js';
import { x11 } from './x11.js';

// voice, video
import { rtmp } from './rtmp.js';
import { rtsp } from './rtsp.js';
import { sip } from './sip.js';

// developers' tools
import { adb } from './adb.js';
import { dap } from './dap.js';
import { dbgp } from './dbgp.js';
import { erlangDist } from './erlangDist.js';
import { gdbRemote } from './gdbRemote.js';
import { javaRmi } from './javaRmi.js';
import { jdwp } from './jdwp.js';
import { jsonRpc } from './jsonRpc.js';
import { lsp } from './lsp.js';
import { nrepl } from './nrepl.js';

// networks
import { dns } from './dns.js';

export type { Protocol } from './protocol.js';
export { classifyBytes, type Classified } from './protocol.js';

const web: readonly Protocol[] = [http1, http2, grpc, websocket, cdp, tls];

const tunnels: readonly Protocol[] = [openvpn, tinc];

const databases: readonly Protocol[] = [redis, postgres, mysql];

const queues: readonly Protocol[] = [mqtt];

const mailAndChat: readonly Protocol[] = [smtp, kerberos];

const accessAndFiles: readonly Protocol[] = [ssh, rdp, vnc, x11, ftp, smb, nfsRpc, rsync, git, svn, bittorrent, minecraft];

const media: readonly Protocol[] = [sip, rtsp, rtmp];

const developerTools: readonly Protocol[] = [lsp, dap, jsonRpc, jdwp, javaRmi, gdbRemote, dbgp, adb, nrepl, erlangDist];

const industry: readonly Protocol[] = [];

const networks: readonly Protocol[] = [dns];

export const protocols: readonly Protocol[] = [
  ...web, ...tunnels, ...databases, ...queues, ...mailAndChat, ...accessAndFiles, ...media, ...developerTools, ...industry, ...networks,
];

/** What is spoken on a connection: see classify.ts. */
export const classify = classifier(protocols);

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
