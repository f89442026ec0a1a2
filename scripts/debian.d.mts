/** Names of the real-server suites with what they lack, for those that cannot run here. */
export function missingServers(): { name: string; missing: string[] }[];
/** A server program of PostgreSQL, newest version first; undefined when only the client is installed. */
export function findVersioned(program: string): string | undefined;
