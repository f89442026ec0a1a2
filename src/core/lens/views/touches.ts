// What was done to messages on their way: the flow tells stretches of what a speaker said, rows tell it of the messages that lie there.

import type { Touch } from '../../../shared/hold.js';
import type { RowTouch } from '../../../shared/inspect.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';

/** Answers to one request that are looked at. */
const maxAnswers = 1000;

/** @param row a message or an answer; one alone @returns the last thing done to it */
export function ownTouch(ledger: LedgerReader, row: number, touches: readonly Touch[] | undefined): Touch | undefined {
  if (touches === undefined) return undefined;
  const from = ledger.from(row);
  const start = ledger.rangeStart(row);
  const end = ledger.rangeEnd(row);
  // What is told last was done last.
  for (let at = touches.length - 1; 0 <= at; at--) {
    const touch = touches[at]!;
    if (touch.from === from && touch.start < end && start < touch.end) return touch;
  }
  return undefined;
}

/** What the row of a message and its answers tells; what was done to the message itself comes before what was done to an answer. */
export function rowTouch(ledger: LedgerReader, row: number, isAlone: boolean, touches: readonly Touch[] | undefined): RowTouch | undefined {
  if (touches === undefined || touches.length === 0) return undefined;
  const own = ownTouch(ledger, row, touches);
  if (own !== undefined) return { what: own.what, heldMs: own.heldMs };
  if (isAlone) return undefined;
  let left = maxAnswers;
  for (let answer = ledger.firstAnswer(row); 0 <= answer && 0 < left; answer = ledger.nextAnswer(answer), left--) {
    const touch = ownTouch(ledger, answer, touches);
    if (touch !== undefined) return { what: touch.what, heldMs: touch.heldMs, isAnswer: true };
  }
  return undefined;
}
