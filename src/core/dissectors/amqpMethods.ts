// Methods of AMQP 0-9-1 and their arguments (AMQP 0-9-1 Complete Reference Guide; RabbitMQ's extensions: confirm, basic.nack, exchange.bind).

/**
 * Arguments: `octet`, `short`, `long`, `longlong`, `shortstr`, `longstr`, `table`, `bits` with their names; `secret` is a longstr that nobody may see.
 */
export interface AmqpMethod {
  name: string;
  args: readonly string[];
  /** class.method that answers it, where one does */
  asks?: true;
  answers?: true;
}

function method(name: string, args: string, pair?: 'asks' | 'answers'): AmqpMethod {
  return { name, args: args === '' ? [] : args.split(', '), ...(pair === undefined ? {} : { [pair]: true }) };
}

/** By class and method number: class * 1000 + method. */
export const methods: Readonly<Record<number, AmqpMethod>> = {
  10010: method('connection.start', 'octet version major, octet version minor, table server properties, longstr mechanisms, longstr locales', 'asks'),
  10011: method('connection.start-ok', 'table client properties, shortstr mechanism, secret response, shortstr locale', 'answers'),
  10020: method('connection.secure', 'secret challenge', 'asks'),
  10021: method('connection.secure-ok', 'secret response', 'answers'),
  10030: method('connection.tune', 'short channel max, long frame max, short heartbeat', 'asks'),
  10031: method('connection.tune-ok', 'short channel max, long frame max, short heartbeat', 'answers'),
  10040: method('connection.open', 'shortstr virtual host, shortstr reserved, bits reserved', 'asks'),
  10041: method('connection.open-ok', 'shortstr reserved', 'answers'),
  10050: method('connection.close', 'short reply code, shortstr reply text, short class, short method', 'asks'),
  10051: method('connection.close-ok', '', 'answers'),
  10060: method('connection.blocked', 'shortstr reason'),
  10061: method('connection.unblocked', ''),
  10070: method('connection.update-secret', 'secret new secret, shortstr reason', 'asks'),
  10071: method('connection.update-secret-ok', '', 'answers'),
  20010: method('channel.open', 'shortstr reserved', 'asks'),
  20011: method('channel.open-ok', 'longstr reserved', 'answers'),
  20020: method('channel.flow', 'bits active', 'asks'),
  20021: method('channel.flow-ok', 'bits active', 'answers'),
  20040: method('channel.close', 'short reply code, shortstr reply text, short class, short method', 'asks'),
  20041: method('channel.close-ok', '', 'answers'),
  40010: method('exchange.declare', 'short reserved, shortstr exchange, shortstr type, bits passive|durable|auto delete|internal|no wait, table arguments', 'asks'),
  40011: method('exchange.declare-ok', '', 'answers'),
  40020: method('exchange.delete', 'short reserved, shortstr exchange, bits if unused|no wait', 'asks'),
  40021: method('exchange.delete-ok', '', 'answers'),
  40030: method('exchange.bind', 'short reserved, shortstr destination, shortstr source, shortstr routing key, bits no wait, table arguments', 'asks'),
  40031: method('exchange.bind-ok', '', 'answers'),
  40040: method('exchange.unbind', 'short reserved, shortstr destination, shortstr source, shortstr routing key, bits no wait, table arguments', 'asks'),
  40051: method('exchange.unbind-ok', '', 'answers'),
  50010: method('queue.declare', 'short reserved, shortstr queue, bits passive|durable|exclusive|auto delete|no wait, table arguments', 'asks'),
  50011: method('queue.declare-ok', 'shortstr queue, long message count, long consumer count', 'answers'),
  50020: method('queue.bind', 'short reserved, shortstr queue, shortstr exchange, shortstr routing key, bits no wait, table arguments', 'asks'),
  50021: method('queue.bind-ok', '', 'answers'),
  50030: method('queue.purge', 'short reserved, shortstr queue, bits no wait', 'asks'),
  50031: method('queue.purge-ok', 'long message count', 'answers'),
  50040: method('queue.delete', 'short reserved, shortstr queue, bits if unused|if empty|no wait', 'asks'),
  50041: method('queue.delete-ok', 'long message count', 'answers'),
  50050: method('queue.unbind', 'short reserved, shortstr queue, shortstr exchange, shortstr routing key, table arguments', 'asks'),
  50051: method('queue.unbind-ok', '', 'answers'),
  60010: method('basic.qos', 'long prefetch size, short prefetch count, bits global', 'asks'),
  60011: method('basic.qos-ok', '', 'answers'),
  60020: method('basic.consume', 'short reserved, shortstr queue, shortstr consumer tag, bits no local|no ack|exclusive|no wait, table arguments', 'asks'),
  60021: method('basic.consume-ok', 'shortstr consumer tag', 'answers'),
  60030: method('basic.cancel', 'shortstr consumer tag, bits no wait', 'asks'),
  60031: method('basic.cancel-ok', 'shortstr consumer tag', 'answers'),
  60040: method('basic.publish', 'short reserved, shortstr exchange, shortstr routing key, bits mandatory|immediate'),
  60050: method('basic.return', 'short reply code, shortstr reply text, shortstr exchange, shortstr routing key'),
  60060: method('basic.deliver', 'shortstr consumer tag, longlong delivery tag, bits redelivered, shortstr exchange, shortstr routing key'),
  60070: method('basic.get', 'short reserved, shortstr queue, bits no ack', 'asks'),
  60071: method('basic.get-ok', 'longlong delivery tag, bits redelivered, shortstr exchange, shortstr routing key, long message count', 'answers'),
  60072: method('basic.get-empty', 'shortstr reserved', 'answers'),
  60080: method('basic.ack', 'longlong delivery tag, bits multiple'),
  60090: method('basic.reject', 'longlong delivery tag, bits requeue'),
  60100: method('basic.recover-async', 'bits requeue'),
  60110: method('basic.recover', 'bits requeue', 'asks'),
  60111: method('basic.recover-ok', '', 'answers'),
  60120: method('basic.nack', 'longlong delivery tag, bits multiple|requeue'),
  85010: method('confirm.select', 'bits no wait', 'asks'),
  85011: method('confirm.select-ok', '', 'answers'),
  90010: method('tx.select', '', 'asks'),
  90011: method('tx.select-ok', '', 'answers'),
  90020: method('tx.commit', '', 'asks'),
  90021: method('tx.commit-ok', '', 'answers'),
  90030: method('tx.rollback', '', 'asks'),
  90031: method('tx.rollback-ok', '', 'answers'),
};

/** Properties of a content header, by their bit from the top (reference guide, basic class). */
export const properties: readonly (readonly [name: string, type: string])[] = [
  ['content type', 'shortstr'], ['content encoding', 'shortstr'], ['headers', 'table'], ['delivery mode', 'octet'], ['priority', 'octet'], ['correlation id', 'shortstr'],
  ['reply to', 'shortstr'], ['expiration', 'shortstr'], ['message id', 'shortstr'], ['timestamp', 'longlong'], ['type', 'shortstr'], ['user id', 'shortstr'],
  ['app id', 'shortstr'], ['cluster id', 'shortstr'],
];
