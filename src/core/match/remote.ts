// `remote`: the client's address lies in one of the ranges.

import ipaddr from 'ipaddr.js';
import type { Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { routeMatcher, type RouteMatcher } from './matcher.js';

/**
 * Known at accept, so it answers before any byte. IPv4 addresses that arrive through an IPv6 socket (`::ffff:10.0.0.1`) are compared
 * as IPv4. Unix sockets and pipes have no address and are in no range.
 *
 * @throws on a malformed range: validation comes first
 */
export function remote(condition: Extract<Condition, { kind: 'remote' }>): RouteMatcher {
  const ranges = condition.ranges.map((text) => ipaddr.parseCIDR(text));
  const isInside = (text: string): boolean => {
    const bare = text.replace(/%.*$/, '');
    if (!ipaddr.isValid(bare)) return false;
    const address = ipaddr.process(bare);
    return ranges.some(([range, bits]) => address.kind() === range.kind() && address.match([range, bits]));
  };
  return routeMatcher({
    maxBytes: 0,
    match: (_prefix, _ended, facts) => (isInside(facts.remote) ? 'match' : 'no'),
    explain(verdict, _prefix, _atByte, facts) {
      const ranges = condition.ranges.join(', ');
      if (facts.remote === '') return say`a client without address is not in ${ranges}`;
      return verdict === 'match' ? say`client ${facts.remote} is in ${ranges}` : say`client ${facts.remote} is not in ${ranges}`;
    },
  });
}

/** @returns the range in CIDR form (single addresses as /32 or /128), or undefined when it is neither */
export function cidrOf(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValidCIDR(bare)) {
    const [range, bits] = ipaddr.parseCIDR(bare);
    return `${range.toString()}/${bits}`;
  }
  // `10.1` is a legal way to write 10.0.0.1 and nobody means it.
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.process(bare);
  return `${address.toString()}/${address.kind() === 'ipv4' ? 32 : 128}`;
}
