// Sun RPC (ONC RPC) over TCP: NFS, port mapper, mount, and whatever else is called so.

import { u32At } from '../bytes.js';
import { allOf, anyOf, bigEndian, byteIn } from './build.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// Record mark 4, xid 4, type 4, version 4, program 4 (RFC 5531 §9, §11).
const callBytes = 20;
// Ten words: the above, version, procedure, and two empty credentials of two words each.
const minCallBytes = 40;

// A last fragment; NFS writes of a megabyte are never the first call.
const lastFragment = 0x80000000;
const maxRecordBytes = 0xffff;
// Numbers below belong to registered programs, to users and to temporary ones (RFC 5531 §8.3).
const lastProgram = 0x5fffffff;

/**
 * A call (0) of RPC version 2, to any program, in one fragment.
 *
 * False positives: none known; the eight bytes of type and version are fixed. Memcached and Thrift share the first byte.
 */
const call = allOf(byteIn(0, 0x80), bigEndian(0, 4, lastFragment + minCallBytes, lastFragment + maxRecordBytes), bigEndian(8, 4, 0, 0), bigEndian(12, 4, 2, 2), bigEndian(16, 4, 1, lastProgram));

/** A reply (1), accepted (0) with a verifier of a known flavour, or denied (1) for one of two reasons. */
const reply = allOf(byteIn(0, 0x80), bigEndian(0, 4, lastFragment + 20, lastFragment + 0xffffff), bigEndian(8, 4, 1, 1), bigEndian(12, 4, 0, 1), anyOf(bigEndian(16, 4, 0, 7), bigEndian(16, 4, 390_000, 400_000)));

// The flavour of a null call that asks for TLS (RFC 9289 §4.1).
const authTls = 7;

/** TLS follows the call that asked for it and its answer (RFC 9289 §4.1). */
function tlsBehind(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (client.length < 32) return 'more';
  if (client[0] !== 0x80 || u32At(client, 28) !== authTls) return 'no';
  if (server.length < 4) return 'more';
  return { client: 4 + u32At(client, 0) - lastFragment, server: server[0] === 0x80 ? 4 + u32At(server, 0) - lastFragment : server.length, only: 'tls' };
}

export const nfsRpc: Protocol = {
  id: 'nfs-rpc',
  title: 'NFS and other Sun RPC',
  toldBy: 'a call of RPC version 2 in a marked record',
  firstSpeaker: 'client',
  port: 2049,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('nfs-rpc', callBytes, call),
  server: matcher('nfs-rpc', callBytes, reply),
  inside: tlsBehind,
};
