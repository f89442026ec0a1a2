// Packets that end an answer of a MySQL or MariaDB server: OK, EOF, errors (MySQL Source Code Documentation, "Generic Response Packets").

import { verbatim } from '../../shared/sentences.js';
import { utf8Text, type FieldReader } from './fieldReader.js';
import { statusWords } from './mysqlConnect.js';
import { answer, capability, has, type MysqlState, type Told } from './mysqlState.js';
import { readLength, readText, skipLength } from './mysqlTypes.js';

/** Status flag (SERVER_STATUS_flags_enum): what changed in the session follows. */
const stateChanged = 0x4000;

interface End {
  summary: string;
  status: number;
}

/** OK_Packet: rows, id, status, warnings, and what changed in the session. */
export function okPacket(state: MysqlState, reader: FieldReader): End & { warnings: number } {
  reader.u8('packet', () => 'OK');
  const affected = readLength(reader, 'affected rows');
  const id = readLength(reader, 'last insert id');
  const status = 2 <= reader.left ? reader.u16Le('status', statusWords) : 0;
  const warnings = has(state, capability.protocol41) && 2 <= reader.left ? reader.u16Le('warnings') : 0;
  let info = '';
  if (has(state, capability.sessionTrack)) {
    if (0 < reader.left) info = readText(reader, 'info');
    if ((status & stateChanged) !== 0 && 0 < reader.left) sessionState(reader);
  } else if (0 < reader.left) {
    info = reader.text('info', reader.left);
  }
  const words = ['OK'];
  if (0 < affected) words.push(`${affected} ${affected === 1 ? 'row' : 'rows'} affected`);
  if (0 < id) words.push(`id ${id}`);
  if (0 < warnings) words.push(`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`);
  if (info !== '') words.push(info);
  return { summary: words.join(', '), status, warnings };
}

const changes: Readonly<Record<number, string>> = {
  0: 'system variable', 1: 'schema', 2: 'state change', 3: 'gtids', 4: 'transaction characteristics', 5: 'transaction state',
};

/** What changed in the session: kind, then data of that kind ("Session State Information"). */
function sessionState(reader: FieldReader): void {
  reader.group('session state', () => {
    const length = skipLength(reader);
    reader.within(Math.min(Math.max(0, length), reader.left), () => {
      while (0 < reader.left) {
        const kind = reader.peek();
        reader.skip(1);
        const size = Math.min(Math.max(0, skipLength(reader)), reader.left);
        const name = changes[kind] ?? `change ${kind}`;
        reader.within(size, () => {
          if (kind === 0) while (0 < reader.left) variable(reader);
          else if (kind === 1 || kind === 4 || kind === 5) readText(reader, name);
          else if (0 < reader.left) reader.text(name, reader.left);
        });
      }
    });
  });
}

function variable(reader: FieldReader): void {
  const start = reader.at;
  const length = skipLength(reader);
  const name = 0 <= length && length <= reader.left ? utf8Text(reader.bytes, reader.at, reader.at + length) : '';
  reader.skip(Math.max(0, length));
  const value = readText(reader, name === '' ? 'variable' : name);
  const field = reader.fields[reader.fields.length - 1];
  if (field !== undefined && !reader.isBroken && field.text === value) field.range.start = reader.base + start;
}

/** EOF_Packet: warnings and status. */
export function eofPacket(reader: FieldReader): End {
  reader.u8('packet', () => 'EOF');
  const warnings = 2 <= reader.left ? reader.u16Le('warnings') : 0;
  const status = 2 <= reader.left ? reader.u16Le('status', statusWords) : 0;
  return { summary: warnings === 0 ? 'EOF' : `EOF, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`, status };
}

/** MariaDB reports progress as an error of this number. */
const progressCode = 0xffff;

/** ERR_Packet: number, SQLSTATE behind `#`, text. */
export function errorPacket(state: MysqlState, reader: FieldReader): Told {
  const start = reader.at;
  reader.u8('packet', () => 'ERR');
  const code = reader.u16Le('code');
  if (code === progressCode && 5 <= reader.left) {
    reader.u8('strings');
    const stage = reader.u8('stage');
    const stages = reader.u8('stages');
    const progress = reader.u24Le('progress', (value) => `${value / 1000} %`);
    readText(reader, 'info');
    return answer(state, `progress ${progress / 1000} %, stage ${stage} of ${stages}`, false);
  }
  let sqlState = '';
  if (reader.peek() === 0x23) {
    reader.skip(1);
    sqlState = reader.latin1('sqlstate', 5);
  }
  const text = reader.text('message', reader.left);
  const summary = `${code}${sqlState === '' ? '' : ` ${sqlState}`}: ${text}`;
  reader.problem('error', verbatim(summary), start, reader.at);
  state.isFile = false;
  return state.waiting.length === 0 ? { kind: 'notice', summary: `ERROR ${summary}` } : answer(state, `ERROR ${summary}`, true);
}
