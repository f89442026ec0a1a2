// What both decoders are asked about one recording, as lists that can be compared.
import type { Field, Message } from '../../src/shared/message.js';

/** One thing that one side of one connection said. */
export interface Fact {
  /** the client's end, `127.0.0.1:50000`: what both decoders know the connection by */
  flow: string;
  from: 'client' | 'upstream';
  /** what it is: `request`, `status`, `statement`; lists are compared by name */
  name: string;
  text: string;
}

/** A message as `port-prism decode --json` prints it. */
export type DecodedMessage = Message & { event: 'message'; flow: number };

/** A frame as `tshark -T json -e ...` prints it: every field with all its values in the frame. */
export interface Frame {
  flow: string;
  from: Fact['from'];
  /** values of a field; none when the frame lacks it */
  all(field: string): string[];
}

/** How one protocol is compared. */
export interface Comparison {
  /** name of the listener that its clients use, and catalogue id of the flows */
  protocol: string;
  /** tshark's name for `-d tcp.port==N,NAME` */
  decodeAs: string;
  /** tshark's fields that `theirs` reads */
  fields: readonly string[];
  theirs(frame: Frame): [name: string, text: string][];
  ours(message: DecodedMessage): [name: string, text: string][];
  /** lists whose order one of the decoders does not keep: they are sorted first */
  unordered?: readonly string[];
}

/** Texts are compared as far as fields hold them. */
export const maxTextLength = 1000;

/** Texts of all fields of that name, in reading order, at any depth. */
export function texts(fields: readonly Field[], ...names: string[]): string[] {
  return fields.flatMap((field) => [...(names.includes(field.name) ? [field.text] : []), ...texts(field.fields ?? [], ...names)]);
}

/** Texts of several fields at the outermost level, in this order, as one; nothing when the first of them is not there. */
export function inOne(fields: readonly Field[], ...names: string[]): string[] {
  const found = names.map((name) => fields.find((field) => field.name === name)?.text ?? '');
  return found[0] === '' ? [] : [found.join(' ')];
}

/** `name: value` of each header. */
export function headersOf(fields: readonly Field[]): string[] {
  return fields.flatMap((field) => (field.name === 'headers' ? (field.fields ?? []).map(({ name, text }) => `${name}: ${text}`) : []));
}

/** Bodies are compared by how they begin and where their first line ends. */
export function beginningOf(text: string): string {
  return text.slice(0, 80).split('\n')[0]!;
}

/** Numbers of all fields of that name, as tshark prints them. */
export function values(fields: readonly Field[], ...names: string[]): string[] {
  return fields.flatMap((field) => [...(names.includes(field.name) ? [String(field.value ?? field.text)] : []), ...values(field.fields ?? [], ...names)]);
}

/** What our fields show in quotes because it is bytes that are text. */
export function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') ? (JSON.parse(text) as string) : text;
}

/** Fields without fields, in reading order. */
export function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.fields === undefined || field.fields.length === 0 ? [field] : leaves(field.fields)));
}

/** tshark's bytes, `61:62` or `6162`, as the text they are. */
export function textOfHex(hex: string): string {
  return Buffer.from(hex.replaceAll(':', ''), 'hex').toString('utf8');
}

export function named(name: string, list: readonly string[]): [string, string][] {
  return list.map((text) => [name, text]);
}
