// From an upstream's address to the IP addresses to try, in order.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Address } from '../../../shared/rules.js';
import type { Target } from '../wire.js';

/** Looked-up names are believed for this long: a bound on look-ups per second, short enough for a container that was restarted. */
const believedMs = 5_000;

/** Names remembered at most. */
const maxNames = 1000;

interface Entry {
  targets: readonly string[];
  at: number;
}

/** Turns upstream addresses into things to connect to; IP literals and `localhost` without any look-up. */
export class Dialer {
  private readonly names = new Map<string, Entry>();

  /** @returns targets to try in order, at once where no look-up is needed. Rejects with the resolver's error. */
  targets(address: Address, now: number): readonly Target[] | Promise<readonly Target[]> {
    if (address.kind === 'path') return [{ path: address.path }];
    const { host, port } = address;
    if (isIP(host) !== 0) return [{ ip: host, port }];
    // RFC 6761 §6.3: localhost is loopback whatever a resolver says; a dev server may listen on either family only.
    if (host === 'localhost' || host.endsWith('.localhost')) return [{ ip: '127.0.0.1', port }, { ip: '::1', port }];
    const known = this.names.get(host);
    if (known !== undefined && now - known.at < believedMs) return known.targets.map((ip) => ({ ip, port }));
    return this.lookUp(host, now).then((ips) => ips.map((ip) => ({ ip, port })));
  }

  private async lookUp(host: string, now: number): Promise<readonly string[]> {
    const found = await lookup(host, { all: true });
    const targets = found.map((entry) => entry.address);
    if (maxNames <= this.names.size) this.names.clear();
    this.names.set(host, { targets, at: now });
    return targets;
  }
}
