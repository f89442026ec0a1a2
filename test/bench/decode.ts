// How fast dissectors are, on one core: small messages (the conversations of the conformance pages, again and again) and bulk (the same
// protocols carrying kilobytes).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDissection, step } from '../../src/core/dissectors/dissection.js';
import type { DissectContext } from '../../src/core/dissectors/dissector.js';
import { decodedProtocols, dissectorOf } from '../../src/core/dissectors/index.js';
import { decompress } from '../../src/core/lens/decompress.js';
import type { Speaker } from '../../src/shared/flow.js';
import { conversationsOf } from '../conformance/conversations.js';
import { bulkOf } from './bulkConversations.js';
import { spreadOf, type Line } from './figures.js';
import type { BenchContext } from './rounds.js';

const goalMessagesPerSecond = 300_000;
const goalMegabytesPerSecond = 50;
/** The two that the goal for small messages names. */
const smallProtocols = ['redis', 'mqtt'];
/** One of so many protocols: a fifth of a round each keeps the whole within minutes. */
const shareOfRound = 0.2;

type Piece = { from: Speaker; bytes: Uint8Array };

const context: DissectContext = { decompress };

export async function decode(bench: BenchContext): Promise<Line[]> {
  const pages = conversationsOfPages(join(bench.root, 'test', 'conformance'));
  const lines: Line[] = [];
  for (const id of decodedProtocols()) {
    const small = pages.get(id);
    if (small !== undefined) lines.push(row(bench, `decode ${id}, small messages`, id, small, '/s', smallProtocols.includes(id) ? goalMessagesPerSecond : undefined));
    const bulk = bulkOf(id);
    if (bulk !== undefined) lines.push(row(bench, `decode ${id}, bulk`, id, [bulk], 'MB/s', goalMegabytesPerSecond));
    // Between two protocols others may run: the bench can be ended.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return lines;
}

function row(bench: BenchContext, name: string, id: string, conversations: readonly Piece[][], unit: '/s' | 'MB/s', goal: number | undefined): Line {
  bench.say(name);
  const forMs = bench.seconds * 1000 * shareOfRound;
  measure(id, conversations, forMs);
  const rounds = Array.from({ length: bench.rounds }, () => measure(id, conversations, forMs));
  const megabytes = spreadOf(rounds.map(({ megabytesPerSecond }) => megabytesPerSecond));
  const messages = spreadOf(rounds.map(({ messagesPerSecond }) => messagesPerSecond));
  return {
    row: name,
    unit,
    ours: unit === '/s' ? messages : megabytes,
    ...(goal === undefined ? {} : { goal: { of: 'figure' as const, sense: 'atLeast' as const, value: goal } }),
    note: unit === '/s' ? `${megabytes.median.toFixed(1)} MB/s` : `${Math.round(messages.median).toLocaleString('en-US')} messages/s`,
  };
}

/** CPU time of this process: what else the machine does must not count. */
function measure(id: string, conversations: readonly Piece[][], forMs: number): { messagesPerSecond: number; megabytesPerSecond: number } {
  const dissector = dissectorOf(id)!;
  let messages = 0;
  let bytes = 0;
  const startedAt = process.cpuUsage();
  for (;;) {
    for (const conversation of conversations) {
      const state = startDissection(dissector, context);
      const offsets = { client: 0, upstream: 0 };
      for (const { from, bytes: piece } of conversation) {
        if (state.handover !== undefined) break;
        messages += step(dissector, state, { from, offset: offsets[from], bytes: piece, at: 0 }).length;
        offsets[from] += piece.length;
        bytes += piece.length;
      }
    }
    const used = process.cpuUsage(startedAt);
    const ms = (used.user + used.system) / 1000;
    if (forMs <= ms) return { messagesPerSecond: (messages / ms) * 1000, megabytesPerSecond: bytes / 1e3 / ms };
  }
}

/** What the pages show of each protocol, as far as it is whole: by the dissector that it begins with. */
function conversationsOfPages(folder: string): Map<string, Piece[][]> {
  const found = new Map<string, Piece[][]>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.md'))) {
    for (const vector of conversationsOf(file.slice(0, -3), readFileSync(join(folder, file), 'utf8'))) {
      const pieces = vector.sayings.flatMap((saying) => ('bytes' in saying ? [{ from: saying.from, bytes: saying.bytes }] : []));
      if (pieces.length < vector.sayings.length || vector.messages.some(({ kind }) => kind === 'undecoded' || kind === 'gap')) continue;
      const id = vector.protocol ?? vector.layers?.[0] ?? vector.page;
      found.set(id, [...(found.get(id) ?? []), pieces]);
    }
  }
  return found;
}
