// The library ws writes WebSocket frames in every way that it knows; what the dissector shows must be what went in.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import * as ws from 'ws';
import { startDissection, step } from '../../src/core/dissectors/dissection.js';
import { bareContext } from '../../src/core/dissectors/dissector.js';
import { websocket } from '../../src/core/dissectors/websocket.js';
import { decompress } from '../../src/core/lens/decompress.js';
import type { Message } from '../../src/shared/message.js';

/** Exported by ws since 8.19, and not in its types yet. */
const { PerMessageDeflate, Sender } = ws as unknown as {
  PerMessageDeflate: new (options: object, isServer: boolean) => { accept(parameters: object[]): void };
  Sender: new (socket: Duplex, extensions: object) => { send(data: Buffer, options: object, done: (fault?: Error) => void): void };
};

interface Said {
  data: string;
  isBinary: boolean;
  fragments: number;
}

/** The frames of a client, as ws writes them. */
async function written(said: readonly Said[], deflate: Record<string, unknown> | undefined): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  const socket = new Duplex({ read() {}, write(chunk: Buffer, _encoding, done) { pieces.push(chunk); done(); } });
  const extensions: Record<string, unknown> = {};
  if (deflate !== undefined) {
    const extension = new PerMessageDeflate({ threshold: 0, isServer: false, ...deflate }, false);
    extension.accept([deflate.clientNoContextTakeover === true ? { client_no_context_takeover: [true] } : {}]);
    extensions['permessage-deflate'] = extension;
  }
  const sender = new Sender(socket, extensions);
  for (const { data, isBinary, fragments } of said) {
    const bytes = Buffer.from(data);
    for (let i = 0; i < fragments; i++) {
      const piece = bytes.subarray(Math.floor((bytes.length * i) / fragments), Math.floor((bytes.length * (i + 1)) / fragments));
      await new Promise<void>((resolve, reject) => sender.send(piece, { binary: isBinary, compress: deflate !== undefined, mask: true, fin: i === fragments - 1 }, (fault) => (fault ? reject(fault) : resolve())));
    }
  }
  return Uint8Array.from(Buffer.concat(pieces));
}

function decode(bytes: Uint8Array, options: Record<string, boolean>): Message[] {
  const state = startDissection(websocket, { ...bareContext, decompress }, options);
  return step(websocket, state, { from: 'client', offset: 0, bytes, at: 1 });
}

const words = fc.constantFrom('{"type":"cart.add","sku":"A-11"}', '{"type":"cart.add","sku":"A-12"}', 'hello', 'é ü', '');
const said = fc.array(fc.record({
  data: fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 200 }), fc.tuple(words, fc.nat(3000)).map(([word, times]) => word.repeat(times))),
  isBinary: fc.boolean(),
  fragments: fc.constantFrom(1, 1, 1, 2, 5),
}), { minLength: 1, maxLength: 8 });

suite('WebSocket, written by ws', () => {
  const ways: [string, Record<string, unknown> | undefined, Record<string, boolean>][] = [
    ['as it is', undefined, {}],
    ['compressed, each message referring to those before it', {}, { deflate: true }],
    ['compressed, each message for itself', { clientNoContextTakeover: true }, { deflate: true, clientForgets: true }],
  ];
  for (const [title, deflate, options] of ways) {
    test(title, async () => {
      await fc.assert(fc.asyncProperty(said, async (messages) => {
        const decoded = decode(await written(messages, deflate), options);
        assert.deepEqual(decoded.flatMap(({ problems }) => problems.map(({ text }) => text)), []);
        // Fragments before the last one have no content; nor has an empty message.
        const contents = decoded.filter(({ fields }) => fields.find(({ name }) => name === 'fin')?.value === true).map(({ content }) => Buffer.from(content?.bytes ?? []).toString());
        assert.deepEqual(contents, messages.map(({ data }) => data));
      }), { numRuns: 40 });
    });
  }
});
