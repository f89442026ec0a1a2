// Reads what a layout of `kafkaLayouts.ts` describes, and gathers what a summary needs: topics with partitions and offsets, groups, errors.

import type { Problem } from '../../shared/message.js';
import { say, verbatim } from '../../shared/sentences.js';
import type { DissectContext } from './dissector.js';
import { bytesText, utf8Text, type FieldReader } from './fieldReader.js';
import { errorText } from './kafkaErrors.js';
import { apiName } from './kafkaLayouts.js';
import { partsOf, type Part } from './kafkaParts.js';
import { records } from './kafkaRecords.js';

/** Partitions that a summary names. */
const maxShown = 6;
/** Problems of one message: a thousand partitions fail for one reason. */
const maxProblems = 20;
/** Names of topics that are remembered by their uuid. */
const maxTopics = 1000;
/** Errors that belong to how things go: a group is joined in two steps, and again and again. */
const usualErrors = new Set([27, 79]);
const offsetNames = new Set(['fetch offset', 'base offset', 'committed offset', 'offset', 'end offset']);
/** Fields that tell what an element is about, the best one first. */
const telling = ['topic', 'topic id', 'partition', 'group', 'name', 'key', 'host', 'member id', 'user', 'resource name', 'transactional id'];
const times: Readonly<Record<string, string>> = { '-1': 'latest (-1)', '-2': 'earliest (-2)' };
const secretSettings = /password|secret|jaas|credential|token/i;

export class BodyReader {
  /** first text of every name */
  readonly values: Record<string, string> = {};
  private readonly places: string[] = [];
  private placeCount = 0;
  private topic = '';
  private topicId = '';
  private setting = '';
  private recordCount = 0;
  private recordBytes = 0;
  private hasRecords = false;
  private compression = '';
  private readonly errors: string[] = [];
  private errorCount = 0;
  /** the structure tells its error before what it is about */
  private isErrorFirst = false;
  private unplaced: Problem | undefined;

  constructor(readonly reader: FieldReader, readonly version: number, readonly isFlexible: boolean, private readonly context: DissectContext, private readonly topics: Map<string, string>) {}

  read(key: number, direction: 'request' | 'response', layout: string): void {
    this.structure(partsOf(`${key} ${direction}`, layout));
  }

  private structure(parts: readonly Part[]): void {
    const { reader } = this;
    for (const part of parts) {
      if (reader.isBroken) return;
      if (0 <= part.tag || this.version < part.first || part.last < this.version) continue;
      this.part(part);
    }
    if (this.isFlexible) this.tagged(parts);
  }

  /** Tagged fields (KIP-482): count, then tag, size and value of each. */
  tagged(parts: readonly Part[]): void {
    const { reader } = this;
    if (reader.peek() === 0) {
      reader.skip(1);
      return;
    }
    const count = this.varint();
    for (let i = 0; i < count && 0 < reader.left; i++) {
      const tag = this.varint();
      const size = this.varint();
      const part = parts.find((one) => one.tag === tag && one.first <= this.version && this.version <= one.last);
      if (part === undefined) reader.data(`tag ${tag}`, size);
      else reader.within(size, () => this.part(part));
    }
  }

  private part(part: Part): void {
    if (part.isArray) this.array(part);
    else if (part.type !== '{}') this.value(part);
    else if (part.isNullable) this.nullable(part);
    else this.reader.group(part.name, () => this.structure(part.parts));
  }

  /** -1 stands for no structure, 1 for one. */
  private nullable(part: Part): void {
    const { reader } = this;
    const isNull = 0x80 <= reader.peek();
    if (isNull) reader.add(part.name, reader.at, reader.at + 1, 'null');
    reader.skip(1);
    if (!isNull) reader.group(part.name, () => this.structure(part.parts));
  }

  private array(part: Part): void {
    const { reader } = this;
    const start = reader.at;
    const count = this.length(4);
    if (reader.isBroken) return;
    if (count <= 0) {
      this.keep(part.name, count < 0 ? 'null' : 'none');
      reader.add(part.name, start, reader.at, count < 0 ? 'null' : 'none');
      return;
    }
    this.keep(part.name, String(count));
    let i = 0;
    if (part.type === '{}') {
      for (; i < count && 0 < reader.left; i++) reader.group(part.name, () => this.element(part), (text) => text);
    } else {
      const shown: string[] = [];
      for (; i < count && 0 < reader.left; i++) {
        const text = this.scalar(part, false);
        if (shown.length < 64) shown.push(text);
      }
      reader.add(part.name, start, reader.at, `${shown.join(', ')}${shown.length < count ? ', …' : ''}`);
    }
    if (i < count && !reader.isBroken) {
      reader.isBroken = true;
      reader.problem('error', say`${part.name}: ${count} are announced, ${i} are there`, start, reader.at);
    }
  }

  /** @returns what the element is about: its first text or partition */
  private element(part: Part): string {
    const { reader } = this;
    this.topicId = '';
    this.setting = '';
    if (part.parts.some(({ type }) => type === 't')) this.topic = '';
    const before = reader.fields.length;
    this.isErrorFirst = part.parts[0]!.type === 'e';
    this.structure(part.parts);
    let found = reader.fields[before];
    for (let i = before, best = telling.length; i < reader.fields.length; i++) {
      const rank = telling.indexOf(reader.fields[i]!.name);
      if (rank < 0 || best <= rank) continue;
      best = rank;
      found = reader.fields[i];
    }
    return found?.text ?? '';
  }

  private value(part: Part): void {
    const text = this.scalar(part, true);
    this.keep(part.name, text);
  }

  private keep(name: string, text: string): void {
    if (this.values[name] === undefined) this.values[name] = text;
  }

  /** @returns the value as text @param isField an array has one field for all of its values */
  private scalar(part: Part, isField: boolean): string {
    const { reader } = this;
    const start = reader.at;
    const { type, name } = part;
    if (isField) switch (type) {
      case 'i8': return String(reader.i8(name));
      case 'i16': {
        const value = reader.i16(name, name === 'api key' ? apiText : name === 'acks' ? ackText : undefined);
        return String(value);
      }
      case 'i32': return String(reader.i32(name));
      case 'i64': {
        const value = reader.i64(name, name === 'timestamp' ? (time) => times[String(time)] ?? String(time) : undefined);
        if (offsetNames.has(name)) this.atOffset(value);
        return String(value);
      }
      case 'u16': return String(reader.u16(name));
      case 'f64': return String(reader.f64(name));
      case 'p': {
        const partition = reader.i32(name);
        this.place(`${this.topic}-${partition}`);
        return String(partition);
      }
      case 'e': return this.error(name);
      case 'r': this.records(name); return '';
    }
    switch (type) {
      case 'b': return this.told(isField, name, start, this.take(1, (at) => (reader.bytes[at] === 0 ? 'false' : 'true')));
      case 'i8': return this.take(1, (at) => String((reader.bytes[at]! << 24) >> 24));
      case 'i64': return this.take(8, (at) => String(BigInt.asIntN(64, (BigInt(this.word(at) >>> 0) << 32n) | BigInt(this.word(at + 4) >>> 0))));
      case 'i32': return this.take(4, (at) => String(this.word(at)));
      case 'p': {
        const text = this.take(4, (at) => String(this.word(at)));
        this.place(`${this.topic}-${text}`);
        return text;
      }
      case 'u':
      case 'w': {
        const uuid = this.take(16, (at) => uuidText(reader.bytes, at));
        return this.told(isField, name, start, type === 'w' ? this.named(uuid) : uuid);
      }
      case 's':
      case 'v':
      case 'g':
      case 't':
        return this.text(part, isField);
      case 'd':
      case 'x': {
        const length = this.length(4);
        const isNull = length < 0;
        if (type === 'x' && 0 < length) {
          reader.secret(name, length);
          return '';
        }
        const text = isNull ? 'null' : this.take(length, (at) => bytesText(reader.bytes.subarray(at, at + length)));
        return this.told(isField, name, start, text);
      }
      default:
        return '';
    }
  }

  private text(part: Part, isField: boolean): string {
    const { reader } = this;
    const start = reader.at;
    const length = this.length(2);
    const plain = length < 0 ? 'null' : this.take(length, (at) => utf8Text(reader.bytes, at, at + length));
    if (reader.isBroken) return '';
    const isSecret = part.type === 'v' && 0 < length && secretSettings.test(this.setting);
    const text = isSecret ? '••••••' : plain;
    if (isField) {
      const field = reader.add(part.name, start, reader.at, text);
      if (isSecret && field !== undefined) field.isSecret = true;
      if (part.name === 'name') this.setting = text;
    }
    if (part.type === 't') {
      if (length < 0) return text;
      this.topic = text;
      this.place(text);
      this.learn();
    }
    return text;
  }

  /** Metadata tells both a topic's name and its uuid. */
  private learn(): void {
    if (this.topicId === '' || this.topic === '') return;
    if (this.topics.size < maxTopics && /[1-9a-f]/.test(this.topicId)) this.topics.set(this.topicId, this.topic);
  }

  /** @returns the topic's name where it is known */
  private named(uuid: string): string {
    this.topicId = uuid;
    if (this.topic !== '') {
      this.learn();
      return uuid;
    }
    const name = this.topics.get(uuid);
    if (!/[1-9a-f]/.test(uuid)) return uuid;
    this.topic = name ?? uuid;
    this.place(this.topic);
    // A name that stands behind its uuid is read into a fresh place.
    if (name === undefined) this.topic = uuid;
    return name === undefined ? uuid : `${name} (${uuid})`;
  }

  private told(isField: boolean, name: string, start: number, text: string): string {
    if (isField && !this.reader.isBroken) this.reader.add(name, start, this.reader.at, text, undefined, text === 'true' ? true : text === 'false' ? false : undefined);
    return text;
  }

  private take(length: number, read: (at: number) => string): string {
    const { reader } = this;
    const { at } = reader;
    reader.skip(length);
    return reader.isBroken ? '' : read(at);
  }

  private word(at: number): number {
    const { bytes } = this.reader;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** Length of a text, bytes or array: a varint that counts from one, or two or four bytes; -1 = null. */
  private length(size: 2 | 4): number {
    if (this.isFlexible) return this.varint() - 1;
    const { reader } = this;
    const { at } = reader;
    reader.skip(size);
    if (reader.isBroken) return 0;
    return size === 4 ? this.word(at) : ((reader.bytes[at]! << 24) >> 16) | reader.bytes[at + 1]!;
  }

  private varint(): number {
    const { reader } = this;
    let value = 0;
    for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
      const byte = reader.peek();
      reader.skip(1);
      if (byte < 0) return 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  }

  private error(name: string): string {
    const { reader } = this;
    const start = reader.at;
    const code = reader.i16(name, errorText);
    if (code === 0 || reader.isBroken) return errorText(code);
    this.errorCount += 1;
    const text = errorText(code);
    if (this.errors.length < 3 && !this.errors.includes(text)) this.errors.push(text);
    if (maxProblems < this.errorCount) return text;
    const place = this.isErrorFirst ? undefined : this.places[this.places.length - 1];
    reader.problem(usualErrors.has(code) ? 'note' : 'error', verbatim(place === undefined ? text : `${place}: ${text}`), start, reader.at);
    if (this.isErrorFirst) this.unplaced = reader.problems[reader.problems.length - 1];
    return text;
  }

  private records(name: string): void {
    const { reader } = this;
    const start = reader.at;
    const length = this.length(4);
    if (reader.isBroken) return;
    this.hasRecords = true;
    if (length <= 0) {
      reader.add(name, start, reader.at, length < 0 ? 'null' : 'none');
      return;
    }
    this.recordBytes += length;
    // Of a long message only the beginning is there: what is there is read.
    const isCut = reader.left < length;
    const before = reader.problems.length;
    reader.group(name, () => reader.within(isCut ? reader.left : length, () => {
      const told = records(reader, this.context, isCut);
      this.recordCount += told.count;
      if (told.compression !== '') this.compression = told.compression;
      return told.count;
    }), (count) => countText(count ?? 0));
    if (!isCut) return;
    reader.problems.length = before;
    reader.isBroken = true;
    reader.problem('error', say`${name} needs ${length} bytes, less are there`, start, reader.at);
  }

  // ---- summaries ----

  /** A partition takes the place of its topic, the first one at least. */
  private place(text: string): void {
    if (this.unplaced !== undefined) this.unplaced.text = verbatim(`${text}: ${this.unplaced.text}`);
    this.unplaced = undefined;
    this.isErrorFirst = false;
    const last = this.places[this.places.length - 1];
    if (last !== undefined && this.topic !== '' && last === this.topic && text.startsWith(`${this.topic}-`)) {
      this.places[this.places.length - 1] = text;
      return;
    }
    this.placeCount += 1;
    if (maxShown < this.places.length) this.places.pop();
    this.places.push(text);
  }

  private atOffset(offset: bigint): void {
    const last = this.places.length - 1;
    if (0 <= last && 0n <= offset && !this.places[last]!.includes(' @')) this.places[last] += ` @${offset}`;
  }

  private placeWords(): string {
    const shown = this.places.slice(0, maxShown);
    return shown.length === 0 ? '' : `${shown.join(', ')}${shown.length < this.placeCount ? `, … ${this.placeCount} in all` : ''}`;
  }

  private recordWords(): string {
    return this.hasRecords ? `${countText(this.recordCount)}${this.compression === '' ? '' : ` ${this.compression}`}, ${this.recordBytes} bytes` : '';
  }

  /** What a request asks for: " group billing · orders-0 @15". */
  requestWords(key: number): string {
    const { values } = this;
    const group = values['group'] ?? values['groups'];
    const transaction = values['transactional id'] ?? values['v3 and below transactional id'];
    const place = this.placeWords();
    const words = [
      group !== undefined && group !== 'null' && group !== 'none' && /^\D|\D/.test(group) ? `group ${group}` : '',
      transaction !== undefined && transaction !== 'null' ? `transaction ${transaction}` : '',
      key === 3 && place === '' ? (this.version === 0 || values['topics'] === 'null' ? 'all topics' : 'no topics') : '',
      key === 10 ? `${values['key type'] === '1' ? 'transaction' : 'group'} ${values['key'] ?? values['coordinator keys'] ?? ''}` : '',
      key === 17 ? (values['mechanism'] ?? '') : '',
      key === 18 ? [values['client software name'] ?? '', values['client software version'] ?? ''].join(' ').trim() : '',
      place,
      this.recordWords(),
      key === 0 && values['acks'] === '0' ? 'no answer wanted' : '',
    ].filter((word) => word !== '');
    return words.length === 0 ? '' : ` ${words.join(' · ')}`;
  }

  responseWords(key: number): string {
    const { values } = this;
    const message = values['error message'];
    if (0 < this.errorCount) return `error ${this.errors.join(', ')}${message === undefined || message === 'null' ? '' : `: ${message}`}${this.placeWords() === '' ? '' : ` · ${this.placeWords()}`}`;
    const words = [
      key === 3 ? brokerWords(values['brokers']) : '',
      key === 10 && values['host'] !== undefined ? `${values['host']}:${values['port']}` : '',
      key === 11 ? `generation ${values['generation id']}, ${values['members']} members` : '',
      key === 18 ? `${values['api keys']} APIs` : '',
      this.placeWords(),
      this.recordWords(),
    ].filter((word) => word !== '');
    return words.length === 0 ? 'ok' : `ok · ${words.join(' · ')}`;
  }
}

function apiText(key: number): string {
  return `${apiName(key) ?? 'unknown'} (${key})`;
}

function ackText(count: number): string {
  return count === -1 ? 'all (-1)' : String(count);
}

function brokerWords(count = 'none'): string {
  return count === '1' ? '1 broker' : `${count === 'none' ? 'no' : count} brokers`;
}

function countText(count: number): string {
  return count === 1 ? '1 record' : `${count} records`;
}

function uuidText(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < 16; i++) text += `${i === 4 || i === 6 || i === 8 || i === 10 ? '-' : ''}${bytes[at + i]!.toString(16).padStart(2, '0')}`;
  return text;
}
