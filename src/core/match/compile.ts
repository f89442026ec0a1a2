// A condition of the rules, compiled to one RouteMatcher.

import { assertNever } from '../../shared/lifecycle.js';
import type { Condition } from '../../shared/rules.js';
import { all, always, any, not } from './combine.js';
import { http } from './http.js';
import type { RouteMatcher } from './matcher.js';
import { pattern } from './pattern.js';
import { payload } from './payload.js';
import { process } from './process.js';
import { protocol } from './protocol.js';
import { remote } from './remote.js';
import { silent } from './silent.js';
import { tls } from './tls.js';

/** @throws when a hex string, glob, pattern, range or id is malformed: the rule file's validation comes first */
export function compile(condition: Condition): RouteMatcher {
  switch (condition.kind) {
    case 'always':
      return always();
    case 'protocol':
      return protocol(condition);
    case 'tls':
      return tls(condition);
    case 'http':
      return http(condition);
    case 'payload':
      return payload(condition);
    case 'pattern':
      return pattern(condition);
    case 'remote':
      return remote(condition);
    case 'process':
      return process(condition);
    case 'silent':
      return silent();
    case 'not':
      return not(compile(condition.of));
    case 'all':
      return all(condition.of.map(compile));
    case 'any':
      return any(condition.of.map(compile));
    default:
      return assertNever(condition);
  }
}
