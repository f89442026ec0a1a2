// What is compared, protocol by protocol: which fields of tshark are which of ours.
import { beginningOf, headersOf, inOne, leaves, named, textOfHex, texts, unquoted, values, type Comparison } from './facts.js';

export const comparisons: readonly Comparison[] = [
  {
    protocol: 'http1',
    decodeAs: 'http',
    fields: ['http.request.method', 'http.request.uri', 'http.request.version', 'http.response.version', 'http.response.code', 'http.response.phrase', 'http.request.line', 'http.response.line', 'http.file_data'],
    theirs: (frame) => [
      ...frame.all('http.request.method').map((method, index): [string, string] => ['request', `${method} ${frame.all('http.request.uri')[index]} ${frame.all('http.request.version')[index]}`]),
      ...frame.all('http.response.code').map((code, index): [string, string] => ['status', `${frame.all('http.response.version')[index]} ${code} ${frame.all('http.response.phrase')[index]}`]),
      ...named('header', [...frame.all('http.request.line'), ...frame.all('http.response.line')].map((line) => line.trim().replace(/^[^:]+/, (name) => name.toLowerCase()))),
      ...named('body', frame.all('http.file_data').map(beginningOf)),
    ],
    ours: ({ from, fields }) => [
      ...(from === 'client' ? named('request', inOne(fields, 'method', 'target', 'version')) : named('status', inOne(fields, 'version', 'status', 'reason'))),
      ...named('header', headersOf(fields)),
      ...named('body', texts(fields, 'body').map(beginningOf)),
    ],
  },
  {
    protocol: 'http2',
    decodeAs: 'http2',
    fields: ['http2.type', 'http2.streamid', 'http2.header.name', 'http2.header.value'],
    theirs: (frame) => [
      ...named('frame', frame.all('http2.type').map((type, index) => `${type} ${frame.all('http2.streamid')[index]}`)),
      ...named('header', frame.all('http2.header.name').map((name, index) => `${name}: ${frame.all('http2.header.value')[index]}`)),
    ],
    ours: ({ fields }) => [
      ...named('frame', values(fields.slice(0, 4), 'type').map((type, index) => `${type} ${values(fields.slice(0, 4), 'stream')[index]}`)),
      ...named('header', headersOf(fields)),
    ],
  },
  {
    protocol: 'grpc',
    decodeAs: 'http2',
    fields: ['http2.header.name', 'http2.header.value', 'grpc.message_length'],
    theirs: (frame) => [
      ...named('header', frame.all('http2.header.name').map((name, index) => `${name}: ${frame.all('http2.header.value')[index]}`)),
      ...named('length', frame.all('grpc.message_length')),
    ],
    ours: ({ fields }) => [
      ...named('header', headersOf(fields)),
      ...named('length', fields.flatMap((field) => (field.name === 'message' ? values(field.fields ?? [], 'length') : []))),
    ],
  },
  {
    protocol: 'tls',
    decodeAs: 'tls',
    fields: [
      'tls.record.content_type', 'tls.record.length', 'tls.handshake.type', 'tls.handshake.extensions_server_name', 'tls.handshake.extensions_alpn_str', 'tls.handshake.ciphersuite',
      'tls.handshake.extension.type', 'tls.handshake.certificate_length', 'tls.handshake.extensions_supported_group', 'tls.handshake.sig_hash_alg',
    ],
    theirs: (frame) => [
      ...named('content type', frame.all('tls.record.content_type')),
      ...named('length', frame.all('tls.record.length')),
      ...named('handshake', frame.all('tls.handshake.type')),
      ...named('server name', frame.all('tls.handshake.extensions_server_name')),
      ...named('alpn', frame.all('tls.handshake.extensions_alpn_str')),
      ...named('cipher suite', frame.all('tls.handshake.ciphersuite').map((hex) => String(Number(hex)))),
      ...named('extension', frame.all('tls.handshake.extension.type')),
      ...named('certificate length', frame.all('tls.handshake.certificate_length')),
      ...named('group', frame.all('tls.handshake.extensions_supported_group').map((hex) => String(Number(hex)))),
      ...named('signature scheme', frame.all('tls.handshake.sig_hash_alg').map((hex) => String(Number(hex)))),
    ],
    ours: ({ fields }) => {
      const messages = fields.flatMap((field) => (field.fields?.[0]?.name === 'type' ? [field.fields] : []));
      const extensions = messages.flat().flatMap((field) => (field.name === 'extensions' ? (field.fields ?? []).slice(1) : []));
      return [
        ...named('content type', values(fields, 'content type')),
        ...named('length', fields.flatMap(({ name, value }) => (name === 'length' ? [String(value)] : []))),
        ...named('handshake', messages.map(([type]) => String(type?.value))),
        ...named('server name', texts(fields, 'sni')),
        ...named('alpn', texts(fields, 'alpn')),
        ...named('cipher suite', values(fields, 'cipher suite')),
        ...named('extension', extensions.map((extension) => String(extension.fields?.[0]?.value))),
        ...named('certificate length', values(fields, 'certificate length')),
        ...named('group', values(extensions.filter(({ name }) => name === 'supported_groups'), 'group')),
        ...named('signature scheme', values(fields, 'signature scheme')),
      ];
    },
  },
  {
    protocol: 'redis',
    decodeAs: 'resp',
    fields: ['resp.bulk_string.value', 'resp.string', 'resp.error', 'resp.integer'],
    theirs: (frame) =>
      frame.from === 'client'
        ? named('word', frame.all('resp.bulk_string.value').map(textOfHex))
        : named('value', [...frame.all('resp.bulk_string.value').map(textOfHex), ...frame.all('resp.string'), ...frame.all('resp.error'), ...frame.all('resp.integer')]),
    ours: ({ from, fields }) =>
      from === 'client' ? named('word', texts(fields, 'command', 'argument')) : named('value', leaves(fields).filter(({ name, text }) => name !== 'count' && text !== '(nil)').map(({ text }) => text)),
    // tshark's fields come by type.
    unordered: ['value'],
  },
  {
    protocol: 'postgres',
    decodeAs: 'pgsql',
    fields: ['type', 'query', 'statement', 'portal', 'tag', 'col.name', 'val.data', 'parameter_name', 'parameter_value', 'code', 'message', 'authtype', 'status', 'pid'].map((name) => `pgsql.${name}`),
    theirs: (frame) => [
      ...['type', 'query', 'statement', 'portal', 'tag', 'code', 'message', 'pid'].flatMap((name) => named(name, frame.all(`pgsql.${name}`))),
      ...named('column', frame.all('pgsql.col.name')),
      ...named('value', frame.all('pgsql.val.data').map(textOfHex)),
      ...named('parameter', frame.all('pgsql.parameter_name').map((name, index) => `${name} = ${frame.all('pgsql.parameter_value')[index]}`)),
      ...named('authentication', frame.all('pgsql.authtype')),
      ...named('transaction', frame.all('pgsql.status')),
    ],
    ours: ({ from, fields }) => {
      const type = texts(fields, 'type')[0] ?? 'Startup';
      return [
        ...named('type', [postgresTypes[type] ?? type]),
        ...named('query', texts(fields, 'query')),
        ...named('statement', texts(fields, 'statement')),
        ...named('portal', texts(fields, 'portal')),
        ...named('tag', texts(fields, 'command')),
        // Behind the code stands its name.
        ...named('code', texts(fields, 'code').map((text) => text.split(' ')[0]!)),
        ...named('message', texts(fields, 'message')),
        ...named('pid', values(fields, 'process')),
        ...named('column', fields.flatMap((field) => (field.name === 'column' ? texts(field.fields ?? [], 'name') : []))),
        ...named('value', type === 'DataRow' || type === 'Bind' ? fields.filter(({ name, text }) => (type === 'Bind' ? /^\$\d+$/.test(name) : name !== 'type' && name !== 'column count') && text !== 'NULL').map(({ text }) => text) : []),
        ...named('parameter', from === 'client' ? (type === 'Startup' ? fields.slice(2).map(({ name, text }) => `${name} = ${text}`) : []) : type === 'ParameterStatus' ? [inOne(fields, 'parameter', 'value')[0]!.replace(' ', ' = ')] : []),
        ...named('authentication', values(fields, 'authentication')),
        ...named('transaction', values(fields, 'transaction')),
      ];
    },
  },
  {
    protocol: 'mysql',
    decodeAs: 'mysql',
    fields: ['command', 'query', 'field.name', 'row.text', 'error_code', 'error.message', 'sqlstate', 'user', 'schema', 'version', 'affected_rows', 'num_fields', 'stmt_id'].map((name) => `mysql.${name}`),
    theirs: (frame) => [
      ...['command', 'query', 'error_code', 'sqlstate', 'user', 'schema', 'version', 'affected_rows', 'num_fields', 'stmt_id'].flatMap((name) => named(name, frame.all(`mysql.${name}`))),
      ...named('error', frame.all('mysql.error.message')),
      ...named('column', frame.all('mysql.field.name')),
      ...named('value', frame.all('mysql.row.text')),
    ],
    ours: ({ from, fields, summary }) => [
      ...named('command', values(fields, 'command')),
      ...named('query', texts(fields, 'query')),
      ...named('error_code', values(fields, 'code')),
      ...named('sqlstate', texts(fields, 'sqlstate')),
      ...named('error', texts(fields, 'message')),
      ...named('user', texts(fields, 'user')),
      ...named('schema', from === 'client' ? texts(fields, 'database') : []),
      ...named('version', texts(fields, 'version')),
      ...named('affected_rows', values(fields, 'affected rows')),
      ...named('num_fields', values(fields, 'column count')),
      ...named('stmt_id', values(fields, 'statement')),
      ...named('column', texts(fields, 'catalog').flatMap(() => texts(fields, 'name'))),
      ...named('value', summary.startsWith('row: ') ? fields.slice(1).map(({ text }) => text) : []),
    ],
  },
  {
    protocol: 'mqtt',
    decodeAs: 'mqtt',
    fields: ['mqtt.msgtype', 'mqtt.topic', 'mqtt.msg', 'mqtt.clientid', 'mqtt.ver', 'mqtt.msgid', 'mqtt.kalive'],
    theirs: (frame) => [
      ...['msgtype', 'topic', 'clientid', 'ver', 'msgid', 'kalive'].flatMap((name) => named(name, frame.all(`mqtt.${name}`))),
      ...named('msg', frame.all('mqtt.msg').map(textOfHex)),
    ],
    ours: ({ fields }) => [
      ...named('msgtype', values(fields, 'type')),
      ...named('topic', texts(fields, 'topic', 'topic filter', 'will topic')),
      ...named('clientid', texts(fields, 'client id')),
      ...named('ver', values(fields, 'protocol level')),
      ...named('msgid', values(fields, 'packet id')),
      ...named('kalive', values(fields, 'keep alive')),
      ...named('msg', texts(fields, 'payload').map(unquoted)),
    ],
  },
  {
    protocol: 'ftp',
    decodeAs: 'ftp',
    fields: ['ftp.request.command', 'ftp.request.arg', 'ftp.response.code', 'ftp.response.arg'],
    theirs: (frame) => [
      ...named('command', frame.all('ftp.request.command')),
      ...named('argument', frame.all('ftp.request.arg')),
      ...named('code', frame.all('ftp.response.code')),
      ...named('text', frame.all('ftp.response.arg')),
    ],
    ours: ({ fields }) => [
      ...named('command', texts(fields, 'command')),
      ...named('argument', texts(fields, 'argument')),
      ...named('code', texts(fields, 'code')),
      ...named('text', texts(fields, 'text')),
    ],
  },
];

/** What tshark calls the message types of PostgreSQL's documentation. */
const postgresTypes: Readonly<Record<string, string>> = {
  Startup: 'Startup message', Authentication: 'Authentication request', BackendKeyData: 'Backend key data', BindComplete: 'Bind completion', CommandComplete: 'Command completion',
  DataRow: 'Data row', ErrorResponse: 'Error', ParameterStatus: 'Parameter status', ParseComplete: 'Parse completion', ReadyForQuery: 'Ready for query', RowDescription: 'Row description',
  Query: 'Simple query', Terminate: 'Termination', CopyOutResponse: 'CopyOut response', CopyInResponse: 'CopyIn response', CopyData: 'Copy data', CopyDone: 'Copy completion',
  NoticeResponse: 'Notice', NotificationResponse: 'Notification',
};
