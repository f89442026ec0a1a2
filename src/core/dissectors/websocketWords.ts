// Names of WebSocket's numbers (RFC 6455 §5.2, §7.4.1; IANA "WebSocket Close Code Number Registry").

export const opcodeNames: Readonly<Record<number, string>> = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

const closeNames: Readonly<Record<number, string>> = {
  1000: 'normal closure', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data', 1005: 'no status', 1006: 'abnormal closure', 1007: 'invalid data',
  1008: 'policy violation', 1009: 'message too big', 1010: 'extension missing', 1011: 'internal error', 1012: 'service restart', 1013: 'try again later', 1014: 'bad gateway',
  1015: 'TLS handshake failed',
};

/** @returns "1000 normal closure" */
export function closeWords(code: number): string {
  const name = closeNames[code] ?? (4000 <= code && code <= 4999 ? 'private' : undefined);
  return name === undefined ? String(code) : `${code} ${name}`;
}

/** 1005, 1006 and 1015 are for programs to report what no frame said (RFC 6455 §7.4.1); below 1000 and from 5000 on nothing is defined. */
export function isSendable(code: number): boolean {
  return 1000 <= code && code <= 4999 && code !== 1004 && code !== 1005 && code !== 1006 && code !== 1015;
}
