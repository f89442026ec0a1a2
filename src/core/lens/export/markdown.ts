// Markdown for an issue: what the connection is, what was said, bodies in fences that they cannot leave.

import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import { textOfBytes } from './bodyText.js';
import type { ExportFlow } from './exportFlow.js';
import type { Sink } from './fileSink.js';
import { readHead } from './http1Exchange.js';
import type { Job, Steps } from './job.js';
import { languageOf } from './languages.js';
import { flowWords, headline, messageLines } from './messageText.js';
import { secretSpans } from './secretText.js';
import { choiceOf } from './selection.js';

/** Hosts of issues take about 65,000 characters. */
const maxCharacters = 60_000;
const maxBodyCharacters = 4000;
/** Fields of a message that is no text. */
const maxFieldLines = 60;

export function* markdownSteps(job: Job, sink: Sink): Steps {
  const page = new Page(job, sink);
  let left = 0;
  for (const { flow, indexes } of job.selected) {
    if (!page.isFull) page.flow(flow);
    const isChosen = choiceOf(indexes);
    for (const { messages, bytes } of flow.messages()) {
      for (const message of messages) {
        if (!isChosen(message)) continue;
        if (page.isFull) left += 1;
        else page.message(flow, message);
      }
      yield bytes;
    }
  }
  const leftOut = left === 1 ? say`1 more message is left out: an issue has no room for it.` : say`${left} more messages are left out: an issue has no room for them.`;
  const notes = [
    job.masking.isOn ? job.masking.count === 0 ? '' : `Secrets are masked (${job.masking.count} of them).` : 'Secrets are included.',
    left === 0 ? '' : leftOut,
  ].filter((note) => note !== '');
  if (0 < left) job.report.notes.push(leftOut);
  if (0 < notes.length) sink.text(`\n_${notes.join(' ')}_\n`);
}

class Page {
  private written = 0;

  constructor(private readonly job: Job, private readonly sink: Sink) {}

  get isFull(): boolean {
    return maxCharacters <= this.written;
  }

  flow(flow: ExportFlow): void {
    const words = flowWords(this.job.masking.facts(flow.row));
    this.write(`${this.written === 0 ? '' : '\n'}## Connection ${flow.id}\n\n| | |\n|---|---|\n${words.map(([name, value]) => `| ${name} | ${cell(this.job.masking.quietly(value))} |`).join('\n')}\n`);
  }

  message(flow: ExportFlow, message: Message): void {
    this.job.report.messages += 1;
    const { masking } = this.job;
    this.write(`\n**${message.index}** ${code(masking.quietly(headline(message)))}\n`);
    for (const { severity, text } of message.problems) this.write(`\n> ${severity}: ${code(masking.quietly(text))}\n`);
    for (const { text, language } of this.parts(flow, message)) this.write(`\n${fenced(cut(text), language)}\n`);
  }

  /** The message as text: as it was written where it is text, else its fields. */
  private parts(flow: ExportFlow, message: Message): { text: string; language: string }[] {
    const { from, range, content, protocol, fields, kind } = message;
    const { masking } = this.job;
    if (kind === 'gap') return [];
    const body = content === undefined ? undefined : this.body(content.bytes, content.mediaType);
    if (protocol === 'http1' || protocol === 'http-connect') {
      const wire = flow.read(from, range.start, Math.min(range.end, range.start + (64 << 10)));
      const head = wire === undefined ? undefined : readHead(wire);
      if (head !== undefined) {
        const lines = [masking.text(head.line), ...head.headers.map(({ name, value }) => `${name}: ${masking.header(name, value)}`)];
        return [{ text: lines.join('\n'), language: 'http' }, ...(body === undefined ? [] : [body])];
      }
    }
    if (body !== undefined) return [body];
    const wire = range.end - range.start <= maxBodyCharacters ? flow.read(from, range.start, range.end) : undefined;
    const text = wire === undefined || fields.some(({ isSecret }) => isSecret === true) ? undefined : textOfBytes(wire);
    if (text !== undefined && text.trim() !== '') return [{ text: masking.text(text), language: 'text' }];
    const lines = [...messageLines({ ...message, problems: [] }, masking.fields(message, flow))].map((line) => line.slice(4));
    if (lines.length === 0) return [];
    return [{ text: lines.length <= maxFieldLines ? lines.join('\n') : `${lines.slice(0, maxFieldLines).join('\n')}\n…`, language: 'text' }];
  }

  private body(bytes: Uint8Array, mediaType: string): { text: string; language: string } {
    const text = textOfBytes(bytes);
    const { masking } = this.job;
    if (text !== undefined) return { text: masking.text(text), language: languageOf(mediaType, text).id };
    const hasSecret = masking.isOn && 0 < secretSpans(Buffer.from(bytes).toString('latin1')).length;
    return { text: `${bytes.length} bytes${mediaType === '' ? '' : ` of ${mediaType}`}${hasSecret ? ', with secrets in them' : ''}`, language: 'text' };
  }

  private write(text: string): void {
    this.written += text.length;
    this.sink.text(text);
  }
}

function cut(text: string): string {
  return text.length <= maxBodyCharacters ? text : `${text.slice(0, maxBodyCharacters)}\n… ${text.length - maxBodyCharacters} more characters`;
}

/** A fence is longer than any row of backticks inside it (CommonMark §4.5). */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const info = language === 'plaintext' || language === 'text' ? '' : language;
  return `${fence}${info}\n${text.replace(/\r\n?/g, '\n').replaceAll('\u0000', '␀')}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** Code inside a line: as many backticks around it as it takes (CommonMark §6.1). */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${text.replace(/[\r\n]+/g, ' ')}${pad}${ticks}`;
}

/** A pipe ends a cell even in code (GFM §4.10). */
function cell(text: string): string {
  return code(text.replaceAll('|', '\\|'));
}
