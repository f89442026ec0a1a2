// PostgreSQL, compiled to WebAssembly: the shop's orders.
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

export async function startOrders(port) {
  const db = await PGlite.create();
  await db.exec(`
    CREATE TABLE orders (
      id integer PRIMARY KEY,
      customer text NOT NULL,
      sku text NOT NULL,
      total numeric(10, 2) NOT NULL,
      placed timestamptz DEFAULT now()
    );
    INSERT INTO orders (id, customer, sku, total) VALUES (8800, 'ada', 'A-11', 199.00), (8801, 'grace', 'C-20', 12.50);
  `);
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 20 });
  await server.start();
  return async () => {
    await server.stop();
    await db.close();
  };
}
