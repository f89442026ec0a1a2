// Questions about messages of the chosen flow. What the details of a chosen row need is asked for at once: one question after the other would each
// cost a way to lens and back. Who asks the same while an answer is under way gets that answer.

import type { InspectorHostContract } from '../../src/shared/protocol.js';
import { answerRows, nearRows, type Focus } from './exchange.js';

type Requests = InspectorHostContract['requests'];
type ListParams = Requests['messages/list']['params'];
type GetParams = Requests['messages/get']['params'];

/** The two questions, as the host answers them. */
export interface MessageQuestions {
  list(params: ListParams): Promise<Requests['messages/list']['result']>;
  get(params: GetParams): Promise<Requests['messages/get']['result']>;
}

interface Asked {
  answer: Promise<unknown>;
  /** it was asked ahead, and nobody has wanted it so far */
  isAhead: boolean;
  isSettled: boolean;
}

export class MessageReads implements MessageQuestions {
  private readonly asked = new Map<string, Asked>();

  constructor(private readonly questions: MessageQuestions) {}

  /** A row was chosen: asks for what `findExchange` and the details are going to ask for. What an earlier one left is of no use any more. */
  expect(flow: number, { index, answerIndex, answerCount }: Focus): void {
    for (const [key, { isSettled }] of this.asked) if (isSettled) this.asked.delete(key);
    void this.ask(listKey({ flow, start: index, count: nearRows }), () => this.questions.list({ flow, start: index, count: nearRows }), true);
    void this.ask(getKey({ flow, index }), () => this.questions.get({ flow, index }), true);
    if (answerIndex === undefined) return;
    void this.ask(getKey({ flow, index: answerIndex }), () => this.questions.get({ flow, index: answerIndex }), true);
    // Those nearer are among the first.
    if (answerIndex < index + nearRows) return;
    const params = { flow, start: answerIndex, count: answerRows(answerCount) };
    void this.ask(listKey(params), () => this.questions.list(params), true);
  }

  readonly list = (params: ListParams): Promise<Requests['messages/list']['result']> => this.ask(listKey(params), () => this.questions.list(params), false);

  readonly get = (params: GetParams): Promise<Requests['messages/get']['result']> => this.ask(getKey(params), () => this.questions.get(params), false);

  private ask<T>(key: string, question: () => Promise<T>, isAhead: boolean): Promise<T> {
    const known = this.asked.get(key);
    if (known !== undefined) {
      if (!isAhead) {
        known.isAhead = false;
        // It was waiting for this one only: by the next time things may have changed.
        if (known.isSettled) this.asked.delete(key);
      }
      return known.answer as Promise<T>;
    }
    const answer = question();
    const asked: Asked = { answer, isAhead, isSettled: false };
    this.asked.set(key, asked);
    const settled = (): void => {
      asked.isSettled = true;
      if (!asked.isAhead) this.asked.delete(key);
    };
    // Who asks hears of a fault; of one ahead nobody may.
    answer.then(settled, settled);
    return answer;
  }
}

function listKey({ flow, start, count }: ListParams): string {
  return `list ${flow} ${start} ${count}`;
}

function getKey({ flow, index }: GetParams): string {
  return `get ${flow} ${index}`;
}
