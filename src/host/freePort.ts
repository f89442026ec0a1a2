// The next port that nobody listens on.

import { createServer } from 'node:net';

/** Ports tried upwards from the wanted one before any free one will do: near numbers are easier to keep in mind. */
const maxTries = 50;
const firstUnprivileged = 1024;
const lastPort = 65_535;

/** @returns the first free port from `wanted` up on that host, else any free one */
export async function nextFreePort(host: string, wanted: number): Promise<number> {
  const first = Math.max(firstUnprivileged, wanted);
  for (let port = first; port < first + maxTries && port <= lastPort; port++) {
    if ((await tryListening(host, port)) !== undefined) return port;
  }
  return (await tryListening(host, 0)) ?? 0;
}

/** @returns the port bound for a moment, undefined when it could not be */
function tryListening(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
