// Says bytes through a listener, has a message of the new connection copied, and lets a real shell run the copy.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { CopiedText, CopyForm } from '../../../src/shared/export.js';
import type { FlowRow } from '../../../src/shared/flow.js';
import { findProgram, succeed } from '../real/programs.js';
import { Workers } from './workers.js';

/** Every kind of shell that is here. */
export const shells = ['dash', 'bash', 'sh'].filter((name) => findProgram(name) !== undefined).slice(0, 2);

/** Bytes of the client, each piece once the server has said so much in all. */
export type Sayings = readonly (readonly [afterBytes: number, bytes: Buffer])[];

export class CopyDesk extends Workers {
  /** Speaks, and leaves when the server has said `until` bytes in all. */
  async say(port: number, sayings: Sayings, until: number): Promise<FlowRow> {
    const before = (await this.lens.request('lens/summary', null)).totalFlows;
    const socket = connect(port, '127.0.0.1');
    let heard = 0;
    socket.on('data', (bytes) => (heard += bytes.length));
    for (const [after, bytes] of [...sayings, [until, Buffer.alloc(0)] as const]) {
      while (heard < after) await once(socket, 'data');
      socket.write(bytes);
    }
    socket.end();
    await once(socket, 'close');
    await this.untilClosed(before + 1);
    return this.newest();
  }

  async newest(): Promise<FlowRow> {
    const { totalFlows } = await this.lens.request('lens/summary', null);
    return (await this.lens.request('flows/list', { order: 'opened', start: totalFlows - 1, count: 1 })).rows[0]!;
  }

  /** @returns indexes of its client's messages whose summary fits */
  async messagesOf({ id }: FlowRow, summary: RegExp): Promise<{ index: number; bytes: Buffer }[]> {
    let page = await this.lens.request('messages/list', { flow: id, start: 0, count: 200 });
    while (!page.isCaughtUp) page = await this.lens.request('messages/list', { flow: id, start: 0, count: 200 });
    const found = [];
    for (const { from, summary: words, index, range } of page.rows) {
      if (from !== 'client' || !summary.test(words)) continue;
      const pieces: Uint8Array[] = [];
      for (let at = range.start; at < range.end; ) {
        const { bytes } = await this.lens.request('bytes/read', { flow: id, from, start: at, length: range.end - at });
        assert.ok(0 < bytes.length);
        pieces.push(bytes);
        at += bytes.length;
      }
      found.push({ index, bytes: Buffer.concat(pieces) });
    }
    return found;
  }

  async copy({ id }: FlowRow, index: number, form: CopyForm, withSecrets = true): Promise<CopiedText> {
    assert.ok((await this.lens.request('copy/forms', { flow: id, index })).forms.includes(form));
    const copied = await this.lens.request('copy/as', { flow: id, index, form, withSecrets });
    assert.ok(copied !== null);
    return copied;
  }

  /** @returns the connection that the command made, and what it printed */
  async run(shell: string, command: string): Promise<{ flow: FlowRow; printed: string }> {
    const before = (await this.lens.request('lens/summary', null)).totalFlows;
    const printed = await succeed(shell, [], { input: command });
    await this.untilClosed(before + 1);
    return { flow: await this.newest(), printed };
  }
}
