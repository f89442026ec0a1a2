// `npm run oracle`: see scripts/oracle.mjs.
import { mkdirSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingServers } from '../../scripts/debian.mjs';
import { isCI, Scratch } from '../integration/real/programs.js';
import { comparisons } from './comparisons.js';
import { explained, type Explained } from './explained.js';
import { maxTextLength, type Comparison, type DecodedMessage, type Fact } from './facts.js';
import { recordTraffic, traffic, type Recording } from './traffic.js';
import { outputOf, tsharkFrames } from './tshark.js';

/** Differences of one list that are printed. */
const maxShown = 10;

const root = join(__dirname, '..', '..', '..');
const lacks = new Map(missingServers().map(({ name, missing }) => [name, missing]));

interface Difference {
  flow: string;
  from: Fact['from'];
  name: string;
  /** position in the list */
  index: number;
  text: string;
  explained: Explained | undefined;
}

void main();

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !comparisons.some(({ protocol }) => protocol === name));
  if (unknown.length > 0) {
    console.error(`Nothing is compared for ${unknown.join(', ')}; there are ${comparisons.map(({ protocol }) => protocol).join(', ')}.`);
    process.exit(2);
  }
  const wanted = comparisons.filter(({ protocol }) => asked.length === 0 || asked.includes(protocol));
  const needOf = (protocol: string): string | undefined => traffic.find((one) => one.protocol === protocol)?.needs;
  const possible = wanted.filter(({ protocol }) => !lacks.has(needOf(protocol) ?? ''));
  const scratch = new Scratch();
  let failed = 0;
  try {
    const recording = await recordTraffic(scratch, possible.map(({ protocol }) => protocol), (text) => console.log(`  ${text}`));
    const messages = await decoded(recording.file);
    for (const comparison of possible) failed += await report(comparison, recording, messages);
    if (failed > 0) keep(recording.file);
  } finally {
    await scratch.dispose();
  }
  for (const { protocol } of wanted.filter((one) => !possible.includes(one))) {
    console.log(`${isCI ? 'FAILED' : 'Not compared here'}: ${protocol}: ${lacks.get(needOf(protocol) ?? '')?.join(', ')} not installed`);
    if (isCI) failed += 1;
  }
  process.exit(failed === 0 ? 0 : 1);
}

interface Decoded {
  messages: DecodedMessage[];
  /** client's and server's end of each flow */
  ends: Map<number, { client: string; server: string }>;
}

async function decoded(file: string): Promise<Decoded> {
  const lines = (await outputOf(process.execPath, [join(root, 'dist', 'cli.js'), 'decode', file, '--json'])).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  const flows = lines.filter(({ event }) => event === 'flow') as { flow: number; client: string; server: string }[];
  return { messages: lines.filter(({ event }) => event === 'message') as unknown as DecodedMessage[], ends: new Map(flows.map(({ flow, client, server }) => [flow, { client, server }])) };
}

/** Compares one protocol and says how it went. @returns differences that nobody explained */
async function report(comparison: Comparison, { file, ports }: Recording, { messages, ends }: Decoded): Promise<number> {
  const { protocol } = comparison;
  const port = ports.get(protocol)!;
  const frames = await tsharkFrames(file, port, comparison);
  const theirs = frames.flatMap((frame) => comparison.theirs(frame).map(([name, text]): Fact => ({ flow: frame.flow, from: frame.from, name, text })));
  const ours = messages
    .filter(({ flow }) => ends.get(flow)?.server === `127.0.0.1:${port}`)
    .flatMap((message) => comparison.ours(message).map(([name, text]): Fact => ({ flow: ends.get(message.flow)!.client, from: message.from, name, text })));
  const differences = differencesOf(protocol, lists(theirs, comparison), lists(ours, comparison));
  const open = differences.filter((difference) => difference.explained === undefined);
  console.log(`${protocol}: ${theirs.length} facts of tshark, ${ours.length} of ours; ${differences.length - open.length} differences explained, ${open.length} not`);
  for (const { flow, from, name, index, text } of open.slice(0, maxShown)) console.log(`  ${flow} ${from} ${name} ${index}: ${text}`);
  if (maxShown < open.length) console.log(`  ... and ${open.length - maxShown} more`);
  for (const entry of new Set(differences.flatMap((difference) => difference.explained ?? []))) console.log(`  explained: ${entry.name}: ${entry.why}`);
  for (const entry of explained) if (entry.protocol === protocol && !differences.some((difference) => difference.explained === entry)) console.log(`  not seen: ${entry.name} ${String(entry.difference)}`);
  // Two decoders that say nothing agree about nothing.
  if (theirs.length > 0) return open.length;
  console.log('  tshark found nothing, so nothing was compared');
  return open.length + 1;
}

function lists(facts: readonly Fact[], { unordered = [] }: Comparison): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const { flow, from, name, text } of facts) {
    const key = `${flow}\n${from}\n${name}`;
    const list = all.get(key) ?? [];
    list.push(text.slice(0, maxTextLength));
    all.set(key, list);
  }
  for (const [key, list] of all) if (unordered.includes(key.split('\n')[2]!)) list.sort();
  return all;
}

function differencesOf(protocol: string, theirs: Map<string, string[]>, ours: Map<string, string[]>): Difference[] {
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((key) => {
    const [flow, from, name] = key.split('\n') as [string, Fact['from'], string];
    return pairs(theirs.get(key) ?? [], ours.get(key) ?? []).map(({ index, text }) => ({
      flow, from, name, index, text,
      explained: explained.find((entry) => entry.protocol === protocol && entry.name === name && entry.difference.test(text)),
    }));
  });
}

/** Where two lists differ; one more or less in either does not make everything behind it differ. */
function pairs(theirs: readonly string[], ours: readonly string[]): { index: number; text: string }[] {
  const found: { index: number; text: string }[] = [];
  const say = (index: number, their: string | undefined, our: string | undefined): void => void found.push({ index, text: `tshark: ${quoted(their)} | ours: ${quoted(our)}` });
  let [at, other] = [0, 0];
  while (at < theirs.length || other < ours.length) {
    if (theirs[at] === ours[other]) {
      at += 1;
      other += 1;
      continue;
    }
    const ahead = theirs.indexOf(ours[other]!, at);
    const behind = ours.indexOf(theirs[at]!, other);
    const isMoreTheirs = other < ours.length && 0 <= ahead && (behind < 0 || ahead - at <= behind - other);
    if (at < theirs.length && (isMoreTheirs || ours.length <= other)) say(at, theirs[at++], undefined);
    else if (other < ours.length && (0 <= behind || theirs.length <= at)) say(at, undefined, ours[other++]);
    else say(at, theirs[at++], ours[other++]);
  }
  return found;
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.length <= 200 ? text : `${text.slice(0, 200)}...`);
}

/** The recording stays, so that both decoders can be asked again. */
function keep(file: string): void {
  const kept = join(root, 'test-results', 'oracle.pcapng');
  mkdirSync(join(root, 'test-results'), { recursive: true });
  copyFileSync(file, kept);
  console.log(`  the recording is kept: ${kept}`);
}
