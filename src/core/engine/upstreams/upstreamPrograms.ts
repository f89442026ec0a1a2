// Which program stands behind an upstream of this machine, for display: looked up seldom, and shared by the flows that go there.

import { isLoopbackHost } from '../../../shared/address.js';
import type { ProcessFacts } from '../../../shared/flow.js';
import type { Address } from '../../../shared/rules.js';
import type { ProcessLookup } from '../context.js';
import { plainEndpoint, type Wire } from '../wire.js';
import type { Upstream } from './pool.js';

/** What a look said counts this long, in milliseconds; a server that restarts meanwhile has another id, and its old one is gone. */
const freshMs = 2000;

/** Flows that wait for the same look; beyond, new ones go without. */
const maxWaiting = 500;

interface Known {
  /** null = nobody was found */
  process: ProcessFacts | null;
  askedAt: number;
  /** undefined = no look is under way */
  waiting: ((process: ProcessFacts) => void)[] | undefined;
}

export class UpstreamPrograms {
  private readonly known = new WeakMap<Upstream, Known>();

  constructor(private readonly processes: ProcessLookup, private readonly now: () => number = () => performance.now()) {}

  /**
   * @param wire connected to the upstream
   * @param found is told later, or never, when the program is not known yet
   * @returns the program, when it was found lately and still lives
   */
  find(upstream: Upstream, wire: Wire, found: (process: ProcessFacts) => void): ProcessFacts | undefined {
    const known = this.known.get(upstream) ?? { process: null, askedAt: Number.NEGATIVE_INFINITY, waiting: undefined };
    if (known.waiting === undefined && this.now() - known.askedAt < freshMs && (known.process === null || isAlive(known.process.pid))) return known.process ?? undefined;
    this.known.set(upstream, known);
    if (known.waiting !== undefined) {
      if (known.waiting.length < maxWaiting) known.waiting.push(found);
      return undefined;
    }
    const address = localAddress(upstream, wire);
    if (address === undefined) return undefined;
    known.waiting = [found];
    this.processes.laterListening(address, (process) => {
      const { waiting } = known;
      known.waiting = undefined;
      known.process = process;
      known.askedAt = this.now();
      if (process !== null) for (const tell of waiting ?? []) tell(process);
    });
    return undefined;
  }
}

/** @returns where the wire leads, when that is on this machine: its own end has the same address then, whichever interface it is */
export function localAddress(upstream: Upstream, wire: Wire): Address | undefined {
  if (upstream.address.kind === 'path') return upstream.address;
  const [remote, local] = [plainEndpoint(wire.remote()), plainEndpoint(wire.local())];
  if (!('host' in remote)) return undefined;
  const isHere = isLoopbackHost(remote.host) || ('host' in local && local.host === remote.host);
  return isHere ? { kind: 'tcp', ...remote } : undefined;
}

/** Signal 0 is sent to nobody, and says whether there is anybody (kill(2)). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}
