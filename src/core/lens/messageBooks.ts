// The flows whose messages somebody looks at: a book for each of the last few, decoded slice by slice between the engine's batches.

import { Owner, toDisposable } from '../../shared/lifecycle.js';
import type { Message } from '../../shared/message.js';
import type { MessagePage } from '../../shared/protocol.js';
import type { FlowRecord } from './flowTable.js';
import { MessageBook } from './messageBook.js';

/** Books that are kept: 64 MB of rows and 32 MB of details each at the very most. */
const maxBooks = 3;

export class MessageBooks extends Owner {
  /** the last one looked at comes last */
  private readonly books = new Map<FlowRecord, MessageBook>();
  private slice: NodeJS.Immediate | undefined;

  /** @param open makes the book of a flow; @param advanced is told when there is more to see */
  constructor(private readonly open: (record: FlowRecord) => MessageBook, private readonly advanced: () => void) {
    super();
    this.register(toDisposable(() => clearImmediate(this.slice)));
  }

  list(record: FlowRecord, start: number, count: number): MessagePage {
    return this.bookOf(record).list(start, count);
  }

  get(record: FlowRecord, index: number): Message | undefined {
    return this.bookOf(record).get(index);
  }

  /** Everything is decoded again when it is asked for. */
  clear(): void {
    this.books.clear();
  }

  forget(record: FlowRecord): void {
    this.books.delete(record);
  }

  private bookOf(record: FlowRecord): MessageBook {
    const book = this.books.get(record) ?? this.open(record);
    this.books.delete(record);
    this.books.set(record, book);
    for (const oldest of this.books.keys()) {
      if (this.books.size <= maxBooks) break;
      this.books.delete(oldest);
    }
    // The first slice is done at once: short flows are answered whole.
    if (!book.isCaughtUp && !book.advance()) this.schedule(book);
    return book;
  }

  private schedule(book: MessageBook): void {
    if (this.slice !== undefined) return;
    this.slice = setImmediate(() => {
      this.slice = undefined;
      if (![...this.books.values()].includes(book)) return;
      if (!book.advance()) this.schedule(book);
      this.advanced();
    });
  }
}
