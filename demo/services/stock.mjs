// gRPC: how much of what is in stock. Two of them run, for balancing.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

/** @returns a client of the service, which connects when it is first used */
export function connectStock(address) {
  return new (stockService())(address, grpc.credentials.createInsecure(), { 'grpc.initial_reconnect_backoff_ms': 1000, 'grpc.max_reconnect_backoff_ms': 2000 });
}

function stockService() {
  const file = fileURLToPath(new URL('stock.proto', import.meta.url));
  return grpc.loadPackageDefinition(loader.loadSync(file, { defaults: true })).shop.Stock;
}

export async function startStock(port) {
  const levels = new Map();
  const left = (sku) => levels.get(sku) ?? 40;
  let count = 0;

  const server = new grpc.Server();
  server.addService(stockService().service, {
    Reserve({ request: { sku, n } }, answer) {
      if (n > left(sku)) {
        levels.set(sku, 40);
        answer({ code: grpc.status.RESOURCE_EXHAUSTED, details: `only ${left(sku)} of ${sku} left; ordered more` });
        return;
      }
      levels.set(sku, left(sku) - n);
      answer(null, { id: `R-${port}-${++count}`, left: left(sku) });
    },
    Watch(call) {
      const timer = setInterval(() => call.write({ sku: call.request.sku, left: left(call.request.sku) }), 4000);
      call.on('cancelled', () => clearInterval(timer));
    },
  });
  await new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (fault) => (fault === null ? resolve() : reject(fault)));
  });
  return () => server.forceShutdown();
}
