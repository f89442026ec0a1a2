// `process`: the program that owns the client's socket, by name or command line.

import type { Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { anyGlob } from './glob.js';
import { routeMatcher, type RouteMatcher } from './matcher.js';

/**
 * Open until the look-up has answered; `no` when it found nobody (the client may be on another machine). A glob is tried on the
 * program's name, on the name without `.exe`, and on the whole command line; case does not matter.
 */
export function process(condition: Extract<Condition, { kind: 'process' }>): RouteMatcher {
  const fits = anyGlob(condition.globs, true);
  return routeMatcher({
    maxBytes: 0,
    needsProcess: true,
    match(_prefix, _ended, facts) {
      const program = facts.process;
      if (program === undefined) return 'more';
      if (program === null) return 'no';
      const { name, commandLine } = program;
      return fits(name) || fits(name.replace(/\.exe$/i, '')) || fits(commandLine) ? 'match' : 'no';
    },
    explain(verdict, _prefix, _atByte, facts) {
      const program = facts.process;
      if (program === undefined) return say`waits to learn which program the client is`;
      if (program === null) return say`the client’s program could not be found on this machine`;
      if (verdict === 'match') return say`the client is ${program.name} (pid ${program.pid})`;
      return say`the client is ${program.name} (pid ${program.pid}), not ${condition.globs.join(', ')}`;
    },
  });
}
