// Numbers as people read them. All pure.

const kilo = 1000;

/** 318 -> "318 B", 48200 -> "48 KB", 1200000000 -> "1.2 GB": powers of 1000, at most three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < kilo) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (value < 999.5 && unit !== '') break;
    value /= kilo;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** The same without the B, for columns that say what they count: 318 -> "318", 48200 -> "48 K". */
export function formatBytesShort(bytes: number): string {
  return formatBytes(bytes).replace(/ B$/, '').replace(/B$/, '');
}

/** 0.31 -> "0.3 ms", 41 -> "41 ms", 3100 -> "3.1 s", 125000 -> "2 min 5 s", 8000000 -> "2 h 13 min" */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Local time of day with milliseconds: "14:02:31.104" */
export function formatTime(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Local day and time: "2026-11-21 14:02:31.104" */
export function formatDateTime(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatTime(epochMs)}`;
}

/** "127.0.0.1:3000", "[::1]:3000" or a path */
export function formatEndpoint(endpoint: { host: string; port: number } | { path: string }): string {
  if ('path' in endpoint) return endpoint.path === '' ? 'unnamed socket' : endpoint.path;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** Offset in a hex dump: 8 digits, and more beyond 4 GiB. */
export function formatOffset(offset: number): string {
  return offset.toString(16).padStart(8, '0');
}
