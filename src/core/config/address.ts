// Addresses as a rule file writes them: where a listener listens, and where a route leads.

import ipaddr from 'ipaddr.js';
import type { Address } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';

/** `problem` is a sentence's second half ("is not …"); `better` a text that would do. */
export type AddressResult = { address: Address } | { problem: Sentence; better?: string };

const defaultHost = '127.0.0.1';
const pipePrefix = '\\\\.\\pipe\\';
// sun_path of a Unix socket address holds 108 bytes on Linux and 104 on macOS, with the final NUL.
const maxSocketPathBytes = 103;
const hostName = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/;

/**
 * @param value `3000`, `"3000"`, `"host:3000"`, `"[::1]:3000"`, `"unix:/tmp/x.sock"`, `"pipe:name"` or `"\\.\pipe\name"`
 * @param use port 0 (any free one) only makes sense for listening
 */
export function addressOf(value: string | number, use: 'listen' | 'target'): AddressResult {
  const text = String(value).trim();
  if (/^\d+$/.test(text)) return withPort(defaultHost, text, use);
  if (/^unix:/i.test(text)) return socketPath(text.slice(5));
  if (/^pipe:/i.test(text)) return pipe(text.slice(5));
  if (text.toLowerCase().startsWith(pipePrefix.toLowerCase())) return pipe(text.slice(pipePrefix.length));
  if (text.startsWith('/')) return { problem: say`is a path; a Unix socket is written with "unix:" before it`, better: `unix:${text}` };

  const url = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)/.exec(text);
  if (url !== null) {
    const rest = url[2] ?? '';
    const port = /:\d+$/.test(rest) ? '' : defaultPortOf(url[1] ?? '');
    return { problem: say`is a URL; write only host and port, since bytes are passed on as they are`, ...(rest === '' ? {} : { better: rest + port }) };
  }
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    if (!ipaddr.IPv6.isValid(host)) return { problem: say`has no IPv6 address between its brackets` };
    return port === undefined ? { problem: say`has no port`, better: `${text}:3000` } : withPort(host, port, use);
  }
  const colon = text.lastIndexOf(':');
  if (text.indexOf(':') !== colon) {
    const host = text.slice(0, colon);
    const isHost = ipaddr.IPv6.isValid(host) && /^\d+$/.test(text.slice(colon + 1));
    return { problem: say`looks like IPv6, which is written in brackets`, better: isHost ? `[${host}]${text.slice(colon)}` : `[${text}]:3000` };
  }
  if (colon < 0) return hostProblem(text) ?? { problem: say`has no port`, better: `${text}:3000` };
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  if (host === '' || host === '*') {
    return use === 'listen'
      ? { problem: say`does not say on which address; 127.0.0.1 is this machine only, 0.0.0.0 lets other machines in`, better: `127.0.0.1:${port}` }
      : { problem: say`has no host`, better: `127.0.0.1:${port}` };
  }
  return hostProblem(host) ?? withPort(host, port, use);
}

function hostProblem(host: string): AddressResult | undefined {
  // Digits and dots only: meant as IPv4, where `10.1` and `1.2.3.999` are mistakes.
  if (/^[\d.]+$/.test(host)) return ipaddr.IPv4.isValidFourPartDecimal(host) ? undefined : { problem: say`has "${host}" as host, which is not an IPv4 address` };
  return hostName.test(host) ? undefined : { problem: say`has "${host}" as host, which is neither a name nor an address` };
}

function withPort(host: string, text: string, use: 'listen' | 'target'): AddressResult {
  const port = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  const least = use === 'listen' ? 0 : 1;
  if (port < least || 65535 < port) return { problem: say`has "${text}" as port; ports go from ${least} to 65535` };
  return { address: { kind: 'tcp', host, port } };
}

function socketPath(path: string): AddressResult {
  if (path === '') return { problem: say`has no path after "unix:"` };
  if (!path.startsWith('/')) return { problem: say`must name the whole path of the socket, from "/" on` };
  if (maxSocketPathBytes < new TextEncoder().encode(path).length) return { problem: say`is longer than a socket path may be (${maxSocketPathBytes} bytes)` };
  return { address: { kind: 'path', path } };
}

function pipe(name: string): AddressResult {
  if (name === '' || /[\\/]/.test(name)) return { problem: say`needs a pipe name without slashes` };
  return { address: { kind: 'path', path: pipePrefix + name } };
}

function defaultPortOf(scheme: string): string {
  const ports: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443, redis: 6379, postgres: 5432, postgresql: 5432, mysql: 3306, mqtt: 1883, ssh: 22, ftp: 21 };
  const port = ports[scheme.toLowerCase()];
  return port === undefined ? '' : `:${port}`;
}
