// The catalogue: every protocol that is recognised, in the order in which lists show them.
//
// To add one: NAME.ts beside this file (build.ts has the common shapes), a row below in its family, test/conformance/NAME.md, then
// `npm run catalogue`, which writes it into the rule file's schemas and the README's table.
// Order matters only among protocols of equal `evidence`: where two match the same bytes, the one above is named. All that may
// match are asked strong first, then good, then weak, and only those that do not refuse the first two bytes: refuse early.

import { classifier } from './classify.js';
import type { Protocol } from './protocol.js';

// web
import { cdp } from './cdp.js';
import { grpc } from './grpc.js';
import { http1 } from './http1.js';
import { http2 } from './http2.js';
import { httpConnect } from './httpConnect.js';
import { tls } from './tls.js';
import { websocket } from './websocket.js';

// tunnels
import { openvpn } from './openvpn.js';
import { proxyV1, proxyV2 } from './proxyHeader.js';
import { socks4 } from './socks4.js';
import { socks5 } from './socks5.js';
import { tinc } from './tinc.js';

// databases, caches
import { cassandra } from './cassandra.js';
import { clickhouse } from './clickhouse.js';
import { elasticsearchTransport } from './elasticsearchTransport.js';
import { memcached } from './memcached.js';
import { memcachedBinary } from './memcachedBinary.js';
import { mongodb } from './mongodb.js';
import { mssql } from './mssql.js';
import { mysql } from './mysql.js';
import { neo4jBolt } from './neo4jBolt.js';
import { oracle } from './oracle.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';
import { zookeeper } from './zookeeper.js';

// queues
import { amqp } from './amqp.js';
import { amqp1 } from './amqp1.js';
import { beanstalkd } from './beanstalkd.js';
import { gearman } from './gearman.js';
import { kafka } from './kafka.js';
import { mqtt } from './mqtt.js';
import { nats } from './nats.js';
import { pulsar } from './pulsar.js';
import { rabbitmqStream } from './rabbitmqStream.js';
import { stomp } from './stomp.js';

// mail, chat, directories
import { imap } from './imap.js';
import { irc } from './irc.js';
import { kerberos } from './kerberos.js';
import { ldap } from './ldap.js';
import { pop3 } from './pop3.js';
import { smtp } from './smtp.js';
import { xmpp } from './xmpp.js';

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
import { telnet } from './telnet.js';
import { vnc } from './vnc.js';
import { x11 } from './x11.js';

// voice, video
import { rtmp } from './rtmp.js';
import { rtsp } from './rtsp.js';
import { sip } from './sip.js';

// developers' tools
import { adb } from './adb.js';
import { ajp } from './ajp.js';
import { dap } from './dap.js';
import { dbgp } from './dbgp.js';
import { erlangDist } from './erlangDist.js';
import { fastcgi } from './fastcgi.js';
import { gdbRemote } from './gdbRemote.js';
import { javaRmi } from './javaRmi.js';
import { jdwp } from './jdwp.js';
import { jsonRpc } from './jsonRpc.js';
import { lsp } from './lsp.js';
import { nrepl } from './nrepl.js';
import { thrift } from './thrift.js';
import { zabbix } from './zabbix.js';

// industry
import { dnp3 } from './dnp3.js';
import { fix } from './fix.js';
import { hl7 } from './hl7.js';
import { iec104 } from './iec104.js';
import { modbus } from './modbus.js';
import { opcua } from './opcua.js';
import { s7 } from './s7.js';

// networks
import { bgp } from './bgp.js';
import { diameter } from './diameter.js';
import { dns } from './dns.js';
import { finger } from './finger.js';
import { smpp } from './smpp.js';
import { syslog } from './syslog.js';
import { whois } from './whois.js';

export type { Protocol } from './protocol.js';
export { classifyBytes, type Classified } from './protocol.js';

const web: readonly Protocol[] = [httpConnect, http1, http2, grpc, websocket, tls, cdp];

const tunnels: readonly Protocol[] = [proxyV1, proxyV2, socks4, socks5, openvpn, tinc];

const databases: readonly Protocol[] = [
  redis, postgres, mysql, mongodb, cassandra, memcached, memcachedBinary, zookeeper, mssql, oracle, clickhouse, neo4jBolt, elasticsearchTransport,
];

const queues: readonly Protocol[] = [mqtt, nats, stomp, amqp, amqp1, kafka, rabbitmqStream, pulsar, gearman, beanstalkd];

const mailAndChat: readonly Protocol[] = [smtp, pop3, imap, xmpp, irc, ldap, kerberos];

const accessAndFiles: readonly Protocol[] = [ssh, rdp, vnc, x11, ftp, telnet, smb, nfsRpc, rsync, git, svn, bittorrent, minecraft];

const media: readonly Protocol[] = [sip, rtsp, rtmp];

const developerTools: readonly Protocol[] = [thrift, fastcgi, ajp, zabbix, lsp, dap, jsonRpc, jdwp, javaRmi, gdbRemote, dbgp, adb, nrepl, erlangDist];

const industry: readonly Protocol[] = [opcua, s7, modbus, iec104, dnp3, hl7, fix];

const networks: readonly Protocol[] = [whois, finger, bgp, diameter, smpp, syslog, dns];

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
