// All that lens knows of messages: the running decoder with its ledger, the list of one flow, and whole messages.

import { Owner } from '../../../shared/lifecycle.js';
import type { Message } from '../../../shared/message.js';
import type { MessagePage } from '../../../shared/protocol.js';
import type { FlowRecord } from '../flowTable.js';
import { AheadFlow } from './aheadFlow.js';
import { Checkpoints } from './checkpoints.js';
import { ChunkDecoder } from './chunkDecoder.js';
import { isReached, type DecodedFlow } from './decodedFlow.js';
import { Decoder, sliceMs, type DecoderOptions } from './decoder.js';
import { Details } from './details.js';
import { Ledger } from './ledger.js';
import { messageRowOf, openRowOf } from './messageRows.js';
import { Replay } from './replay.js';
import { RowSubject, type RowLookUps } from './rowSubject.js';

/** A page larger than this is cut. */
const maxMessagesPerPage = 1000;

export interface MessagesOptions extends Omit<DecoderOptions, 'ledger' | 'checkpoints'> {
  /** for tests */
  ledger?: Ledger;
  checkpoints?: Checkpoints;
}

export class Messages extends Owner {
  readonly ledger: Ledger;
  readonly decoder: Decoder;
  private readonly checkpoints: Checkpoints;
  readonly details: Details;
  private ahead: { record: FlowRecord; flow: AheadFlow } | undefined;
  /** told when nothing more came: shown at the end of the list, and replaced by the next look */
  private provisional: { decoded: DecodedFlow; lastSequence: number; nextIndex: number; messages: Message[] } | undefined;

  constructor(private readonly options: MessagesOptions) {
    super();
    this.ledger = options.ledger ?? new Ledger();
    this.checkpoints = options.checkpoints ?? new Checkpoints();
    this.decoder = this.register(new Decoder({ ...options, ledger: this.ledger, checkpoints: this.checkpoints }));
    this.details = new Details(this.ledger, options.index, options.store, options.context);
  }

  get memoryBytes(): number {
    return this.ledger.memoryBytes + this.checkpoints.bytes + this.details.memoryBytes + this.decoder.memoryBytes;
  }

  list(record: FlowRecord, start: number, count: number): MessagePage {
    const ahead = this.look(record);
    const { ledger } = this;
    const rows = record.decoded?.rows;
    const pending = this.pendingOf(record);
    const firstIndex = rows?.firstIndex ?? 0;
    const inLedger = rows?.nextIndex ?? 0;
    const total = Math.max(inLedger + pending.length, ahead?.nextIndex ?? 0);
    const first = Math.max(firstIndex, Math.floor(start));
    const page: MessagePage = {
      rows: [],
      start: first,
      total,
      layers: [...(ahead?.layers ?? record.decoded?.layers ?? [])],
      isCaughtUp: ahead?.isDone ?? isReached(record),
      isCut: 0 < firstIndex,
      first: firstIndex,
    };
    const end = Math.min(total, first + Math.min(Math.floor(count), maxMessagesPerPage));
    for (let index = first; index < end; index++) {
      const open = pending[index - inLedger];
      const told = ahead?.at(index);
      if (rows !== undefined && index < inLedger) page.rows.push(messageRowOf(ledger, rows.rowOf(index)));
      else if (open !== undefined) page.rows.push({ ...openRowOf(open), isOpen: true });
      else if (told !== undefined) page.rows.push(openRowOf(told));
    }
    return page;
  }

  /** @returns undefined when there is none with that index, or its row was forgotten */
  get(record: FlowRecord, index: number): Message | undefined {
    const { decoded } = record;
    const row = decoded?.rows.rowOf(index) ?? -1;
    if (decoded !== undefined && 0 <= row) return this.details.get(record, decoded, row);
    const ahead = this.look(record);
    const now = record.decoded?.rows.rowOf(index) ?? -1;
    if (record.decoded !== undefined && 0 <= now) return this.details.get(record, record.decoded, now);
    return ahead?.at(index) ?? this.pendingOf(record).find((message) => message.index === index);
  }

  /** What a filter sees of rows: one object, to be moved to each. */
  subject(lookUps: Omit<RowLookUps, 'flow'>): RowSubject {
    const { flow, index, store } = this.options;
    return new RowSubject(this.ledger, { flow, ...lookUps }, index, store);
  }

  forget(record: FlowRecord): void {
    if (this.ahead?.record === record) this.ahead = undefined;
    if (this.provisional?.decoded === record.decoded) this.provisional = undefined;
    this.decoder.forget(record);
  }

  /** Everything is decoded again. @param records all flows */
  renew(records: Iterable<FlowRecord>): void {
    this.ahead = this.provisional = undefined;
    this.details.clear();
    this.decoder.renew(records);
  }

  /** Somebody looks at a flow: short ones are told at once. @returns what is decoded beside the ledger, while that has not come to it */
  private look(record: FlowRecord): AheadFlow | undefined {
    this.decoder.look();
    if (!isReached(record)) this.decoder.advance();
    if (isReached(record)) {
      if (this.ahead?.record === record) this.ahead = undefined;
      return undefined;
    }
    const { now } = this.options;
    if (this.ahead?.record !== record) {
      const flow = this.aheadOf(record);
      this.ahead = flow === undefined ? undefined : { record, flow };
    }
    this.ahead?.flow.advance(now() + sliceMs, now);
    return this.ahead?.flow;
  }

  /** @returns undefined when the flow's state was dropped: it goes on with a gap, in its turn */
  private aheadOf(record: FlowRecord): AheadFlow | undefined {
    const { index, store, context } = this.options;
    const { decoded } = record;
    if (decoded === undefined) return new AheadFlow(new Replay(record, ChunkDecoder.start(context, record.classification.layers.at(-1)), index, store));
    const saved = decoded.decoder?.save() ?? decoded.parked;
    return saved === undefined ? undefined : new AheadFlow(new Replay(record, ChunkDecoder.restore(context, decoded.hint, saved), index, store));
  }

  /** What has been said and is no message yet: bytes in the middle of one, or of what nobody recognises so far. */
  private pendingOf(record: FlowRecord): Message[] {
    const { decoded } = record;
    if (decoded === undefined || decoded.hasEnded || decoded.fault !== undefined || !isReached(record)) return [];
    const { lastSequence, rows } = decoded;
    if (this.provisional?.decoded !== decoded || this.provisional.lastSequence !== lastSequence || this.provisional.nextIndex !== rows.nextIndex) {
      const decoder = decoded.decoder ?? (decoded.parked === undefined ? undefined : ChunkDecoder.restore(this.options.context, decoded.hint, decoded.parked));
      this.provisional = { decoded, lastSequence, nextIndex: rows.nextIndex, messages: decoder?.provisional() ?? [] };
    }
    return this.provisional.messages;
  }
}
