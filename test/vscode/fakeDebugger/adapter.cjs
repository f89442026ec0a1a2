// A debug adapter that debugs nothing: it answers what the editor needs to hear, and says what a test tells it to by custom requests.
// It speaks the Debug Adapter Protocol over its standard streams, as any adapter does; the debugged "program" is the adapter itself.
'use strict';
const net = require('node:net');

let seq = 0;
let pending = Buffer.alloc(0);
/** where the "program" stands */
let frame = { path: '', line: 0 };
let launched = {};
const sockets = [];

process.stdin.on('data', (data) => {
  pending = Buffer.concat([pending, data]);
  for (;;) {
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(pending.subarray(0, end).toString())[1]);
    if (pending.length < end + 4 + length) return;
    const message = JSON.parse(pending.subarray(end + 4, end + 4 + length).toString());
    pending = pending.subarray(end + 4 + length);
    if (message.type === 'request') hear(message);
  }
});
process.stdin.on('end', () => process.exit());

function hear(request) {
  const { command, arguments: args = {} } = request;
  switch (command) {
    case 'initialize':
      answer(request, { supportsConfigurationDoneRequest: true, supportsRestartRequest: true });
      event('initialized');
      return;
    case 'launch':
      launched = args;
      event('process', { name: 'adapter.cjs', systemProcessId: process.pid });
      // A program that needs its port from its first moment on.
      if (args.needsPort === undefined) answer(request);
      else net.connect(args.needsPort, '127.0.0.1', () => answer(request)).on('error', (fault) => answer(request, {}, fault.message)).on('connect', function () { this.destroy(); });
      return;
    case 'threads':
      answer(request, { threads: [{ id: 1, name: 'main' }] });
      return;
    case 'stackTrace':
      answer(request, { stackFrames: [{ id: 1, name: 'handle', line: frame.line, column: 1, source: { name: 'server.js', path: frame.path } }], totalFrames: 1 });
      return;
    case 'continue':
      answer(request, { allThreadsContinued: true });
      return;
    case 'disconnect':
    case 'terminate':
      answer(request);
      event('terminated');
      return;
    // What tests ask for.
    case 'test/stop':
      frame = args;
      answer(request);
      event('stopped', { reason: 'breakpoint', threadId: 1, allThreadsStopped: true });
      return;
    case 'test/launched':
      answer(request, launched);
      return;
    case 'test/say': {
      const socket = net.connect(args.port, '127.0.0.1', () => socket.write(args.text));
      sockets.push(socket);
      socket.once('data', (data) => answer(request, { heard: data.toString() }));
      socket.on('error', () => socket.destroy());
      return;
    }
    default:
      answer(request);
  }
}

function answer(request, body = {}, fault = undefined) {
  send({ type: 'response', request_seq: request.seq, command: request.command, success: fault === undefined, message: fault, body });
}

function event(name, body = {}) {
  send({ type: 'event', event: name, body });
}

function send(message) {
  const text = JSON.stringify({ seq: ++seq, ...message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
