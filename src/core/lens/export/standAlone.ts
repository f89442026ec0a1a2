// Of which protocols a message can be read without those around it.

/** Of other protocols a part of a conversation could not be read by anybody. */
const protocols = new Set(['http1', 'redis', 'memcached', 'nats', 'dns', 'ldap', 'kafka', 'mongodb', 'json-rpc', 'lsp', 'dap']);

/** @param layers what is spoken on a connection, from the outside in */
export function standsAlone(layers: readonly string[]): boolean {
  return layers.length === 1 && protocols.has(layers[0]!);
}
