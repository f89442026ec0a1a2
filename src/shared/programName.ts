// What a client program is called in a list.

import type { ProcessFacts } from './flow.js';

/** Programs that only run another: the script's name says more, and a row is narrow. */
const interpreters = /^(node|nodejs|deno|bun|tsx|python[\d.]*|ruby|perl|php|java|bash|sh|electron)$/i;

/** `/usr/bin/node --inspect /srv/api/server.js --port 1` is called `server.js`, `redis-cli` stays `redis-cli`. */
export function programName({ name, commandLine }: Pick<ProcessFacts, 'name' | 'commandLine'>): string {
  if (!interpreters.test(name)) return name;
  const script = commandLine.split(' ').slice(1).find((argument) => /^[^-].*\.[a-z]{1,4}$/i.test(argument));
  return script?.split(/[\\/]/).at(-1) ?? name;
}
