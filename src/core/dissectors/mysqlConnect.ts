// The opening of a MySQL or MariaDB connection: greeting, login, authentication (MySQL Source Code Documentation, "Connection Phase";
// MariaDB documentation, "Connecting").

import type { FieldReader } from './fieldReader.js';
import { answer, capability, wait, type MysqlState, type Told } from './mysqlState.js';
import { readSecret, readText, skipLength } from './mysqlTypes.js';

const flagNames: readonly string[] = [
  'long password', 'found rows', 'long flag', 'connect with db', 'no schema', 'compress', 'odbc', 'local files', 'ignore space', 'protocol 41', 'interactive', 'ssl',
  'ignore sigpipe', 'transactions', 'reserved', 'secure connection', 'multi statements', 'multi results', 'ps multi results', 'plugin auth', 'connect attrs',
  'plugin auth lenenc', 'expired passwords', 'session track', 'deprecate eof', 'optional resultset metadata', 'zstd compression', 'query attributes',
  'multi factor authentication', 'capability extension', 'ssl verify server cert', 'remember options',
];

function flagWords(flags: number): string {
  return flagNames.filter((_, bit) => ((flags >>> bit) & 1) === 1).join(', ') || 'none';
}

const extendedNames: readonly string[] = ['progress', 'multi', 'bulk operations', 'extended metadata', 'cache metadata', 'bulk unit results'];

function extendedWords(flags: number): string {
  return extendedNames.filter((_, bit) => ((flags >>> bit) & 1) === 1).join(', ') || 'none';
}

/** Protocol::HandshakeV10. */
export function greeting(state: MysqlState, reader: FieldReader): Told {
  state.isGreeted = true;
  const protocol = reader.u8('protocol');
  // MariaDB pretends to be 5.5.5 to clients that check for it.
  const version = reader.zeroEnded('version').replace(/^5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB)/, '');
  const connection = reader.u32Le('connection');
  const summary = `server ${version}, connection ${connection}`;
  if (protocol !== 10) return { kind: 'notice', summary: `protocol ${protocol}: ${summary}` };
  reader.secret('salt', 8);
  reader.skip(1);
  const { bytes, at } = reader;
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  const high = (bytes[at + 5] ?? 0) | ((bytes[at + 6] ?? 0) << 8);
  const flags = low | (high << 16);
  state.offered = flags;
  reader.u16Le('capabilities', () => flagWords(low));
  if (reader.left === 0) {
    state.offered = low;
    return { kind: 'notice', summary };
  }
  reader.u8('character set');
  reader.u16Le('status', statusWords);
  reader.u16Le('capabilities', () => flagWords(high << 16));
  const saltLength = reader.u8('salt length');
  // Without CLIENT_MYSQL it is MariaDB that greets, whose further capabilities stand in what was reserved.
  if ((flags & capability.mysql) === 0) {
    reader.skip(6);
    state.extended = reader.u32Le('MariaDB capabilities', extendedWords);
  } else {
    reader.skip(10);
    state.extended = 0;
  }
  if ((flags & capability.secureConnection) !== 0) reader.secret('salt', Math.min(Math.max(13, saltLength - 8), reader.left));
  if ((flags & capability.pluginAuth) !== 0 && 0 < reader.left) reader.zeroEnded('plugin');
  return { kind: 'notice', summary };
}

const statusNames: readonly string[] = [
  'in transaction', 'autocommit', '', 'more results', 'no good index used', 'no index used', 'cursor exists', 'last row sent', 'db dropped', 'no backslash escapes', 'metadata changed',
  'query was slow', 'out parameters', 'in read-only transaction', 'session state changed', '',
];

/** SERVER_STATUS_flags_enum. */
export function statusWords(flags: number): string {
  return statusNames.filter((name, bit) => name !== '' && ((flags >>> bit) & 1) === 1).join(', ') || 'none';
}

/** Protocol::SSLRequest and Protocol::HandshakeResponse41; the first is the beginning of the second. */
export function login(state: MysqlState, reader: FieldReader): Told {
  const { bytes, at } = reader;
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  if ((low & capability.protocol41) === 0) return oldLogin(state, reader);
  const flags = reader.u32Le('capabilities', flagWords);
  reader.u32Le('max packet');
  reader.u8('character set');
  reader.skip(19);
  const further = (flags & capability.mysql) === 0 ? reader.u32Le('MariaDB capabilities', extendedWords) : (reader.skip(4), 0);
  if (reader.left === 0 && (flags & capability.ssl) !== 0) return { kind: 'request', summary: 'SSLRequest', handover: { to: 'tls' } };
  // What the server did not offer, some clients ask for all the same.
  state.capabilities = flags & state.offered;
  state.extended &= further;
  state.phase = 'authentication';
  const user = reader.zeroEnded('user');
  if ((flags & capability.lengthEncodedAuth) !== 0) readSecret(reader, 'authentication data');
  else if ((flags & capability.secureConnection) !== 0) secretOf(reader, reader.u8('authentication length'));
  else secretOf(reader, zeroAt(reader));
  const database = (flags & capability.connectWithDatabase) !== 0 && 0 < reader.left ? reader.zeroEnded('database') : '';
  if ((flags & capability.pluginAuth) !== 0 && 0 < reader.left) reader.zeroEnded('plugin');
  if ((flags & capability.attributes) !== 0 && 0 < reader.left) attributes(reader);
  if ((flags & capability.zstd) !== 0 && 0 < reader.left) reader.u8('zstd level');
  return { kind: 'request', summary: `login ${user}${database === '' ? '' : `, database ${database}`}`, asks: wait(state, loginCommand) };
}

/** Stands for the login among the commands. */
export const loginCommand = -1;

/** Protocol::HandshakeResponse320. */
function oldLogin(state: MysqlState, reader: FieldReader): Told {
  state.capabilities = reader.u16Le('capabilities', flagWords);
  state.phase = 'authentication';
  reader.u24Le('max packet');
  const user = reader.zeroEnded('user');
  reader.secret('authentication data', reader.left);
  return { kind: 'request', summary: `login ${user}`, asks: wait(state, loginCommand) };
}

function secretOf(reader: FieldReader, length: number): void {
  if (0 < length) reader.secret('authentication data', length);
}

function zeroAt(reader: FieldReader): number {
  const zero = reader.bytes.indexOf(0, reader.at);
  return zero < 0 || reader.end <= zero ? reader.left : zero + 1 - reader.at;
}

/** Names and values, both length-encoded. */
function attributes(reader: FieldReader): void {
  reader.group('attributes', () => {
    const length = skipLength(reader);
    const count = Math.min(Math.max(0, length), reader.left);
    reader.within(count, () => {
      while (0 < reader.left) {
        const name = nameOf(reader);
        readText(reader, name === '' ? 'attribute' : name);
      }
    });
  });
}

/** A length-encoded text without a field of its own. */
function nameOf(reader: FieldReader): string {
  const { fields } = reader;
  reader.fields = [];
  const name = readText(reader, 'name');
  reader.fields = fields;
  return name;
}

/** COM_CHANGE_USER: a login inside the connection. */
export function changeUser(state: MysqlState, reader: FieldReader): Told {
  state.phase = 'authentication';
  const user = reader.zeroEnded('user');
  if (has41(state)) secretOf(reader, reader.u8('authentication length'));
  else secretOf(reader, zeroAt(reader));
  const database = 0 < reader.left ? reader.zeroEnded('database') : '';
  if (0 < reader.left) reader.u16Le('character set');
  if ((state.capabilities & capability.pluginAuth) !== 0 && 0 < reader.left) reader.zeroEnded('plugin');
  if ((state.capabilities & capability.attributes) !== 0 && 0 < reader.left) attributes(reader);
  return { kind: 'request', summary: `COM_CHANGE_USER ${user}${database === '' ? '' : `, database ${database}`}`, asks: wait(state, loginCommand) };
}

function has41(state: MysqlState): boolean {
  return (state.capabilities & capability.secureConnection) !== 0;
}

/** What a client says to the server's questions: passwords and proofs. */
export function authenticationData(reader: FieldReader): Told {
  reader.secret('authentication data', reader.left);
  return { kind: 'notice', summary: 'authentication data' };
}

/** Protocol::AuthSwitchRequest, AuthMoreData; OK and errors are read elsewhere. */
export function authentication(state: MysqlState, reader: FieldReader): Told {
  const kind = reader.peek();
  if (kind === 0xfe) {
    reader.u8('kind', () => 'AuthSwitchRequest');
    // Alone it is the old request for a password hash of MySQL 3.23.
    const plugin = 0 < reader.left ? reader.zeroEnded('plugin') : 'mysql_old_password';
    if (0 < reader.left) reader.secret('plugin data', reader.left);
    return answer(state, `switch to ${plugin}`, false);
  }
  reader.u8('kind', () => 'AuthMoreData');
  // caching_sha2_password says one byte: found in the cache, or asks for the password itself.
  const word = reader.left !== 1 ? '' : reader.peek() === 3 ? 'fast authentication succeeded' : reader.peek() === 4 ? 'full authentication needed' : '';
  if (word === '') reader.secret('plugin data', reader.left);
  else reader.u8('plugin data', () => word);
  return answer(state, word === '' ? 'authentication goes on' : word, false);
}
