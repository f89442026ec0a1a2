// Records of ZooKeeper's client protocol (zookeeper.jute): texts, data, lists, access lists, what is known of a node.

import { say } from '../../shared/sentences.js';
import type { FieldReader } from './fieldReader.js';

/** A length, -1 for null, and UTF-8. */
export function ustring(reader: FieldReader, name: string): string {
  if (4 <= reader.left && reader.peek() === 0xff) {
    reader.add(name, reader.at, reader.at + 4, 'null');
    reader.skip(4);
    return '';
  }
  return reader.prefixedText(name, 4);
}

/** @returns the bytes in short */
export function data(reader: FieldReader, name: string): string {
  if (4 <= reader.left && reader.peek() === 0xff) {
    reader.add(name, reader.at, reader.at + 4, 'null');
    reader.skip(4);
    return '';
  }
  const { length } = reader.prefixedData(name, 4);
  return length === 0 ? '' : length === 1 ? '1 byte' : `${length} bytes`;
}

/** @returns "3 children: a, b, c" */
export function names(reader: FieldReader, name: string, one: string): string {
  const start = reader.at;
  const count = reader.i32('count');
  if (count <= 0) return name === 'paths' ? '' : `no ${name}`;
  const shown: string[] = [];
  let i = 0;
  reader.group(name, () => {
    for (; i < count && 0 < reader.left; i++) {
      const text = ustring(reader, one);
      if (shown.length < 8) shown.push(text);
    }
  }, () => String(count));
  if (i < count && !reader.isBroken) reader.problem('error', say`${count} ${name} are announced, ${i} are there`, start, reader.at);
  return `${name === 'paths' ? '' : `${count === 1 && name === 'children' ? '1 child' : `${count} ${name}`}: `}${shown.join(', ')}${shown.length < count ? ', …' : ''}`;
}

const permissions = ['read', 'write', 'create', 'delete', 'admin'];

export function acl(reader: FieldReader): void {
  const count = reader.i32('acl count');
  for (let i = 0; i < count && 0 < reader.left; i++) reader.group('acl', () => {
    const perms = reader.i32('permissions', permissionText);
    const scheme = ustring(reader, 'scheme');
    // Digests are hashes of passwords.
    if (scheme === 'digest' || scheme === 'auth') reader.secret('id', Math.max(0, reader.i32('id length')));
    const id = scheme === 'digest' || scheme === 'auth' ? '' : ustring(reader, 'id');
    return `${scheme}${id === '' ? '' : `:${id}`} ${permissionText(perms)}`;
  }, (text) => text);
}

function permissionText(bits: number): string {
  return bits === 31 ? 'all' : permissions.filter((_, i) => (bits & (1 << i)) !== 0).join(', ') || 'none';
}

/** @returns the version of the node's data */
export function stat(reader: FieldReader): number {
  return reader.group('stat', () => {
    reader.i64('czxid', zxidText);
    reader.i64('mzxid', zxidText);
    reader.i64('ctime', timeText);
    reader.i64('mtime', timeText);
    const version = reader.i32('version');
    reader.i32('cversion');
    reader.i32('aversion');
    reader.i64('ephemeral owner', (owner) => (owner === 0n ? 'none' : sessionText(BigInt.asUintN(64, owner))));
    reader.i32('data length');
    reader.i32('children');
    reader.i64('pzxid', zxidText);
    return version;
  }, (version) => `version ${version}`);
}

export function zxidText(zxid: bigint): string {
  return `0x${BigInt.asUintN(64, zxid).toString(16)}`;
}

export function sessionText(session: bigint): string {
  return `0x${session.toString(16)}`;
}

function timeText(value: bigint): string {
  return 0n <= value && value < 253402300800000n ? new Date(Number(value)).toISOString() : String(value);
}
