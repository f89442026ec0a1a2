// Why there is no command that would say a message again as it was.

import { say, type Sentence } from '../../../../shared/sentences.js';
import type { CopyContext } from './copyContext.js';

/** Instead of a command that would say something else. */
export class Refusal {
  constructor(readonly reason: Sentence) {}
}

/** Bytes that are no text have no place where a secret could be masked. */
export function hidden({ masking }: CopyContext): Refusal {
  masking.count += 1;
  return new Refusal(say`There are secrets among bytes that are no text: nothing of them can be masked.`);
}

export function tooLong(program: string): Refusal {
  return new Refusal(say`A value is longer than the 128 KiB that an argument of ${program} can have.`);
}

export function notKept(): Refusal {
  return new Refusal(say`Not all bytes of the message are kept.`);
}
