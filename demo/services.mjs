// Everything that stands behind the port, except the shop itself: gRPC, PostgreSQL, MQTT, Redis, SSH, TLS and SMTP servers.
import { ports } from './ports.mjs';
import { startCache } from './services/cache.mjs';
import { startEvents } from './services/events.mjs';
import { startGate } from './services/gate.mjs';
import { startMail } from './services/mail.mjs';
import { startOrders } from './services/orders.mjs';
import { startPayments } from './services/payments.mjs';
import { startStock } from './services/stock.mjs';

const started = [
  ['gRPC', ports.stockA, await startStock(ports.stockA)],
  ['gRPC', ports.stockB, await startStock(ports.stockB)],
  ['PostgreSQL', ports.orders, await startOrders(ports.orders)],
  ['MQTT', ports.events, await startEvents(ports.events)],
  ['Redis', ports.cache, await startCache(ports.cache)],
  ['SSH', ports.gate, await startGate(ports.gate)],
  ['TLS', ports.payments, await startPayments(ports.payments)],
  ['SMTP', ports.mail, await startMail(ports.mail)],
];
for (const [name, port, stop] of started) {
  console.log(stop === undefined ? `${name}: redis-server is not installed, so the shop does without a cache` : `${name} on ${port}`);
}
process.send?.('ready');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const [, , stop] of started) void stop?.();
    process.exit(0);
  });
}
