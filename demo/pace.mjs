// Time in the demo: waiting, trying again, and a shop that is busier at some moments than at others.
import { connect } from 'node:net';

export function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** @returns a delay around `ms`: customers do not tick */
export function around(ms) {
  return ms * (0.5 + Math.random());
}

export function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

/**
 * Does `work` for ever, `everyMs` apart on average. A failure (the port is stopped, a rule leads elsewhere) is said once, and
 * tried again until it works.
 */
export async function keepDoing(name, everyMs, work) {
  let isFailing = false;
  for (;;) {
    try {
      await work();
      if (isFailing) console.log(`${name}: works again`);
      isFailing = false;
    } catch (fault) {
      if (!isFailing) console.log(`${name}: ${fault instanceof Error ? fault.message || fault.constructor.name : fault}; trying again`);
      isFailing = true;
      await wait(1000);
    }
    await wait(around(everyMs));
  }
}

/** Waits until somebody listens at an address, which is when the listener is started in the editor. */
export async function whenOpen(address) {
  while (!(await isOpen(address))) await wait(700);
}

function isOpen(address) {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
