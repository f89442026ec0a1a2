// A million messages for the inspector: requests of a Redis client with the answers of a cache of ours, sent through a listener as fast as it takes them.
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface Cache {
  port: number;
  close(): void;
}

/** Messages of `sendMany`: requests and answers. */
export const messageCount = 1_000_000;
export const requestCount = messageCount / 2;
/** One of so many requests deletes; one of so many answers, in the order they are given, is an error. */
export const deleteEvery = 10_000;
export const failEvery = 1000;

// Requests have one length, so that the cache can count them without reading them.
const requestBytes = request(0).length;
/** Requests that are under way at a time, per connection. */
const batch = 400;
const connections = 4;

/** @param number 0 to 499,999 */
function request(number: number): string {
  const command = number % deleteEvery === deleteEvery - 1 ? 'DEL' : 'GET';
  return `*2\r\n$3\r\n${command}\r\n$12\r\norder:${String(number).padStart(6, '0')}\r\n`;
}

export function keyOf(number: number): string {
  return `order:${String(number).padStart(6, '0')}`;
}

const value = '$4\r\npaid\r\n';
const failure = '-ERR the shelf is empty\r\n';

/** A cache that answers whatever it is asked. */
export async function startCache(): Promise<Cache> {
  let all = 0;
  const server = net.createServer((socket) => {
    let heard = 0;
    let answered = 0;
    socket.on('error', () => undefined).on('data', (said) => {
      heard += said.length;
      let answer = '';
      for (; (answered + 1) * requestBytes <= heard; answered++) answer += ++all % failEvery === 0 ? failure : value;
      socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/**
 * Sends all requests over four connections: number 0 first, the last one after all others.
 *
 * @returns the open connections; the caller ends them
 */
export async function sendMany(port: number): Promise<net.Socket[]> {
  const clients = await Promise.all(Array.from({ length: connections }, () => connected(port)));
  const [first] = clients;
  if (first === undefined) return clients;
  const last = requestCount - 1;
  await say(first, [0]);
  let next = 1;
  await Promise.all(clients.map(async (client) => {
    while (next < last) {
      const start = next;
      next = Math.min(last, next + batch);
      await say(client, Array.from({ length: next - start }, (_, at) => start + at));
    }
  }));
  await say(first, [last]);
  return clients;
}

async function connected(port: number): Promise<net.Socket> {
  const client = net.connect(port, '127.0.0.1');
  await once(client, 'connect');
  return client;
}

/** Says requests, and waits for as many answers. Every answer has one line end, a value's has two. */
function say(client: net.Socket, numbers: readonly number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let awaited = numbers.length;
    const hear = (said: Buffer): void => {
      for (const byte of said) if (byte === 0x24 || byte === 0x2d) awaited--;
      if (0 < awaited) return;
      // The end of the last answer may still be on its way: it has come when its line has ended.
      if (said.at(-1) !== 0x0a || said.at(-2) !== 0x0d || /\$4\r\n$/.test(said.subarray(-4).toString('latin1'))) return;
      client.off('data', hear).off('error', reject);
      resolve();
    };
    client.on('data', hear).once('error', reject).write(numbers.map(request).join(''));
  });
}
