// `npm run bench`: measures this build against the proxies found here and prints one table, ratios within the run.
// Arguments: names of row groups (all without one), --rounds N, --seconds N, --vectors FILE, --save.

import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { activation } from './activation.js';
import { bulk } from './bulk.js';
import { captureFile } from './captureFile.js';
import { classification } from './classify.js';
import { decide } from './decide.js';
import { decode } from './decode.js';
import { formatTable, type Line } from './figures.js';
import { idle } from './idle.js';
import { inspector } from './inspector.js';
import { ledger } from './ledger.js';
import { findProxies, ourName, oursWithoutCapture, type ProxyKind } from './peers.js';
import { cleanUp, startGuard } from './processes.js';
import type { BenchContext } from './rounds.js';
import { views } from './views.js';
import { connectionChurn, http } from './web.js';

const groups: Record<string, (context: BenchContext) => Promise<Line[]>> = { bulk, http, connections: connectionChurn, idle, decide, classify: classification, decode, ledger, views, inspector, captureFile, activation };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    peers: { type: 'string' },
    vectors: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});

process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
// scripts/bench.mjs holds the other end; when it is gone nobody waits for the table.
process.on('disconnect', () => process.exit(130));
process.channel?.unref();

await main().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : String(fault));
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => groups[name] === undefined);
  if (0 < unknown.length) {
    console.error(`no row group "${unknown.join('", "')}"; there are: ${Object.keys(groups).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const folder = dirname(fileURLToPath(import.meta.url));
  const root = join(folder, '../..');
  startGuard(join(folder, 'guard.mjs'));
  const proxies = chosen(findProxies(root), values.peers);
  const context: BenchContext = {
    root,
    loadScript: join(folder, 'load.mjs'),
    proxies,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    vectors: values.vectors,
    say: (text) => console.error(text),
  };
  const lines: Line[] = [];
  for (const name of 0 < positionals.length ? positionals : Object.keys(groups)) {
    try {
      lines.push(...((await groups[name]?.(context)) ?? []));
    } catch (fault) {
      // What the other groups found is worth keeping; the line and the exit code say that this one is missing.
      lines.push({ row: name, unit: '', note: `failed: ${fault instanceof Error ? fault.message : String(fault)}` });
      process.exitCode = 1;
    }
  }
  const report = `${facts(proxies)}\n\n${formatTable(lines, ourName)}\n`;
  console.log(report);
  if (values.save) writeFileSync(join(root, 'test/bench/RESULTS.md'), `# Figures of \`npm run bench\`\n\n${report}`);
}

/** `--peers haproxy,nginx` keeps those and ourselves. */
function chosen(kinds: readonly ProxyKind[], names: string | undefined): ProxyKind[] {
  const wanted = names?.split(',');
  return kinds.filter((kind) => wanted === undefined || kind.name === ourName || kind.name === oursWithoutCapture || wanted.includes(kind.name));
}

function facts(proxies: readonly ProxyKind[]): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const versions = proxies.filter((kind) => kind.version !== '' && kind.name !== oursWithoutCapture).map((kind) => `${kind.name} ${kind.version}`);
  return [
    `\`npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    `${cpus().length} x ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the end.`,
    `${versions.join('; ')}.`,
    `Medians (smallest-largest) of ${values.rounds} interleaved rounds of ${values.seconds} s; ratios are taken inside a round. Everything captured unless the row says off.`,
  ].join('  \n');
}
