// Linux: the kernel's socket tables as text (/proc/net/tcp, tcp6, unix; proc(5)), parsed.

/** One TCP socket of this machine. Addresses are plain: IPv4-mapped ones are shown as IPv4. */
export interface SocketRow {
  localHost: string;
  localPort: number;
  remoteHost: string;
  remotePort: number;
  isListening: boolean;
  inode: number;
}

const listenState = '0A';

/** @param text of /proc/net/tcp or tcp6. Lines in another shape are passed over: the kernel may add columns at the end. */
export function parseTcpTable(text: string): SocketRow[] {
  const rows: SocketRow[] = [];
  for (const line of text.split('\n')) {
    const row = parseTcpLine(line);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function parseTcpLine(line: string): SocketRow | undefined {
  const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
  if (local === undefined || remote === undefined || inode === undefined || !local.includes(':')) return undefined;
  const [localHost, localPort] = parseEndpoint(local);
  const [remoteHost, remotePort] = parseEndpoint(remote);
  return { localHost, localPort, remoteHost, remotePort, isListening: state === listenState, inode: Number(inode) };
}

function parseEndpoint(text: string): [string, number] {
  const [address = '', port = ''] = text.split(':');
  return [parseHexAddress(address), Number.parseInt(port, 16)];
}

/** Addresses are printed as 32-bit words in the machine's byte order, which is little-endian wherever VS Code runs. */
export function parseHexAddress(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word + 8 <= hex.length; word += 8) {
    for (let at = word + 6; word <= at; at -= 2) bytes.push(Number.parseInt(hex.slice(at, at + 2), 16));
  }
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.slice(12).join('.');
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return compress(groups);
}

/** The longest run of zero groups becomes `::` (RFC 5952 §4.2), as Node prints addresses. */
function compress(groups: readonly string[]): string {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (best.length < length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

/** @param text of /proc/net/unix @returns inodes of sockets that are bound to the path */
export function parseUnixTable(text: string, path: string): number[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[7] === path)
    .map((columns) => Number(columns[6]));
}
