// A colour per protocol, taken from the theme's chart colours. The name always stands beside it: colour is never the only sign.

const hues: Readonly<Record<string, string>> = {
  http1: 'sky', http2: 'sky', http3: 'sky', grpc: 'green', websocket: 'cyan', tls: 'green', ssh: 'purple',
  redis: 'red', postgres: 'blue', mysql: 'orange', mqtt: 'yellow', amqp: 'orange', kafka: 'magenta', mongodb: 'green',
  ftp: 'magenta', smtp: 'magenta', unknown: 'none',
};
const others = ['sky', 'blue', 'green', 'yellow', 'orange', 'red', 'purple', 'cyan', 'magenta'];

/** @returns a class name `hue-…`; the same protocol gets the same one everywhere and always */
export function protocolHue(protocol: string): string {
  const known = hues[protocol];
  if (known !== undefined) return `hue-${known}`;
  let hash = 0;
  for (const character of protocol) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return `hue-${others[hash % others.length]}`;
}
