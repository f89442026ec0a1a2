// What a request does, without the values that differ from one to the next: rows of the statistics.

const maxLength = 120;

/** What stands for one thing among many in a path or a name: numbers, UUIDs, hashes, long random words. */
const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const pathId = /^(?:\d[\d.,:_-]*|[0-9a-f]{12,}|(?=[^/]*\d)[A-Za-z0-9_-]{20,}|[A-Za-z]{1,12}[-_]\d+)$/i;

/** @param summary of a request, as its dissector words it */
export function operationOf(protocol: string, summary: string): string {
  return cut(wordsOf(protocol, summary));
}

function wordsOf(protocol: string, summary: string): string {
  switch (protocol) {
    case 'http1':
    case 'http2':
    case 'http-connect':
    case 'rtsp':
      return httpOperation(summary);
    case 'grpc':
      return firstWords(summary, 1);
    case 'postgres':
    case 'mysql':
    case 'mssql':
    case 'cassandra':
    case 'clickhouse':
      return sqlOperation(summary);
    case 'mqtt':
      return summary.startsWith('CONNECT') ? 'CONNECT' : mask(firstWords(summary, 2));
    case 'imap':
      return firstWords(summary, summary.startsWith('UID ') ? 2 : 1);
    case 'mongodb':
    case 'nats':
    case 'stomp':
    case 'zookeeper':
      return mask(firstWords(summary, 2));
    default:
      return mask(firstWords(summary, 1));
  }
}

/** `GET /orders/17/items?page=2 · stream 3` is `GET /orders/:id/items`. */
function httpOperation(summary: string): string {
  const space = summary.indexOf(' ');
  if (space < 0) return summary;
  const method = summary.slice(0, space);
  const target = /^\S*/.exec(summary.slice(space + 1))![0].replace(/[?#].*$/s, '');
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  return `${method} ${path.replace(uuid, ':id').split('/').map((part) => (pathId.test(part) ? ':id' : part)).join('/')}`;
}

const sqlVerbs = 'select|insert|update|delete|replace|merge|with|create|alter|drop|truncate|call|exec|begin|start|commit|rollback|savepoint|release|set|show|use|explain|copy|listen|notify|unlisten|lock|describe|deallocate|fetch|declare|vacuum|analyze|grant|revoke|values';
/** Words that dissectors put before a statement: `Execute s1, at most 10 rows: select ...`, `EXECUTE SELECT ...`. */
const beforeSql = new RegExp(`^(?:[^'"\`(]{0,120}?: |(?:prepare|execute) )(?=(?:${sqlVerbs})\\b)`, 'i');
const statementStart = new RegExp(`^[\\s(;]*(${sqlVerbs})\\b`, 'i');
const tableOf: readonly [verbs: RegExp, table: RegExp][] = [
  [/^(?:insert|replace|merge)$/i, /\binto\s+([\w."`[\]$]+)/i],
  [/^update$/i, /\bupdate\s+(?:only\s+|ignore\s+)?([\w."`[\]$]+)/i],
  [/^(?:select|delete|with)$/i, /\bfrom\s+([\w."`[\]$]+)/i],
  [/^(?:create|alter|drop|truncate|lock)$/i, /\b(?:table|index|view|database|schema|type)\s+(?:if\s+(?:not\s+)?exists\s+)?([\w."`[\]$]+)/i],
  [/^(?:copy|call|exec|use|describe|listen|notify)$/i, /\b(?:copy|call|exec|use|describe|listen|notify)\s+([\w."`[\]$]+)/i],
];

/** `select id from "orders" where id = 7` is `SELECT orders`. */
function sqlOperation(summary: string): string {
  const statement = summary.replace(beforeSql, '').replace(/\/\*.*?\*\//gs, ' ');
  const found = statementStart.exec(statement);
  // Startup, Sync, COM_PING: no statement.
  if (found === null) return mask(firstWords(summary, 1));
  const verb = found[1]!;
  const table = tableOf.find(([verbsOf]) => verbsOf.test(verb))?.[1].exec(statement)?.[1]?.replace(/["`[\]]/g, '');
  return table === undefined ? verb.toUpperCase() : `${verb.toUpperCase()} ${table}`;
}

function firstWords(text: string, count: number): string {
  return text.trim().split(/[\s({]+/, count).join(' ').replace(/[,:;]$/, '');
}

/** Digits of names that are counted up: `order:17`, `user-3`. */
function mask(text: string): string {
  return text.replace(uuid, ':id').replace(/\d+(?=$|[\s:/._,-])/g, '#');
}

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
