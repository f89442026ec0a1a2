// Names that people use for decoded fields where dissectors call them something else, or where the bare name would also choose what lies deeper:
// "http.status" is the status line's number, not a member "status" of a JSON body.

import { t } from './translate.js';

export interface Alias {
  /** by catalogue id: whole paths, from the outermost field down */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** a phrase for completion, translated where it is shown */
  readonly meaning: string;
  readonly isNumber?: true;
  /** a glob may fit anywhere in it: nobody writes a whole statement */
  readonly isAnywhere?: true;
}

const statements = { postgres: ['query'], mysql: ['query', 'packet/query'], cassandra: ['query', 'frame/query', 'statement', 'statement/query'] } as const;

/** By name in lower case. What stands here goes before the names that dissectors write. */
export const aliases: Readonly<Record<string, Alias>> = {
  sql: { paths: statements, meaning: t('statement of PostgreSQL, MySQL or Cassandra'), isAnywhere: true },
  'http.method': { paths: { http1: ['method'], http2: ['headers/:method'], grpc: ['headers/:method'] }, meaning: t('method of the request') },
  'http.status': { paths: { http1: ['status'], http2: ['headers/:status'], grpc: ['headers/:status'] }, meaning: t('status code of the answer'), isNumber: true },
  'http.path': { paths: { http1: ['target/path'], http2: ['headers/:path'], grpc: ['headers/:path'] }, meaning: t('path of the request') },
  'http.host': { paths: { http1: ['headers/host'], http2: ['headers/:authority', 'headers/host'], grpc: ['headers/:authority', 'headers/host'] }, meaning: t('host that the request is for') },
  'http.body': { paths: { http1: ['body'], http2: ['body'], grpc: ['body', 'message'] }, meaning: t('body, as text') },
  'http.query': { paths: { http1: ['target/query'] }, meaning: t('part of the target behind "?"') },
  'http1.status': { paths: { http1: ['status'] }, meaning: t('status code of the answer'), isNumber: true },
  'http2.status': { paths: { http2: ['headers/:status'] }, meaning: t('status code of the answer'), isNumber: true },
  'http1.path': { paths: { http1: ['target/path'] }, meaning: t('path of the request') },
  'grpc.method': { paths: { grpc: ['headers/:path'] }, meaning: t('path of the method: /package.Service/Method') },
  'grpc.status': { paths: { grpc: ['headers/grpc-status'] }, meaning: t('status of the call; 0 is success'), isNumber: true },
  'redis.command': { paths: { redis: ['command'] }, meaning: t('command: GET, SET, ...') },
  'redis.key': { paths: { redis: ['argument'] }, meaning: t('argument of the command: the first one is the key, mostly') },
  'memcached.key': { paths: { memcached: ['key'], 'memcached-binary': ['key'] }, meaning: t('key') },
  'postgres.query': { paths: { postgres: statements.postgres }, meaning: t('statement'), isAnywhere: true },
  'mysql.query': { paths: { mysql: statements.mysql }, meaning: t('statement'), isAnywhere: true },
  'cassandra.query': { paths: { cassandra: statements.cassandra }, meaning: t('statement'), isAnywhere: true },
  'postgres.error': { paths: { postgres: ['message'] }, meaning: t('what the server reports') },
  'mysql.error': { paths: { mysql: ['message', 'packet/message'] }, meaning: t('what the server reports') },
  'mongodb.collection': {
    paths: { mongodb: ['collection', ...['find', 'insert', 'update', 'delete', 'aggregate', 'count', 'distinct', 'findAndModify', 'createIndexes', 'getMore', 'drop'].map((command) => `body/${command}`)] },
    meaning: t('collection that a command is about'),
  },
  'mongodb.database': { paths: { mongodb: ['body/$db'] }, meaning: t('database that a command is about') },
  'mqtt.topic': { paths: { mqtt: ['topic', 'topic filter'] }, meaning: t('topic of a message or a subscription') },
  'kafka.api': { paths: { kafka: ['api key'] }, meaning: t('kind of request: Produce, Fetch, ...') },
  'tls.version': { paths: { tls: ['ServerHello/version', 'ClientHello/version'] }, meaning: t('version offered and chosen') },
  'tls.cipher': { paths: { tls: ['ServerHello/cipher suite'] }, meaning: t('cipher suite that the server chose') },
  'dns.name': { paths: { dns: ['question/name', 'answer/name'] }, meaning: t('name that is asked for') },
  'dns.type': { paths: { dns: ['question/type'] }, meaning: t('type of record that is asked for: A, AAAA, ...') },
  'json-rpc.method': { paths: { 'json-rpc': ['body/method', 'body/0/method', 'body/1/method'] }, meaning: t('method called') },
  'lsp.method': { paths: { lsp: ['body/method'] }, meaning: t('method called') },
  'dap.command': { paths: { dap: ['body/command'] }, meaning: t('command of the debug adapter protocol') },
  'dap.event': { paths: { dap: ['body/event'] }, meaning: t('event of the debug adapter protocol') },
  'cdp.method': { paths: { cdp: ['body/method'] }, meaning: t('method called') },
};

/** Protocols whose names of fields come from the conversation: headers, columns, members of JSON. A name that nobody knows may exist there. */
export const openProtocols: ReadonlySet<string> = new Set([
  'http1', 'http2', 'grpc', 'websocket', 'http-connect', 'cdp', 'dap', 'lsp', 'json-rpc', 'mongodb', 'nats', 'mysql', 'postgres', 'cassandra', 'amqp', 'stomp', 'fastcgi', 'thrift', 'tls', 'proxy-v2',
]);

/** Headers of HTTP that people ask about and that no conversation of the pages happens to have. */
export const commonHeaders: readonly string[] = [
  'accept_language', 'access_control_allow_origin', 'age', 'allow', 'cache_control', 'date', 'etag', 'forwarded', 'if_modified_since', 'if_none_match', 'keep_alive', 'last_modified', 'origin', 'range', 'referer', 'retry_after',
  'server', 'strict_transport_security', 'traceparent', 'vary', 'via', 'www_authenticate', 'x_forwarded_for', 'x_forwarded_proto', 'x_request_id',
];
