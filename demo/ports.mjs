// Ports of the demo, one after the other from a base. `.vscode/port-prism.json` says the same numbers for the usual base.
export const usualBase = 6174;

/** @param base port of the listener; the services stand on the ports after it */
export function portsFrom(base) {
  return {
    prism: base,
    web: base + 1,
    stockA: base + 2,
    stockB: base + 3,
    orders: base + 4,
    events: base + 5,
    cache: base + 6,
    gate: base + 7,
    payments: base + 8,
    mail: base + 9,
  };
}

export const ports = portsFrom(Number(process.env.PORT_PRISM_DEMO_PORT ?? usualBase));

/** The one address every client of the demo uses. */
export const prism = { host: '127.0.0.1', port: ports.prism };
