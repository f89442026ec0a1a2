// What a page may ask of a lens, each request checked before it goes on. The lens may be the running engine's or one that reads a file, and may
// not be there yet: then there is nothing to see, which is an answer.

import { unknownFlow } from '../../shared/errors.js';
import { Owner, toDisposable } from '../../shared/lifecycle.js';
import type { InspectRequests } from '../../shared/inspect.js';
import type { InspectorHostContract, InspectorPageContract } from '../../shared/protocol.js';
import type { RowBits } from '../../shared/rowSet.js';
import type { Rpc } from '../../shared/rpc.js';
import type { LensClient } from '../services.js';
import * as validate from './validate.js';
import * as inspect from './validateInspect.js';

export type PageRpc = Rpc<InspectorHostContract, InspectorPageContract>;

/** A view of no lens: it holds nothing. */
const noView = 0;

/** Answers a page's questions about one lens. Views that the page opened are closed with it. */
export class LensRelay extends Owner {
  private readonly views = new Set<number>();

  constructor(private readonly rpc: PageRpc, private readonly lens: () => LensClient | undefined, private readonly report: (fault: unknown) => void) {
    super();
    this.register(toDisposable(() => this.closeViews()));
    this.answerAboutFlows();
    this.answerAboutMessages();
  }

  /** The page is gone or hidden: decoding for it may stop. */
  closeViews(): void {
    const lens = this.lens();
    for (const view of this.views) lens?.request('view/close', { view }).catch(this.report);
    this.views.clear();
  }

  /** The lens of before is gone, and its views with it. */
  forgetViews(): void {
    this.views.clear();
  }

  private answerAboutFlows(): void {
    const { rpc } = this;
    rpc.handle('flows/list', async (raw) => {
      const query = validate.flowQuery(raw);
      return (await this.lens()?.request('flows/list', query)) ?? { rows: [], total: 0, start: query.start, revision: 0, forgotten: 0 };
    });
    rpc.handle('flows/between', async (raw) => {
      const known = await this.lens()?.request('flows/between', validate.flowsBetween(raw));
      return known === undefined ? noRows() : { ...known, bits: alone(known.bits) };
    });
    rpc.handle('flows/get', (raw) => {
      const { id } = validate.flowId(raw);
      return this.lensOf(id).request('flows/get', { id });
    });
    rpc.handle('chunks/list', (raw) => {
      const query = validate.chunkQuery(raw);
      return this.lensOf(query.flow).request('chunks/list', query);
    });
    rpc.handle('bytes/read', async (raw) => {
      const query = validate.bytesQuery(raw);
      const piece = await this.lensOf(query.flow).request('bytes/read', query);
      return { ...piece, bytes: alone(piece.bytes) };
    });
    rpc.handle('messages/list', (raw) => {
      const query = validate.chunkQuery(raw);
      return this.lensOf(query.flow).request('messages/list', query);
    });
    rpc.handle('messages/get', (raw) => {
      const query = validate.messageId(raw);
      return this.lensOf(query.flow).request('messages/get', query);
    });
    rpc.handle('flows/clear', async () => (await this.lens()?.request('flows/clear', null)) ?? null);
  }

  private answerAboutMessages(): void {
    const { rpc } = this;
    rpc.handle('view/open', async (raw) => {
      const answer = (await this.lens()?.request('view/open', inspect.viewQuery(raw))) ?? { view: noView };
      if ('view' in answer && answer.view !== noView) this.views.add(answer.view);
      return answer;
    });
    rpc.handle('view/close', async (raw) => {
      const { view } = inspect.viewId(raw);
      return this.views.delete(view) ? ((await this.lens()?.request('view/close', { view })) ?? null) : null;
    });
    rpc.handle('view/rows', async (raw) => {
      const query = inspect.viewRows(raw);
      const lens = this.lens();
      if (lens !== undefined && query.view !== noView) return lens.request('view/rows', query);
      return { rows: [], start: query.start, total: 0, judged: 0, all: 0, isDone: true, forgotten: 0, undecodedBytes: 0 };
    });
    this.relay('view/position', inspect.viewPosition, () => ({ position: null }));
    rpc.handle('view/between', async (raw) => {
      const query = inspect.viewBetween(raw);
      const known = query.view === noView ? undefined : await this.lens()?.request('view/between', query);
      return known === undefined ? noRows() : { ...known, bits: alone(known.bits) };
    });
    this.relay('marks/set', inspect.marks, () => null);
    this.relay('colors/set', inspect.colors, () => ({ problems: [] }));
    this.relay('filter/check', inspect.filterCheck, ({ caret }) => ({ words: '', completions: { start: caret, end: caret, items: [] } }));
    this.relay('stats/table', inspect.statsQuery, () => ({ rows: [], isDone: true }));
    this.relay('prism/get', () => null, () => ({ paths: [] }));
    rpc.handle('throughput/get', async (raw) => {
      const query = inspect.throughputQuery(raw);
      const known = await this.lens()?.request('throughput/get', query);
      if (known === undefined) return { from: query.from ?? 0, to: query.to ?? 0, client: new Float64Array(), upstream: new Float64Array() };
      return { ...known, client: alone(known.client), upstream: alone(known.upstream) };
    });
  }

  /** @param nothing the answer while there is no lens */
  private relay<K extends keyof InspectRequests>(name: K, check: (raw: unknown) => InspectRequests[K]['params'], nothing: (params: InspectRequests[K]['params']) => InspectRequests[K]['result']): void {
    const answer = async (raw: unknown): Promise<unknown> => {
      const params = check(raw);
      return (await this.lens()?.request(name, params as never)) ?? nothing(params);
    };
    this.rpc.handle(name, answer as never);
  }

  private lensOf(flow: number): LensClient {
    const lens = this.lens();
    if (lens === undefined) throw unknownFlow(flow);
    return lens;
  }
}

function noRows(): RowBits {
  return { first: 0, bits: new Uint8Array(0) };
}

/** A view would take its whole buffer along, and with it bytes of other connections. */
function alone<T extends Uint8Array | Float64Array>(array: T): T {
  return array.byteLength === array.buffer.byteLength ? array : (array.slice() as T);
}
