// Types of a workspace's `.proto` files, for gRPC's messages. Files that cannot be read are told and left out; the others still count.

import protobuf from 'protobufjs';
import type { ProtobufField, ProtobufSchemas, ProtobufType } from '../dissectors/dissector.js';

export interface ProtoFile {
  /** path as people know it: it stands in problems */
  name: string;
  text: string;
}

export interface ProtoProblem {
  file: string;
  /** counts from 1; undefined = the whole file */
  line?: number;
  text: string;
}

/** Files that are read; more of them are rather a package cache than somebody's work. */
const maxFiles = 1000;
/** Characters of one file, and of all of them. */
const maxFileLength = 1 << 20;
const maxLength = 16 << 20;
/** Problems that are told. */
const maxProblems = 100;

/**
 * Reads the files as one pool: an import is found wherever its types are. Google's own types (Timestamp, Any, ...) need no file.
 *
 * @returns look-ups, and what was wrong with the files; nothing here fails
 */
export function loadProtobufSchemas(files: readonly ProtoFile[]): { schemas: ProtobufSchemas; problems: ProtoProblem[] } {
  const pool = new Pool();
  let length = 0;
  for (const [index, { name, text }] of files.entries()) {
    length += text.length;
    if (maxFiles <= index || maxLength < length) {
      pool.tell(name, `not read, nor what comes behind it: ${maxFiles <= index ? `${maxFiles} files` : `${maxLength >> 20} MB`} are the most`);
      break;
    }
    if (maxFileLength < text.length) pool.tell(name, 'not read: it has more than 1 MB');
    else pool.add(name, text);
  }
  for (const path of ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers']) pool.addGoogle(`google/protobuf/${path}.proto`);
  pool.finish();
  return { schemas: { method: (path) => pool.method(path) }, problems: pool.problems };
}

interface Method {
  scope: string;
  request: string;
  response: string;
}

/** Everything by its full name, without a leading dot. */
class Pool {
  readonly problems: ProtoProblem[] = [];
  private readonly types = new Map<string, Type>();
  private readonly enums = new Map<string, protobuf.Enum>();
  private readonly methods = new Map<string, Method>();
  private readonly extensions: { scope: string; field: protobuf.Field; file: string }[] = [];
  /** file that a name was defined in */
  private readonly files = new Map<string, string>();
  private readonly texts = new Set<string>();

  tell(file: string, text: string, line?: number): void {
    if (this.problems.length < maxProblems) this.problems.push({ file, text, ...(line === undefined ? {} : { line }) });
  }

  add(file: string, text: string): void {
    // Copies of a file (build folders, vendored ones) say the same again.
    if (this.texts.has(text)) return;
    this.texts.add(text);
    try {
      this.take(file, protobuf.parse(text, new protobuf.Root(), { keepCase: true }).root);
    } catch (fault) {
      // Whatever the parser makes of a text: it is told, and the other files go on.
      const words = fault instanceof Error ? fault.message : String(fault);
      const at = /\s*\((?:[^()]*, )?line (\d+)\)$/.exec(words);
      this.tell(file, at === null ? words : words.slice(0, at.index), at === null ? undefined : Number(at[1]));
    }
  }

  addGoogle(path: string): void {
    const json = protobuf.common.get(path);
    if (json !== null) this.take(path, protobuf.Root.fromJSON(json), true);
  }

  /** Takes over what a file defines, unless another one did so before. */
  private take(file: string, space: protobuf.NamespaceBase, isQuiet = false): void {
    const scope = nameOf(space);
    for (const one of space.nestedArray) {
      const name = nameOf(one);
      if (one instanceof protobuf.Field) this.extensions.push({ scope, field: one, file });
      else if (one instanceof protobuf.Type || one instanceof protobuf.Enum || one instanceof protobuf.Service) {
        const other = this.files.get(name);
        if (other !== undefined) {
          if (!isQuiet) this.tell(file, `${name} is defined in ${other} too: that one counts`);
          continue;
        }
        this.files.set(name, file);
        if (one instanceof protobuf.Enum) this.enums.set(name, one);
        else if (one instanceof protobuf.Type) this.types.set(name, new Type(this, name, one));
        else for (const method of one.methodsArray) this.methods.set(`/${name}/${method.name}`, { scope: name, request: method.requestType, response: method.responseType });
      }
      if (one instanceof protobuf.Namespace) this.take(file, one, isQuiet);
    }
  }

  /** Once all files are there: extensions find what they extend, and names that lead nowhere are told. */
  finish(): void {
    for (const { scope, field, file } of this.extensions) {
      const target = this.types.get(this.find(field.extend ?? '', scope) ?? '');
      if (target === undefined) this.tell(file, `${field.name} extends ${field.extend}, which no file defines`);
      else target.extend(field, scope);
    }
    for (const [name, type] of this.types) for (const missing of type.missing()) this.tell(this.files.get(name)!, `${name} uses ${missing}, which no file defines`);
  }

  method(path: string): { request: ProtobufType; response: ProtobufType } | undefined {
    const method = this.methods.get(path);
    if (method === undefined) return undefined;
    const request = this.types.get(this.find(method.request, method.scope) ?? '');
    const response = this.types.get(this.find(method.response, method.scope) ?? '');
    return request === undefined || response === undefined ? undefined : { request, response };
  }

  typeOf(name: string, scope: string): ProtobufType | undefined {
    return this.types.get(this.find(name, scope) ?? '');
  }

  enumOf(name: string, scope: string): protobuf.Enum | undefined {
    return this.enums.get(this.find(name, scope) ?? '');
  }

  /** A name as seen from a scope: from the innermost one outwards (protobuf documentation, "Packages and Name Resolution"). */
  private find(name: string, scope: string): string | undefined {
    if (name.startsWith('.')) return this.isDefined(name.slice(1)) ? name.slice(1) : undefined;
    for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const full = outer === '' ? name : `${outer}.${name}`;
      if (this.isDefined(full)) return full;
      if (outer === '') return undefined;
    }
  }

  private isDefined(name: string): boolean {
    return this.types.has(name) || this.enums.has(name);
  }
}

function nameOf(one: protobuf.ReflectionObject): string {
  return one.fullName.startsWith('.') ? one.fullName.slice(1) : one.fullName;
}

class Type implements ProtobufType {
  private readonly known = new Map<number, ProtobufField>();
  private readonly extensions = new Map<number, { field: protobuf.Field; scope: string }>();

  constructor(
    private readonly pool: Pool,
    readonly name: string,
    private readonly type: protobuf.Type,
  ) {}

  extend(field: protobuf.Field, scope: string): void {
    this.extensions.set(field.id, { field, scope });
  }

  field(number: number): ProtobufField | undefined {
    const known = this.known.get(number);
    if (known !== undefined) return known;
    const extension = this.extensions.get(number);
    // The parser puts extensions of the same file among the fields, under a long name.
    const field = extension?.field ?? this.type.fieldsById[number];
    if (field === undefined) return undefined;
    const made = fieldOf(this.pool, field, extension === undefined ? this.name : extension.scope);
    this.known.set(number, made);
    return made;
  }

  /** Names of types that are used here and defined nowhere. */
  missing(): string[] {
    return this.type.fieldsArray.filter((field) => !isScalar(field.type) && this.field(field.id)?.type === '').map((field) => field.type);
  }
}

const scalars = new Set(['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes']);

function isScalar(type: string): boolean {
  return scalars.has(type);
}

function fieldOf(pool: Pool, field: protobuf.Field, scope: string): ProtobufField {
  const oneof = field.partOf === null || field.partOf === undefined || field.partOf.isProto3Optional ? {} : { oneof: field.partOf.name };
  const shared = { name: field.name, isRepeated: field.repeated || field instanceof protobuf.MapField, ...oneof };
  if (field instanceof protobuf.MapField) return { ...shared, type: 'message', isMap: true, message: new EntryType(pool, field, scope) };
  if (isScalar(field.type)) return { ...shared, type: field.type };
  const words = pool.enumOf(field.type, scope);
  if (words !== undefined) return { ...shared, type: 'enum', enumName: (value) => words.valuesById[value] };
  const message = pool.typeOf(field.type, scope);
  // A type of no file: the bytes tell what they can.
  return message === undefined ? { ...shared, type: '' } : { ...shared, type: 'message', message };
}

/** The message that each entry of a map is (protobuf documentation, "Maps"). */
class EntryType implements ProtobufType {
  readonly name: string;
  private readonly value: ProtobufField;

  constructor(pool: Pool, private readonly map: protobuf.MapField, scope: string) {
    this.name = `${scope}.${map.name} entry`;
    this.value = { ...fieldOf(pool, new protobuf.Field('value', 2, map.type), scope), name: 'value' };
  }

  field(number: number): ProtobufField | undefined {
    if (number === 1) return { name: 'key', type: this.map.keyType, isRepeated: false };
    return number === 2 ? this.value : undefined;
  }
}
