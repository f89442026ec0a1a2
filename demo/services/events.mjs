// MQTT: what happens in the shop, for whoever listens.
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

export async function startEvents(port) {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => {
    broker.close();
    server.close();
  };
}
