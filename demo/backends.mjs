// What the shop uses: database, stock, cache, events, payments. All of it at one address, `prism`; the rules sort it out.
import https from 'node:https';
import mqtt from 'mqtt';
import pg from 'pg';
import { createClient } from 'redis';
import { prism } from './ports.mjs';
import { connectStock } from './services/stock.mjs';
import { secret } from './services/payments.mjs';

const address = `${prism.host}:${prism.port}`;

// Idle connections end, so that the list of connections has a past as well as a present.
export const database = new pg.Pool({ host: prism.host, port: prism.port, user: 'postgres', database: 'postgres', application_name: 'shop', max: 2, idleTimeoutMillis: 20_000 });
// The port was stopped: the next query connects anew.
database.on('error', () => {});

const stock = connectStock(address);

/** @returns the reply, or rejects with gRPC's status */
export function reserve(sku, n) {
  return new Promise((resolve, reject) => {
    stock.Reserve({ sku, n }, { deadline: Date.now() + 3000 }, (fault, reply) => (fault === null ? resolve(reply) : reject(fault)));
  });
}

export const events = mqtt.connect(`mqtt://${address}`, { clientId: 'shop', reconnectPeriod: 1500, connectTimeout: 5000 });
events.on('error', () => {});

let cacheClient;

/** @returns a connected Redis client, or undefined when there is no Redis behind the port */
export async function cache() {
  if (cacheClient?.isReady) return cacheClient;
  if (cacheClient !== undefined) return undefined;
  cacheClient = createClient({ url: `redis://${address}`, socket: { reconnectStrategy: () => 3000, connectTimeout: 3000 }, disableOfflineQueue: true });
  cacheClient.on('error', () => {});
  // Connects in the background: a shop without its cache is slower, not closed.
  cacheClient.connect().catch(() => {});
  return undefined;
}

/** Charges a card, over a TLS connection of its own. */
export function pay(order, total) {
  const { key, ...shared } = secret;
  return new Promise((resolve, reject) => {
    const request = https.request({
      ...shared, host: prism.host, port: prism.port, servername: 'payments.shop.test', ALPNProtocols: ['http/1.1'],
      pskCallback: () => ({ psk: key, identity: 'shop' }),
      // The shared secret proves who answers; there is no certificate to check a name against.
      checkServerIdentity: () => undefined,
      method: 'POST', path: '/v1/charges', agent: false, timeout: 5000,
      headers: { 'content-type': 'application/json', connection: 'close' },
    }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('payments did not answer')));
    request.end(JSON.stringify({ order, total, currency: 'EUR' }));
  });
}
