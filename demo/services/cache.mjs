// Redis, when `redis-server` is installed: carts and sessions.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { wait } from '../pace.mjs';

/** @returns a function that stops it, or undefined when it is not installed */
export async function startCache(port) {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  let fault;
  let hasExited = false;
  server.once('error', (error) => (fault = error));
  server.once('exit', () => (hasExited = true));
  while (!(await accepts(port))) {
    if (fault?.code === 'ENOENT') return undefined;
    if (fault !== undefined) throw fault;
    if (hasExited) throw new Error(`redis-server ended; is port ${port} in use?`);
    await wait(100);
  }
  return () => server.kill();
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
