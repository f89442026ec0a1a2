// What a person takes along from the traffic: exports, copies, recordings, texts. Commands come here with whatever was under the pointer.

import type { MessageId } from '../../shared/export.js';
import type { FlowRow } from '../../shared/flow.js';
import { Exports, type ExportsOptions } from './exports.js';

export class TakeAlong {
  private readonly exports: Exports;

  constructor(options: ExportsOptions) {
    this.exports = new Exports(options);
  }

  exportAll(): Promise<void> {
    return this.exports.run('all', 'traffic');
  }

  async exportFlows(flows: readonly FlowRow[]): Promise<void> {
    const [first] = flows;
    if (first === undefined) return;
    await this.exports.run({ flows: flows.map(({ id }) => id) }, flows.length === 1 ? `connection-${first.id}` : 'connections');
  }

  /** @param argument what a menu of the inspector names */
  async exportMessage(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.exports.run({ rows: [message] }, `message-${message.flow}-${message.index}`);
  }
}

/** @returns the message that a menu of the inspector was opened on */
export function messageOf(argument: unknown): MessageId | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { flow, index } = argument as { flow?: unknown; index?: unknown };
  return typeof flow === 'number' && typeof index === 'number' ? { flow, index } : undefined;
}
