// Says what a flow speaks, from the first bytes of both sides: again whenever more of them came, until nothing more can change.
// Runs here, on lens' thread, so that it costs forwarding nothing.

import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import { classifyBytes, type Classified } from '../protocols/index.js';
import type { FlowRecord } from './flowTable.js';

/** The judge of bytes: `classify` of core/protocols. */
export type Classify = (client: Uint8Array, server: Uint8Array, first?: 'client' | 'server') => Classified;

/** Copies what is kept of a speaker's first bytes, up to the first gap, and returns how many bytes that is. */
export type ReadHead = (record: FlowRecord, from: Speaker, into: Uint8Array) => number;

/**
 * A flow that talks byte by byte would be judged again for each of them; past this many rounds only a doubling counts.
 * One round costs microseconds.
 */
const maxPlainRounds = 32;

/** How far one flow is judged. */
export interface ClassifyState {
  /** bytes per speaker that the last round saw */
  seen: [client: number, upstream: number];
  rounds: number;
  /** nothing that may still come changes the answer */
  isSettled: boolean;
}

export function startClassifying(): ClassifyState {
  return { seen: [0, 0], rounds: 0, isSettled: false };
}

export class Classifier {
  private readonly client = new Uint8Array(classifyBytes);
  private readonly server = new Uint8Array(classifyBytes);

  constructor(private readonly classify: Classify, private readonly readHead: ReadHead) {}

  /**
   * Judges a flow again when its first bytes grew.
   *
   * @returns whether its classification changed
   */
  update(record: FlowRecord): boolean {
    const state = record.classifying;
    if (state.isSettled) return false;
    const { bytes } = record.chunks;
    if (0 < record.totals[0] + record.totals[1] && record.chunks.count === 0) return this.giveUp(record);
    const client = Math.min(bytes[0], classifyBytes);
    const upstream = Math.min(bytes[1], classifyBytes);
    if (client === state.seen[0] && upstream === state.seen[1]) return false;
    const isFull = client === classifyBytes && upstream === classifyBytes;
    if (maxPlainRounds <= state.rounds && !isFull && client + upstream < 2 * (state.seen[0] + state.seen[1])) return false;

    const clientLength = this.readHead(record, 'client', this.client);
    const serverLength = this.readHead(record, 'upstream', this.server);
    state.seen = [client, upstream];
    state.rounds += 1;
    state.isSettled = isFull;
    if (clientLength === 0 && serverLength === 0) {
      // Overwritten meanwhile: the answer stays as it was. Never kept on either side: there will be none.
      return 0 < client && 0 < upstream && record.classification.by === 'none' ? this.giveUp(record) : false;
    }
    const before = record.classification;
    const { isSettled, ...after } = this.classify(this.client.subarray(0, clientLength), this.server.subarray(0, serverLength), record.firstSpeaker);
    state.isSettled ||= isSettled;
    record.classify(after);
    return after.protocol !== before.protocol || after.by !== before.by || after.layers.length !== before.layers.length;
  }

  /** Capture was off when the flow began. */
  private giveUp(record: FlowRecord): boolean {
    record.classifying.isSettled = true;
    record.classify({ protocol: 'unknown', layers: [], by: 'none', why: say`Its first bytes were not kept, so they could not be looked at.` });
    return true;
  }
}
