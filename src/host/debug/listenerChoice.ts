// Which listeners a setting, a task or a launch file means, by the names they have in rule files, and what a program has to connect to.

import { formatAddress } from '../../shared/address.js';
import type { EngineStatus } from '../../shared/protocol.js';
import type { Address, ListenerRule } from '../../shared/rules.js';

/** Instead of a name: all enabled listeners. */
export const allListeners = '*';

/**
 * @param names names or ids, or '*'
 * @returns the enabled listeners that are meant, each once, and the names that mean none
 */
export function chooseListeners(listeners: readonly ListenerRule[], names: readonly string[]): { chosen: ListenerRule[]; unknown: string[] } {
  const enabled = listeners.filter(({ isEnabled }) => isEnabled);
  if (names.includes(allListeners)) return { chosen: enabled, unknown: [] };
  const isMeant = (listener: ListenerRule, name: string): boolean => listener.name === name || listener.id === name;
  return {
    chosen: enabled.filter((listener) => names.some((name) => isMeant(listener, name))),
    unknown: names.filter((name) => !enabled.some((listener) => isMeant(listener, name))),
  };
}

/** @returns where a client on this machine reaches it; undefined while a free port is still to be taken */
export function reachableAddress(rule: ListenerRule, status: EngineStatus): string | undefined {
  const bound = status.listeners.find(({ id, state }) => id === rule.id && state === 'listening')?.address;
  const address = bound ?? rule.listen;
  return address.kind === 'tcp' && address.port === 0 ? undefined : formatAddress(loopback(address));
}

/** What listens on all addresses is reached at the loopback one (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
function loopback(address: Address): Address {
  if (address.kind !== 'tcp') return address;
  const host = address.host.replace(/^\[|\]$/g, '');
  return host === '0.0.0.0' ? { ...address, host: '127.0.0.1' } : host === '::' ? { ...address, host: '::1' } : address;
}

/** @returns `PORT_PRISM_DEV` for the listener `dev`; names of environment variables hold letters, digits and underscores (POSIX XBD §8.1) */
export function variableName(listener: string): string {
  return `PORT_PRISM_${listener.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}
