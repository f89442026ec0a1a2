// Places of decoded fields ("headers/content-type" in http1), numbered over the whole ledger: a row keeps two bytes for one.

/**
 * Numbers fit 16 bits. Dissectors know some thousands of names; only what traffic itself names (headers, JSON keys) is without an end, and
 * what comes after this many is not kept.
 */
const maxPaths = 60_000;
/** Longer names are cut: somebody else's text. */
const maxNameLength = 100;
/** Fields inside fields; deeper ones are not kept. */
export const maxPathDepth = 16;

export const noPath = -1;

export class PathTable {
  private readonly names: string[] = [];
  private readonly parents: number[] = [];
  private readonly protocolNames: string[] = [];
  private readonly children: (Map<string, number> | undefined)[] = [];
  private readonly roots = new Map<string, number>();

  /** Numbers below `reserved` are the caller's. */
  constructor(readonly reserved: number) {
    for (let id = 0; id < reserved; id++) this.make('', noPath, '');
  }

  get count(): number {
    return this.names.length;
  }

  /** What the table takes, in bytes, about. */
  get byteLength(): number {
    return this.names.length * 200;
  }

  /** The place above all fields of a protocol's messages. */
  root(protocol: string): number {
    const known = this.roots.get(protocol);
    if (known !== undefined) return known;
    const id = this.make('', noPath, protocol);
    this.roots.set(protocol, id);
    return id;
  }

  /** @returns `noPath` when the table is full */
  child(parent: number, name: string): number {
    const siblings = this.children[parent];
    const known = siblings?.get(name);
    return known ?? this.add(parent, name);
  }

  name(id: number): string {
    return this.names[id]!;
  }

  /** @returns `noPath` above an outermost field there is only the protocol */
  parent(id: number): number {
    const parent = this.parents[id]!;
    return parent === noPath || this.parents[parent] === noPath ? noPath : parent;
  }

  protocol(id: number): string {
    return this.protocolNames[id]!;
  }

  /** @returns false for numbers that stand for a protocol itself, or are reserved */
  isField(id: number): boolean {
    return this.parents[id] !== noPath;
  }

  /** Names from the outermost field down, joined by '/'. */
  path(id: number): string {
    const parent = this.parent(id);
    return parent === noPath ? this.names[id]! : `${this.path(parent)}/${this.names[id]!}`;
  }

  private add(parent: number, name: string): number {
    if (maxPaths <= this.names.length) return noPath;
    const siblings = (this.children[parent] ??= new Map<string, number>());
    // A copy: the name may be a slice of a head or a body, which it would keep alive.
    const own = Buffer.from(name.slice(0, maxNameLength), 'utf16le').toString('utf16le');
    const cut = siblings.get(own);
    if (cut !== undefined) return cut;
    const id = this.make(own, parent, this.protocolNames[parent]!);
    siblings.set(own, id);
    return id;
  }

  private make(name: string, parent: number, protocol: string): number {
    const id = this.names.length;
    this.names.push(name);
    this.parents.push(parent);
    this.protocolNames.push(protocol);
    this.children.push(undefined);
    return id;
  }
}
