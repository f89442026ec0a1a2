// Addresses as text: the one spelling that status, rows, confirmations and messages share.

import type { Address } from './rules.js';

/** @returns `127.0.0.1:3000`, `[::1]:3000`, or a path as `unix:/tmp/x.sock` (Windows pipes as they are) */
export function formatAddress(address: Address): string {
  if (address.kind === 'path') return address.path.startsWith('\\\\') ? address.path : `unix:${address.path}`;
  return `${formatHost(address.host)}:${address.port}`;
}

/** @returns the host as it stands before a port: IPv6 in brackets (RFC 3986 §3.2.2) */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** @returns whether only programs of this machine reach the host: 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), its IPv4-mapped form, localhost (RFC 6761 §6.3) */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1' || name === '0:0:0:0:0:0:0:1') return true;
  return /^127(\.\d{1,3}){3}$/.test(name);
}

/** @returns whether other machines may reach what listens here, so that a person must confirm it */
export function isExposed(address: Address): boolean {
  return address.kind === 'tcp' && !isLoopbackHost(address.host);
}
