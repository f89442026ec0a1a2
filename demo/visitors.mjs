// Who comes to the shop: customers with browsers, someone on the live page, a machine that reports its state, and an operator.
import http from 'node:http';
import { WebSocket } from 'ws';
import mqtt from 'mqtt';
import ssh2 from 'ssh2';
import { around, keepDoing, pick, wait, whenOpen } from './pace.mjs';
import { prism } from './ports.mjs';
import { account } from './services/gate.mjs';
import { connectStock } from './services/stock.mjs';

const stock = connectStock(`${prism.host}:${prism.port}`);
const customers = ['ada', 'grace', 'edsger', 'barbara', 'donald'];
const articles = ['A-11', 'B-07', 'C-20'];

/** One browser: keeps its connection for a visit, as browsers do. */
async function visit() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const customer = pick(customers);
  try {
    await request(agent, 'GET', '/');
    await request(agent, 'GET', '/v1/products');
    for (let page = 0; page < 3; page++) {
      await wait(around(900));
      const placed = await request(agent, 'POST', '/v1/orders', { customer, sku: Math.random() < 0.06 ? 'Z-99' : pick(articles) });
      await wait(around(700));
      await request(agent, 'GET', `/v1/orders/${placed?.id ?? 8800}`);
    }
    await request(agent, 'GET', pick(['/picture.bin', '/v1/report', '/favicon.ico', '/v1/orders/1']));
  } finally {
    agent.destroy();
  }
}

function request(agent, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { host: `shop.localhost:${prism.port}`, 'user-agent': 'demo-browser/1.0', accept: 'application/json, text/html' };
    if (text !== undefined) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    const sent = http.request({ ...prism, method, path, agent, headers, timeout: 8000 }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (data) => (answer += data));
      response.on('end', () => resolve(/json/.test(response.headers['content-type'] ?? '') && response.statusCode < 300 ? JSON.parse(answer) : undefined));
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${path} was not answered`)));
    sent.end(text);
  });
}

/** Someone on the live page, adding to a cart. */
function watchLive() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${prism.host}:${prism.port}/live`, { headers: { host: `shop.localhost:${prism.port}` }, handshakeTimeout: 5000 });
    const timer = setInterval(() => {
      // On a busy machine the handshake may take longer than the first tick.
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'cart.add', customer: pick(customers), sku: pick(articles) }));
    }, 2500);
    const leave = setTimeout(() => socket.close(1000, 'seen enough'), around(40_000));
    socket.once('open', () => socket.ping());
    socket.once('error', reject);
    socket.once('close', resolve);
    const end = () => {
      clearInterval(timer);
      clearTimeout(leave);
    };
    socket.once('error', end);
    socket.once('close', end);
  });
}

/** The storehouse: publishes temperatures. */
function reportClimate() {
  const client = mqtt.connect(`mqtt://${prism.host}:${prism.port}`, { clientId: 'storehouse', reconnectPeriod: 2000 });
  client.on('error', () => {});
  setInterval(() => {
    if (client.connected) client.publish('storehouse/climate', JSON.stringify({ celsius: Number((18 + Math.random() * 3).toFixed(1)), humidity: 45 }), { qos: pick([0, 1]) });
  }, 4000);
}

/** A clerk watches one article's level for a while. */
function watchStock() {
  return new Promise((resolve, reject) => {
    const call = stock.Watch({ sku: pick(articles) });
    const leave = setTimeout(() => call.cancel(), around(25_000));
    call.on('data', () => {});
    call.once('error', (fault) => {
      clearTimeout(leave);
      // 1 is gRPC's CANCELLED: the clerk had seen enough.
      if (fault.code === 1) resolve();
      else reject(fault);
    });
  });
}

function runOnMachine() {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('error', reject);
    client.once('close', resolve);
    client.once('ready', () => {
      client.exec(pick(['uptime', 'df -h /', 'htop']), (fault, stream) => {
        if (fault !== undefined) return reject(fault);
        stream.resume();
        stream.stderr.resume();
        stream.once('close', () => client.end());
      });
    });
    client.connect({ ...prism, ...account, readyTimeout: 8000, hostVerifier: () => true });
  });
}

process.send?.('ready');
console.log(`clients wait for the listener on ${prism.port} ...`);
await whenOpen(prism);
console.log('clients are at work');
reportClimate();
void keepDoing('customer', 1500, visit);
void keepDoing('another customer', 4000, visit);
void keepDoing('live page', 3000, watchLive);
void keepDoing('stock watch', 5000, watchStock);
void keepDoing('operator', 20_000, runOnMachine);
