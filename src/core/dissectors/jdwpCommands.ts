// What JDWP's packets carry: commands, their data and that of their replies, events and modifiers (Java Debug Wire Protocol Details),
// written as layouts.
//
// A layout is a list of items: `name:type`, `list*item` (a number of items, then those), and `name(item, item)` for a group. Types are
// read in jdwpValues.ts.

export interface Item {
  name: string;
  /** type of a value; 'list' and 'group' have items */
  type: string;
  /** of a group; a list has the one that it repeats */
  items: readonly Item[];
}

export interface Command {
  /** `ThreadReference.Name` */
  name: string;
  /** words for the two numbers: `ThreadReference`, `Name` */
  setWords: () => string;
  words: () => string;
  out: readonly Item[];
  reply: readonly Item[];
}

const classInfo = 'classes*class(kind:kind, type:type, status:class status)';
const invoked = 'arguments*argument:value, options:invoke options';
const returned = 'return value:value, exception:tagged';
const threads = 'threads*thread:object';
const objects = 'instances*instance:tagged';
const fieldInfo = (generic: string): string => `fields*field(field:field, name:string, signature:string${generic}, modifiers:flags)`;
const methodInfo = (generic: string): string => `methods*method(method:method, name:string, signature:string${generic}, modifiers:flags)`;
const slotInfo = (generic: string): string => `argument count:int, variables*variable(code index:long, name:string, signature:string${generic}, length:int, slot:int)`;

type Row = readonly [name: string, out?: string, reply?: string];

/** By command set and command. */
const sets: Readonly<Record<number, readonly [name: string, commands: Readonly<Record<number, Row>>]>> = {
  1: ['VirtualMachine', {
    1: ['Version', '', 'description:string, jdwp major:int, jdwp minor:int, vm version:string, vm name:string'],
    2: ['ClassesBySignature', 'signature:string', classInfo],
    3: ['AllClasses', '', 'classes*class(kind:kind, type:type, signature:string, status:class status)'],
    4: ['AllThreads', '', threads],
    5: ['TopLevelThreadGroups', '', 'groups*group:object'],
    6: ['Dispose'],
    7: ['IDSizes', '', 'field id size:int, method id size:int, object id size:int, type id size:int, frame id size:int'],
    8: ['Suspend'],
    9: ['Resume'],
    10: ['Exit', 'exit code:int'],
    11: ['CreateString', 'text:string', 'string:object'],
    12: ['Capabilities', '', 'capabilities:capabilities'],
    13: ['ClassPaths', '', 'base directory:string, class paths*class path:string, boot class paths*boot class path:string'],
    14: ['DisposeObjects', 'requests*request(object:object, references:int)'],
    15: ['HoldEvents'],
    16: ['ReleaseEvents'],
    17: ['CapabilitiesNew', '', 'capabilities:capabilities'],
    18: ['RedefineClasses', 'classes*class(type:type, class file:bytes)'],
    19: ['SetDefaultStratum', 'stratum:string'],
    20: ['AllClassesWithGeneric', '', 'classes*class(kind:kind, type:type, signature:string, generic signature:string, status:class status)'],
    21: ['InstanceCounts', 'types*type:type', 'counts*count:long'],
    22: ['AllModules', '', 'modules*module:object'],
  }],
  2: ['ReferenceType', {
    1: ['Signature', 'type:type', 'signature:string'],
    2: ['ClassLoader', 'type:type', 'class loader:object'],
    3: ['Modifiers', 'type:type', 'modifiers:flags'],
    4: ['Fields', 'type:type', fieldInfo('')],
    5: ['Methods', 'type:type', methodInfo('')],
    6: ['GetValues', 'type:type, fields*field:field', 'values*value:value'],
    7: ['SourceFile', 'type:type', 'source file:string'],
    8: ['NestedTypes', 'type:type', 'types*type(kind:kind, type:type)'],
    9: ['Status', 'type:type', 'status:class status'],
    10: ['Interfaces', 'type:type', 'interfaces*interface:type'],
    11: ['ClassObject', 'type:type', 'class object:object'],
    12: ['SourceDebugExtension', 'type:type', 'extension:string'],
    13: ['SignatureWithGeneric', 'type:type', 'signature:string, generic signature:string'],
    14: ['FieldsWithGeneric', 'type:type', fieldInfo(', generic signature:string')],
    15: ['MethodsWithGeneric', 'type:type', methodInfo(', generic signature:string')],
    16: ['Instances', 'type:type, most:int', objects],
    17: ['ClassFileVersion', 'type:type', 'major version:int, minor version:int'],
    18: ['ConstantPool', 'type:type', 'count:int, constant pool:bytes'],
    19: ['Module', 'type:type', 'module:object'],
  }],
  3: ['ClassType', {
    1: ['Superclass', 'class:type', 'superclass:type'],
    2: ['SetValues', 'class:type, count:int, values:untagged'],
    3: ['InvokeMethod', `class:type, thread:object, method:method, ${invoked}`, returned],
    4: ['NewInstance', `class:type, thread:object, method:method, ${invoked}`, 'new object:tagged, exception:tagged'],
  }],
  4: ['ArrayType', { 1: ['NewInstance', 'array type:type, length:int', 'new array:tagged'] }],
  5: ['InterfaceType', { 1: ['InvokeMethod', `interface:type, thread:object, method:method, ${invoked}`, returned] }],
  6: ['Method', {
    1: ['LineTable', 'type:type, method:method', 'start:long, end:long, lines*line(code index:long, line:int)'],
    2: ['VariableTable', 'type:type, method:method', slotInfo('')],
    3: ['Bytecodes', 'type:type, method:method', 'bytecodes:bytes'],
    4: ['IsObsolete', 'type:type, method:method', 'is obsolete:boolean'],
    5: ['VariableTableWithGeneric', 'type:type, method:method', slotInfo(', generic signature:string')],
  }],
  8: ['Field', {}],
  9: ['ObjectReference', {
    1: ['ReferenceType', 'object:object', 'kind:kind, type:type'],
    2: ['GetValues', 'object:object, fields*field:field', 'values*value:value'],
    3: ['SetValues', 'object:object, count:int, values:untagged'],
    5: ['MonitorInfo', 'object:object', 'owner:object, entry count:int, waiters*waiter:object'],
    6: ['InvokeMethod', `object:object, thread:object, class:type, method:method, ${invoked}`, returned],
    7: ['DisableCollection', 'object:object'],
    8: ['EnableCollection', 'object:object'],
    9: ['IsCollected', 'object:object', 'is collected:boolean'],
    10: ['ReferringObjects', 'object:object, most:int', objects],
  }],
  10: ['StringReference', { 1: ['Value', 'string:object', 'text:string'] }],
  11: ['ThreadReference', {
    1: ['Name', 'thread:object', 'name:string'],
    2: ['Suspend', 'thread:object'],
    3: ['Resume', 'thread:object'],
    4: ['Status', 'thread:object', 'thread status:thread status, suspend status:suspend status'],
    5: ['ThreadGroup', 'thread:object', 'group:object'],
    6: ['Frames', 'thread:object, start frame:int, length:int', 'frames*frame(frame:frame, location:location)'],
    7: ['FrameCount', 'thread:object', 'frame count:int'],
    8: ['OwnedMonitors', 'thread:object', 'monitors*monitor:tagged'],
    9: ['CurrentContendedMonitor', 'thread:object', 'monitor:tagged'],
    10: ['Stop', 'thread:object, throwable:object'],
    11: ['Interrupt', 'thread:object'],
    12: ['SuspendCount', 'thread:object', 'suspend count:int'],
    13: ['OwnedMonitorsStackDepthInfo', 'thread:object', 'monitors*monitor(monitor:tagged, stack depth:int)'],
    14: ['ForceEarlyReturn', 'thread:object, value:value'],
  }],
  12: ['ThreadGroupReference', {
    1: ['Name', 'group:object', 'name:string'],
    2: ['Parent', 'group:object', 'parent group:object'],
    3: ['Children', 'group:object', `${threads}, groups*group:object`],
  }],
  13: ['ArrayReference', {
    1: ['Length', 'array:object', 'length:int'],
    2: ['GetValues', 'array:object, first index:int, length:int', 'values:region'],
    3: ['SetValues', 'array:object, first index:int, count:int, values:untagged'],
  }],
  14: ['ClassLoaderReference', { 1: ['VisibleClasses', 'class loader:object', 'classes*class(kind:kind, type:type)'] }],
  15: ['EventRequest', {
    1: ['Set', 'event:event kind, suspend policy:suspend policy, modifiers*modifier:modifier', 'request:int'],
    2: ['Clear', 'event:event kind, request:int'],
    3: ['ClearAllBreakpoints'],
  }],
  16: ['StackFrame', {
    1: ['GetValues', 'thread:object, frame:frame, slots*slot(slot:int, tag:tag)', 'values*value:value'],
    2: ['SetValues', 'thread:object, frame:frame, slots*slot(slot:int, value:value)'],
    3: ['ThisObject', 'thread:object, frame:frame', 'this:tagged'],
    4: ['PopFrames', 'thread:object, frame:frame'],
  }],
  17: ['ClassObjectReference', { 1: ['ReflectedType', 'class object:object', 'kind:kind, type:type'] }],
  18: ['ModuleReference', {
    1: ['Name', 'module:object', 'name:string'],
    2: ['ClassLoader', 'module:object', 'class loader:object'],
  }],
  64: ['Event', { 100: ['Composite', 'suspend policy:suspend policy, events*event:event'] }],
};

/** Key of Event.Composite, the one command that nobody answers. */
export const composite = keyOf(64, 100);
export const idSizes = keyOf(1, 7);

const commands = new Map(Object.entries(sets).flatMap(([set, [setName, rows]]) => Object.entries(rows).map(([number, [name, out, reply]]): [number, Command] => [keyOf(Number(set), Number(number)), { name: `${setName}.${name}`, setWords: () => setName, words: () => name, out: layout(out), reply: layout(reply) }])));

export function keyOf(set: number, command: number): number {
  return set * 256 + command;
}

/** @returns undefined for commands of a vendor (sets from 128 on) and of later versions */
export function commandOf(key: number): Command | undefined {
  return commands.get(key);
}

/** What follows the kind of a modifier in EventRequest.Set. */
export const modifiers: Readonly<Record<number, readonly [name: string, items: readonly Item[]]>> = {
  1: ['count', layout('count:int')],
  2: ['conditional', layout('expression:int')],
  3: ['thread only', layout('thread:object')],
  4: ['class only', layout('class:type')],
  5: ['class match', layout('class pattern:string')],
  6: ['class exclude', layout('class pattern:string')],
  7: ['location only', layout('location:location')],
  8: ['exception only', layout('exception:type, caught:boolean, uncaught:boolean')],
  9: ['field only', layout('declaring:type, field:field')],
  10: ['step', layout('thread:object, size:step size, depth:step depth')],
  11: ['instance only', layout('instance:object')],
  12: ['source name match', layout('source name pattern:string')],
};

const atLocation = 'request:int, thread:object, location:location';
const atMonitor = 'request:int, thread:object, monitor:tagged, location:location';
const ofField = `${atLocation}, kind:kind, type:type, field:field, object:tagged`;

/** Kinds of events, and what follows the kind in Event.Composite; without a layout: never sent. */
export const events: Readonly<Record<number, readonly [name: string, items?: readonly Item[]]>> = {
  1: ['SINGLE_STEP', layout(atLocation)],
  2: ['BREAKPOINT', layout(atLocation)],
  3: ['FRAME_POP'],
  4: ['EXCEPTION', layout(`${atLocation}, exception:tagged, catch location:location`)],
  5: ['USER_DEFINED'],
  6: ['THREAD_START', layout('request:int, thread:object')],
  7: ['THREAD_DEATH', layout('request:int, thread:object')],
  8: ['CLASS_PREPARE', layout('request:int, thread:object, kind:kind, type:type, signature:string, status:class status')],
  9: ['CLASS_UNLOAD', layout('request:int, signature:string')],
  10: ['CLASS_LOAD'],
  20: ['FIELD_ACCESS', layout(ofField)],
  21: ['FIELD_MODIFICATION', layout(`${ofField}, value:value`)],
  30: ['EXCEPTION_CATCH'],
  40: ['METHOD_ENTRY', layout(atLocation)],
  41: ['METHOD_EXIT', layout(atLocation)],
  42: ['METHOD_EXIT_WITH_RETURN_VALUE', layout(`${atLocation}, value:value`)],
  43: ['MONITOR_CONTENDED_ENTER', layout(atMonitor)],
  44: ['MONITOR_CONTENDED_ENTERED', layout(atMonitor)],
  45: ['MONITOR_WAIT', layout(`${atMonitor}, timeout:long`)],
  46: ['MONITOR_WAITED', layout(`${atMonitor}, timed out:boolean`)],
  90: ['VM_START', layout('request:int, thread:object')],
  99: ['VM_DEATH', layout('request:int')],
};

/** JDWP "Error Constants". */
export const errorNames: Readonly<Record<number, string>> = {
  0: 'NONE', 10: 'INVALID_THREAD', 11: 'INVALID_THREAD_GROUP', 12: 'INVALID_PRIORITY', 13: 'THREAD_NOT_SUSPENDED', 14: 'THREAD_SUSPENDED', 15: 'THREAD_NOT_ALIVE',
  20: 'INVALID_OBJECT', 21: 'INVALID_CLASS', 22: 'CLASS_NOT_PREPARED', 23: 'INVALID_METHODID', 24: 'INVALID_LOCATION', 25: 'INVALID_FIELDID', 30: 'INVALID_FRAMEID',
  31: 'NO_MORE_FRAMES', 32: 'OPAQUE_FRAME', 33: 'NOT_CURRENT_FRAME', 34: 'TYPE_MISMATCH', 35: 'INVALID_SLOT', 40: 'DUPLICATE', 41: 'NOT_FOUND', 42: 'INVALID_MODULE',
  50: 'INVALID_MONITOR', 51: 'NOT_MONITOR_OWNER', 52: 'INTERRUPT', 60: 'INVALID_CLASS_FORMAT', 61: 'CIRCULAR_CLASS_DEFINITION', 62: 'FAILS_VERIFICATION',
  63: 'ADD_METHOD_NOT_IMPLEMENTED', 64: 'SCHEMA_CHANGE_NOT_IMPLEMENTED', 65: 'INVALID_TYPESTATE', 66: 'HIERARCHY_CHANGE_NOT_IMPLEMENTED', 67: 'DELETE_METHOD_NOT_IMPLEMENTED',
  68: 'UNSUPPORTED_VERSION', 69: 'NAMES_DONT_MATCH', 70: 'CLASS_MODIFIERS_CHANGE_NOT_IMPLEMENTED', 71: 'METHOD_MODIFIERS_CHANGE_NOT_IMPLEMENTED', 99: 'NOT_IMPLEMENTED',
  100: 'NULL_POINTER', 101: 'ABSENT_INFORMATION', 102: 'INVALID_EVENT_TYPE', 103: 'ILLEGAL_ARGUMENT', 110: 'OUT_OF_MEMORY', 111: 'ACCESS_DENIED', 112: 'VM_DEAD', 113: 'INTERNAL',
  115: 'UNATTACHED_THREAD', 500: 'INVALID_TAG', 502: 'ALREADY_INVOKING', 503: 'INVALID_INDEX', 504: 'INVALID_LENGTH', 506: 'INVALID_STRING', 507: 'INVALID_CLASS_LOADER',
  508: 'INVALID_ARRAY', 509: 'TRANSPORT_LOAD', 510: 'TRANSPORT_INIT', 511: 'NATIVE_METHOD', 512: 'INVALID_COUNT',
};

/** In the order in which Capabilities (the first 7) and CapabilitiesNew tell them. */
export const capabilities: readonly string[] = [
  'can watch field modification', 'can watch field access', 'can get bytecodes', 'can get synthetic attribute', 'can get owned monitor info', 'can get current contended monitor',
  'can get monitor info', 'can redefine classes', 'can add method', 'can unrestrictedly redefine classes', 'can pop frames', 'can use instance filters',
  'can get source debug extension', 'can request vm death event', 'can set default stratum', 'can get instance info', 'can request monitor events', 'can get monitor frame info',
  'can use source name filters', 'can get constant pool', 'can force early return',
];

/** Reads a layout: the tables above are written by us, so it is taken to be well formed. */
function layout(text = ''): Item[] {
  const words = text.match(/[^(),:*]+|[(),:*]/g) ?? [];
  let at = 0;
  const item = (): Item => {
    const name = words[at++]!.trim();
    switch (words[at++]) {
      case ':':
        return { name, type: words[at++]!.trim(), items: [] };
      case '*':
        return { name, type: 'list', items: [item()] };
      default: {
        const group = { name, type: 'group', items: items() };
        at += 1;
        return group;
      }
    }
  };
  function items(): Item[] {
    const found = [item()];
    while (words[at] === ',') {
      at += 1;
      found.push(item());
    }
    return found;
  }
  return words.length === 0 ? [] : items();
}
