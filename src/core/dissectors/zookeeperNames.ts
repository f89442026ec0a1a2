// ZooKeeper's operations with what they carry (zookeeper.jute), its errors (KeeperException.Code) and other numbers by name.

export interface ZookeeperOp {
  name: string;
  /** what the request carries: words that `zookeeper.ts` reads */
  request: string;
  /** what the answer carries behind its header */
  response: string;
}

/** By type of RequestHeader (ZooDefs.OpCode). */
export const ops: Readonly<Record<number, ZookeeperOp>> = {
  1: { name: 'create', request: 'path data acl flags', response: 'path' },
  2: { name: 'delete', request: 'path version', response: '' },
  3: { name: 'exists', request: 'path watch', response: 'stat' },
  4: { name: 'getData', request: 'path watch', response: 'data stat' },
  5: { name: 'setData', request: 'path data version', response: 'stat' },
  6: { name: 'getACL', request: 'path', response: 'acl stat' },
  7: { name: 'setACL', request: 'path acl version', response: 'stat' },
  8: { name: 'getChildren', request: 'path watch', response: 'children' },
  9: { name: 'sync', request: 'path', response: 'path' },
  11: { name: 'ping', request: '', response: '' },
  12: { name: 'getChildren2', request: 'path watch', response: 'children stat' },
  13: { name: 'check', request: 'path version', response: '' },
  14: { name: 'multi', request: 'multi', response: 'results' },
  15: { name: 'create2', request: 'path data acl flags', response: 'path stat' },
  16: { name: 'reconfig', request: 'joining leaving members config', response: 'data stat' },
  17: { name: 'checkWatches', request: 'path type', response: '' },
  18: { name: 'removeWatches', request: 'path type', response: '' },
  19: { name: 'createContainer', request: 'path data acl flags', response: 'path stat' },
  20: { name: 'deleteContainer', request: 'path', response: '' },
  21: { name: 'createTTL', request: 'path data acl flags ttl', response: 'path stat' },
  22: { name: 'multiRead', request: 'multi', response: 'results' },
  100: { name: 'auth', request: 'authtype scheme secret', response: '' },
  101: { name: 'setWatches', request: 'zxid paths paths paths', response: '' },
  102: { name: 'sasl', request: 'secret', response: 'secret' },
  103: { name: 'getEphemerals', request: 'path', response: 'children' },
  104: { name: 'getAllChildrenNumber', request: 'path', response: 'count' },
  105: { name: 'setWatches2', request: 'zxid paths paths paths paths paths', response: '' },
  106: { name: 'addWatch', request: 'path mode', response: '' },
  107: { name: 'whoAmI', request: '', response: 'ids' },
  [-10]: { name: 'createSession', request: '', response: '' },
  [-11]: { name: 'closeSession', request: '', response: '' },
};

const errors: Readonly<Record<number, string>> = {
  [-1]: 'SystemError', [-2]: 'RuntimeInconsistency', [-3]: 'DataInconsistency', [-4]: 'ConnectionLoss', [-5]: 'MarshallingError', [-6]: 'Unimplemented', [-7]: 'OperationTimeout',
  [-8]: 'BadArguments', [-12]: 'UnknownSession', [-13]: 'NewConfigNoQuorum', [-14]: 'ReconfigInProgress', [-100]: 'APIError', [-101]: 'NoNode', [-102]: 'NoAuth', [-103]: 'BadVersion',
  [-108]: 'NoChildrenForEphemerals', [-110]: 'NodeExists', [-111]: 'NotEmpty', [-112]: 'SessionExpired', [-113]: 'InvalidCallback', [-114]: 'InvalidACL', [-115]: 'AuthFailed',
  [-118]: 'SessionMoved', [-119]: 'NotReadOnly', [-120]: 'EphemeralOnLocalSession', [-121]: 'NoWatcher', [-122]: 'RequestTimeout', [-123]: 'ReconfigDisabled',
  [-124]: 'SessionClosedRequireSaslAuth', [-125]: 'QuotaExceeded', [-127]: 'ThrottledOp',
};

/** @returns "NoNode (-101)", "ok" for 0 */
export function errorText(code: number): string {
  return code === 0 ? 'ok' : `${errors[code] ?? 'error'} (${code})`;
}

/** CreateMode. */
export const createModes: Readonly<Record<number, string>> = { 0: 'persistent', 1: 'ephemeral', 2: 'persistent sequential', 3: 'ephemeral sequential', 4: 'container', 5: 'persistent with ttl', 6: 'persistent sequential with ttl' };

/** Watcher.Event.EventType. */
export const eventTypes: Readonly<Record<number, string>> = { [-1]: 'None', 1: 'NodeCreated', 2: 'NodeDeleted', 3: 'NodeDataChanged', 4: 'NodeChildrenChanged', 5: 'DataWatchRemoved', 6: 'ChildWatchRemoved', 7: 'PersistentWatchRemoved' };

/** Watcher.Event.KeeperState. */
export const keeperStates: Readonly<Record<number, string>> = { [-112]: 'Expired', 0: 'Disconnected', 3: 'SyncConnected', 4: 'AuthFailed', 5: 'ConnectedReadOnly', 6: 'SaslAuthenticated', 7: 'Closed' };

/** Administrator's Guide, "The Four Letter Words". */
export const words = new Set(['ruok', 'srvr', 'mntr', 'isro', 'wchs', 'wchc', 'wchp', 'crst', 'srst', 'gtmk', 'stmk', 'lsnp', 'icfg', 'orst', 'obsr', 'sysp', 'stat', 'conf', 'cons', 'dump', 'envi', 'dirs', 'hash', 'reqs', 'kill']);
