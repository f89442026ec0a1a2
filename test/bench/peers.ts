// The proxies that are compared: how each is started for the same job, "look at the first bytes, forward to this upstream".
// One thread each (HAProxy `nbthread 1`, nginx one process), everything else as it comes out of the box.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, outputOf, startProgram, temporaryFolder, waitUntilReady, type Program } from './processes.js';

/** A proxy that forwards, or nothing at all (direct). */
export interface RunningProxy {
  port: number;
  /** process that does the work; absent for the direct connection and for proxies that fork per connection */
  pid?: number;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  upstreamPort: number;
  /** connections to be ready for; each needs two file descriptors */
  maxConnections: number;
}

export interface ProxyKind {
  name: string;
  version: string;
  /** built on select(2), or a process per connection: left out of the rows with thousands of flows */
  holdsManyFlows: boolean;
  start(options: ProxyOptions): Promise<RunningProxy>;
}

export const ourName = 'port-prism';
export const oursWithoutCapture = 'port-prism, capture off';
/** the same with an inspector that is open and filters: what looking costs the traffic */
export const oursWatched = 'with an inspector';
const oursOnCommandLine = 'run --json';

/** @returns all proxies installed here, ours first, the direct connection last */
export function findProxies(root: string): ProxyKind[] {
  return [prism(root, ourName), prism(root, oursWithoutCapture), prism(root, oursWatched), prism(root, oursOnCommandLine), haproxy(), nginx(), sslh(), socat(), direct()].filter((kind) => kind !== undefined);
}

/** Ours as the editor runs it (engine and lens in workers), the same with capture off, or the command line that tells of every connection. */
function prism(root: string, name: string): ProxyKind | undefined {
  const cli = join(root, 'dist/cli.js');
  const editor = join(root, 'dist/bench/editorEngine.js');
  if (!existsSync(cli) || !existsSync(editor)) return undefined;
  return {
    name,
    version: `Node ${process.version}`,
    holdsManyFlows: true,
    async start({ upstreamPort }) {
      const port = await freePort();
      const target = `127.0.0.1:${upstreamPort}`;
      const rules = {
        listeners: [{
          name: 'bench',
          listen: `127.0.0.1:${port}`,
          routes: [
            { name: 'ssh', match: { protocol: 'ssh' }, to: target },
            { name: 'tls', match: { protocol: 'tls' }, to: target },
            { name: 'redis', match: { protocol: 'redis' }, to: target },
            { name: 'http', match: { protocol: 'http1' }, to: target },
          ],
          default: target,
        }],
      };
      const file = writeConfig('port-prism.json', JSON.stringify(rules, null, 2));
      const words = name === oursOnCommandLine ? [cli, 'run', file, '--json'] : [editor, file, name === oursWithoutCapture ? '0' : '256', name === oursWatched ? 'watched' : 'alone'];
      return started(name, port, startProgram(process.execPath, words, root));
    },
  };
}

function haproxy(): ProxyKind | undefined {
  const version = /version (\S+)/.exec(outputOf('haproxy', ['-v']) ?? '')?.[1];
  if (version === undefined) return undefined;
  return {
    name: 'haproxy',
    version,
    holdsManyFlows: true,
    async start({ upstreamPort, maxConnections }) {
      const port = await freePort();
      const file = writeConfig('haproxy.cfg', `
global
  nbthread 1
  maxconn ${maxConnections}
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend in
  bind 127.0.0.1:${port}
  maxconn ${maxConnections}
  tcp-request inspect-delay 300ms
  acl is_ssh req.payload(0,3) -m bin 535348
  acl is_tls req.ssl_hello_type 1
  acl is_redis req.payload(0,1) -m bin 2a
  acl is_http req.payload(0,3) -m bin 474554 505554 504f53 484541 4f5054 44454c
  tcp-request content accept if is_ssh
  tcp-request content accept if is_tls
  tcp-request content accept if is_redis
  tcp-request content accept if is_http
  use_backend ssh if is_ssh
  use_backend tls if is_tls
  use_backend redis if is_redis
  use_backend http if is_http
  default_backend http
${['ssh', 'tls', 'redis', 'http'].map((name) => `backend ${name}\n  server one 127.0.0.1:${upstreamPort}\n`).join('')}`);
      return started('haproxy', port, startProgram('haproxy', ['-db', '-f', file], '/'));
    },
  };
}

function nginx(): ProxyKind | undefined {
  const facts = outputOf('nginx', ['-V']);
  const version = /nginx\/(\S+)/.exec(facts ?? '')?.[1];
  const loading = nginxStreamModule(facts ?? '');
  if (version === undefined || loading === undefined) return undefined;
  return {
    name: 'nginx',
    version,
    holdsManyFlows: true,
    async start({ upstreamPort, maxConnections }) {
      const port = await freePort();
      // ssl_preread makes nginx wait for the first bytes and look at them, which is all it can do in a stream.
      return startNginx(port, loading, maxConnections * 2 + 64, `
stream {
  map $ssl_preread_protocol $to { "" 127.0.0.1:${upstreamPort}; default 127.0.0.1:${upstreamPort}; }
  server { listen 127.0.0.1:${port} backlog=4096; ssl_preread on; preread_timeout 3s; tcp_nodelay on; proxy_timeout 1h; proxy_pass $to; }
}`);
    },
  };
}

/** @returns the line that loads the stream module, '' when it is built in, undefined when there is none */
function nginxStreamModule(facts: string): string | undefined {
  if (/--with-stream(\s|$)/.test(facts)) return '';
  const folder = /--modules-path=(\S+)/.exec(facts)?.[1] ?? '/usr/lib/nginx/modules';
  const file = join(folder, 'ngx_stream_module.so');
  return existsSync(file) ? `load_module ${file};` : undefined;
}

/** nginx in one foreground process, with a folder of its own. */
async function startNginx(port: number, loading: string, workerConnections: number, body: string): Promise<RunningProxy> {
  const folder = temporaryFolder();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, `${loading}
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections ${workerConnections}; }
${body}
`);
  return started('nginx', port, startProgram('nginx', ['-p', folder, '-e', 'stderr', '-c', file], folder));
}

/** A web server with a tiny body, fast enough not to be what is measured. */
export async function startTinyWeb(): Promise<RunningProxy | undefined> {
  const facts = outputOf('nginx', ['-V']);
  if (facts === undefined) return undefined;
  const port = await freePort();
  // 1,000 requests is nginx's default limit for one kept connection; a bench must not measure reconnects.
  return startNginx(port, '', 2048, `
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:${port} backlog=4096; location / { default_type text/plain; return 200 "hello, prism\\n"; } }
}`);
}

function sslh(): ProxyKind | undefined {
  const version = /sslh(?:-\w+)? (v?\d\S*)/.exec(outputOf('sslh-select', ['-V']) ?? '')?.[1];
  if (version === undefined) return undefined;
  return {
    name: 'sslh',
    version: `${version} (select)`,
    holdsManyFlows: false,
    async start({ upstreamPort }) {
      const port = await freePort();
      const target = `127.0.0.1:${upstreamPort}`;
      const args = ['-f', '-n', '-p', `127.0.0.1:${port}`, '--ssh', target, '--tls', target, '--http', target, '--anyprot', target];
      return started('sslh', port, startProgram('sslh-select', args, '/'));
    },
  };
}

function socat(): ProxyKind | undefined {
  const version = /socat version (\S+)/.exec(outputOf('socat', ['-V']) ?? '')?.[1];
  if (version === undefined) return undefined;
  return {
    name: 'socat',
    version,
    holdsManyFlows: false,
    async start({ upstreamPort }) {
      const port = await freePort();
      const args = ['-b', '262144', `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,backlog=1024,nodelay`, `TCP:127.0.0.1:${upstreamPort},nodelay`];
      const running = await started('socat', port, startProgram('socat', args, '/'));
      // A child per connection does the work, so the parent's CPU time says nothing.
      return { port: running.port, stop: running.stop };
    },
  };
}

function direct(): ProxyKind {
  return {
    name: 'direct',
    version: '',
    holdsManyFlows: true,
    start: ({ upstreamPort }) => Promise.resolve({ port: upstreamPort, stop: () => Promise.resolve() }),
  };
}

async function started(name: string, port: number, program: Program): Promise<RunningProxy> {
  try {
    await waitUntilReady(port, program, name);
  } catch (fault) {
    await program.stop();
    throw fault;
  }
  return { port, pid: program.pid, stop: () => program.stop() };
}

function writeConfig(name: string, text: string): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}
