// Child processes with one owner: whatever a script starts here is ended with it, its grandchildren too.
import { spawn } from 'node:child_process';

const running = new Set();
const isWindows = process.platform === 'win32';

// How long a process may take to end politely before it is killed, in milliseconds.
const politeMs = 4000;

/**
 * Starts a program in a process group of its own, so that stopping it reaches what it started in turn.
 *
 * @param options as for `spawn`; `stdio` defaults to pipes for both outputs
 * @returns the child, with `stop()` (polite, then firm) and `ended` (resolves to the exit code, or the signal's name)
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows, ...options });
  const owned = {
    child,
    pid: child.pid,
    ended: new Promise((resolve) => {
      child.once('error', (fault) => resolve(fault.message));
      child.once('exit', (code, signal) => resolve(code ?? signal));
    }),
    async stop(signal = 'SIGTERM') {
      if (!running.has(owned)) return;
      signalGroup(child, signal);
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), politeMs);
      await owned.ended;
      clearTimeout(timer);
      // The leader is gone; members of its group that ignored the polite signal go too.
      signalGroup(child, 'SIGKILL');
    },
  };
  running.add(owned);
  void owned.ended.then(() => running.delete(owned));
  return owned;
}

/**
 * Runs a program to its end, its output shown.
 *
 * @returns exit code; 1 when it was ended by a signal or could not be started
 */
export async function run(command, args, options = {}) {
  const owned = start(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  const outcome = await owned.ended;
  if (typeof outcome === 'number') return outcome;
  console.error(`${command} ended by ${outcome}`);
  return 1;
}

/** Runs npm with the Node that runs this script. */
export function npm(args, options = {}) {
  // npm is a .cmd file on Windows, which only a shell can start.
  return run(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, ...options });
}

/** Ends everything that was started here and still runs. */
export async function stopAll() {
  await Promise.all([...running].map((owned) => owned.stop()));
}

/**
 * Calls `finish` once on Ctrl+C, SIGTERM or SIGHUP, ends what runs, and exits with the code a shell expects.
 */
export function endOnSignal(finish = async () => {}) {
  let isEnding = false;
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.on(signal, () => {
      if (isEnding) return;
      isEnding = true;
      void finish()
        .catch((fault) => console.error(fault))
        .then(stopAll)
        .finally(() => process.exit(code));
    });
  }
  // npm passes no SIGTERM on: when the program that started us is gone, nobody is left to press Ctrl+C.
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 1000).unref();
}

process.on('exit', () => {
  for (const { child } of running) signalGroup(child, 'SIGKILL');
});

function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Gone already: that is what was asked for.
  }
}
