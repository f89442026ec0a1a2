// Starts the whole demo: services behind the port, the shop, and its visitors. `npm start` calls it; by hand: node demo/run.mjs
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * @param base port of the listener; services stand on the ports after it
 * @param say hears what the programs print, line by line
 * @returns once all are ready; `stop()` ends them
 */
export async function startDemo({ base, say = console.log }) {
  const children = [];
  const stop = async () => {
    await Promise.all(children.map((child) => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      return ended;
    }));
  };
  try {
    for (const program of ['services', 'shop', 'visitors', 'mailer']) await startProgram(program);
  } catch (fault) {
    await stop();
    throw fault;
  }
  process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
  return { stop };

  function startProgram(program) {
    const child = fork(fileURLToPath(new URL(`${program}.mjs`, import.meta.url)), [], {
      env: { ...process.env, ...(base === undefined ? {} : { PORT_PRISM_DEMO_PORT: String(base) }) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    const heard = [];
    const hear = (data) => {
      for (const line of String(data).trimEnd().split('\n')) {
        heard.push(line);
        if (heard.length > 20) heard.shift();
        say(`  ${line}`);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    return new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`demo/${program}.mjs ended with ${code}:\n${heard.join('\n')}`)));
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const demo = await startDemo({});
  console.log('The demo runs. Start the listener in VS Code ("Port Prism: Start All Listeners"). Ctrl+C ends it.');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void demo.stop().then(() => process.exit(0)));
}
