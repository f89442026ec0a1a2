// What a filter judges, whatever it lies in: a row of the ledger, a message of a file that is read, a flow alone.

import type { Speaker } from '../../../shared/flow.js';
import type { MessageKind, Severity } from '../../../shared/message.js';

/** Chooses decoded fields by their place. Answers are remembered by `key`: equal keys choose the same fields. */
export interface FieldSelector {
  readonly key: string;
  /**
   * @param protocol catalogue id of the message
   * @param path names from the outermost field down, as dissectors write them, joined by '/': `headers/content-type`
   */
  matches(protocol: string, path: string): boolean;
}

/** Judged as one: a request with its answers; any other message alone. Undefined = not known, or there is none: no comparison holds with it. */
export interface Subject {
  readonly flowId: number;
  /** catalogue id of the message's layer; of a flow alone, its layers */
  readonly protocols: readonly string[];
  /** layers of its flow; undefined = as `protocols` */
  readonly flowProtocols?: readonly string[];
  /** texts that count as the address: with port and without */
  readonly client: readonly string[];
  readonly upstream: readonly string[];
  readonly listener: string | undefined;
  readonly route: string | undefined;
  /** the client's program: its short name, its executable's name, its command line */
  readonly program: readonly string[];
  readonly pid: number | undefined;
  /** name and id of the debug session that owns the client's program */
  readonly session: readonly string[];
  readonly from: Speaker | undefined;
  readonly kind: MessageKind | undefined;
  /** of the message and of its first answer */
  readonly summaries: readonly string[];
  readonly latencyMs: number | undefined;
  /** from its first byte to the last one of its answers */
  readonly durationMs: number | undefined;
  readonly bytes: number | undefined;
  readonly stream: number | undefined;
  readonly startedAt: number;
  readonly isMarked: boolean;
  /** an answer is expected and has not come */
  readonly isWaiting: boolean;
  /** the worst of its problems, and the answers' */
  readonly severity: Severity | undefined;
  /** @returns whether a problem of it passes the test */
  someProblem(test: (text: string) => boolean): boolean;
  /** Decoded fields of the message and its answers. @param value the number or flag behind the text, where there is one */
  someField(selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean;
  /** Bytes on the wire of the message and of each answer, in pieces of at most 16 MiB. Costs a read of the capture each. */
  someBytes(test: (bytes: Uint8Array) => boolean): boolean;
}
