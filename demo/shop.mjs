// The program one would be debugging: a small order shop. Set a breakpoint in `placeOrder` and watch what is on the wire.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { cache, database, events, pay, reserve } from './backends.mjs';
import { around, wait } from './pace.mjs';
import { ports } from './ports.mjs';

const catalogue = [
  { sku: 'A-11', name: 'Prism, equilateral', price: 199 },
  { sku: 'B-07', name: 'Lens, 50 mm', price: 64.5 },
  { sku: 'C-20', name: 'Mirror, 20 mm', price: 12.5 },
];
let lastOrder = 8811;

async function placeOrder(customer, sku) {
  const item = catalogue.find((entry) => entry.sku === sku);
  if (item === undefined) return { status: 422, body: { error: `no such article: ${sku}` } };
  const reservation = await reserve(sku, 1 + Math.floor(Math.random() * 3));
  // Now and then two tills give out the same number: the database refuses, and the customer hears "conflict".
  const id = Math.random() < 0.07 ? lastOrder : ++lastOrder;
  await database.query('INSERT INTO orders (id, customer, sku, total) VALUES ($1, $2, $3, $4)', [id, customer, sku, item.price]);
  const charged = await pay(id, item.price);
  const carts = await cache();
  await carts?.multi().hSet(`order:${id}`, { customer, sku, total: String(item.price) }).expire(`order:${id}`, 600).del(`cart:${customer}`).exec();
  await carts?.xAdd('orders', '*', { id: String(id), total: String(item.price) }, { TRIM: { strategy: 'MAXLEN', threshold: 100 } });
  events.publish('orders/created', JSON.stringify({ id, customer, sku, total: item.price }), { qos: 1 });
  return { status: 201, body: { id, reservation: reservation.id, charged } };
}

async function findOrder(id) {
  const carts = await cache();
  const cached = await carts?.hGetAll(`order:${id}`);
  if (cached?.customer !== undefined) return { status: 200, body: { id, ...cached, from: 'cache' } };
  const { rows } = await database.query('SELECT * FROM orders WHERE id = $1', [id]);
  return rows.length === 0 ? { status: 404, body: { error: `no order ${id}` } } : { status: 200, body: { ...rows[0], from: 'database' } };
}

async function answer(request, text) {
  const { pathname } = new URL(request.url, 'http://shop.localhost');
  if (request.method === 'POST' && pathname === '/v1/orders') {
    const { customer, sku } = JSON.parse(text);
    return placeOrder(customer, sku);
  }
  const order = /^\/v1\/orders\/(\d+)$/.exec(pathname);
  if (order !== null) return findOrder(Number(order[1]));
  if (pathname === '/v1/products') return { status: 200, body: catalogue };
  if (pathname === '/v1/report') {
    await wait(around(700));
    const { rows } = await database.query('SELECT sku, count(*)::int AS sold, sum(total) AS total FROM orders GROUP BY sku ORDER BY sku');
    return { status: 200, body: rows };
  }
  if (pathname === '/picture.bin') return { status: 200, type: 'application/octet-stream', body: Buffer.alloc(60_000, 'prism ') };
  if (pathname === '/') return { status: 200, type: 'text/html', body: '<!doctype html><title>Shop</title><h1>Prisms, lenses, mirrors</h1><p>This page came through Port Prism.</p>' };
  return { status: 404, body: { error: `nothing at ${pathname}` } };
}

function statusOf(fault) {
  // 23505 is PostgreSQL's unique_violation; 8 is gRPC's RESOURCE_EXHAUSTED.
  if (fault.code === '23505') return 409;
  return fault.code === 8 ? 503 : 502;
}

const server = createServer(async (request, response) => {
  let text = '';
  request.setEncoding('utf8');
  for await (const data of request) text += data;
  let reply;
  try {
    reply = await answer(request, text);
  } catch (fault) {
    reply = { status: fault instanceof SyntaxError ? 400 : statusOf(fault), body: { error: fault.message } };
  }
  const isPlain = reply.type !== undefined;
  response.writeHead(reply.status, { 'content-type': reply.type ?? 'application/json', server: 'shop' });
  response.end(isPlain ? reply.body : JSON.stringify(reply.body));
});

const live = new WebSocketServer({ server, path: '/live' });
live.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', async (data) => {
    const { type, customer, sku } = JSON.parse(String(data));
    const carts = await cache();
    if (type === 'cart.add') await carts?.rPush(`cart:${customer}`, sku);
    const size = (await carts?.lLen(`cart:${customer}`)) ?? 1;
    socket.send(JSON.stringify({ type: 'cart', customer, size }));
  });
});
events.subscribe('orders/#', { qos: 1 });
events.on('message', (topic, payload) => {
  for (const socket of live.clients) socket.send(JSON.stringify({ type: topic, order: JSON.parse(String(payload)).id }));
});
// A cart that could not be updated (the port was stopped just then) is not the end of the shop.
process.on('unhandledRejection', (fault) => console.log(`shop: ${fault instanceof Error ? fault.message : fault}`));

server.listen(ports.web, '127.0.0.1', () => {
  console.log(`HTTP and WebSocket on ${ports.web}`);
  process.send?.('ready');
});
