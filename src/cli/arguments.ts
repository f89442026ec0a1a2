// What was typed, as a command with its options; or why it makes none.

import { parseArgs } from 'node:util';

export interface RunCommand {
  name: 'run';
  rules: string;
  record?: string;
  /** what goes into the recording; undefined = everything */
  filter?: string;
  json: boolean;
  quiet: boolean;
  expose: boolean;
  /** look up which program connected, for every connection */
  processes: boolean;
  /** capture ring in MiB; 0 = capture off */
  memoryMB: number;
}

export interface DecodeCommand {
  name: 'decode';
  /** `-` = standard input */
  file: string;
  filter?: string;
  /** `.proto` files */
  proto: string[];
  json: boolean;
}

export type Command =
  | { name: 'help' }
  | { name: 'version' }
  | { name: 'usageError'; message: string }
  | RunCommand
  | { name: 'check'; files: string[]; json: boolean }
  | { name: 'classify' }
  | DecodeCommand;

/** As in the editor (`portPrism.capture.memoryMB`). */
const defaultMemoryMB = 256;
/** The capture store's own bound. */
const maxMemoryMB = 4096;

export const usage = `port-prism: one local port in, many services out, and every byte visible.

Usage:
  port-prism run RULES [--record FILE.pcapng [--filter EXPRESSION]] [--json] [--quiet] [--processes]
                       [--expose] [--no-capture] [--memory MB]
      Starts the listeners of a rule file, tells of every connection, and applies the file again when it is saved.
      Ctrl+C ends it politely; a second one at once.
        --record FILE.pcapng  writes everything that passes to a file for Wireshark
        --filter EXPRESSION   writes only what fits, a request with its answers: 'http.status >= 500 or latency > 50ms'
        --json                JSON lines: listening, flow.opened, flow.classified, flow.closed, rules.applied, error
        --quiet               says nothing about connections
        --processes           tells which program connected (costs time on short connections)
        --expose              allows listeners that other machines can reach
        --no-capture          keeps no bytes, so protocols are not named
        --memory MB           how much of the traffic is kept in memory (${defaultMemoryMB})
  port-prism check RULES... [--json]
      Prints what is wrong with rule files, as file:line:column: message. Exit code 1 when one cannot be used.
  port-prism classify
      Reads JSON lines {"id","client":hex,"server":hex,"first":"client"|"server"} and answers {"id","protocol","by"}.
  port-prism decode FILE [--filter EXPRESSION] [--proto FILE.proto]... [--json]
      Reads a capture (pcapng or pcap; - is standard input): its TCP connections, what is spoken on them, their messages.
      Exit code 1 when the file is damaged: what comes before is read, and the place is told.
        --filter EXPRESSION   only these messages: 'redis.command == GET and (latency > 5ms or problem)'
                              operators: == != < <= > >= ~ (glob or /pattern/) contains in (a, b); and, or, not, parentheses
                              README, "Filters", names the fields; a word that is none is looked for in everything
        --proto FILE.proto    names the fields of gRPC messages; may be given several times
        --json                JSON lines: message, flow, capture, error
  port-prism --help | --version

Exit codes: 0 all went well, 1 it failed (standard error says why), 2 it was called wrongly.
`;

const runOptions = {
  record: { type: 'string' },
  filter: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  expose: { type: 'boolean' },
  processes: { type: 'boolean' },
  'no-capture': { type: 'boolean' },
  memory: { type: 'string' },
} as const;

/** @param words of the command line, without node and script */
export function parseCommand(words: readonly string[]): Command {
  const [first, ...rest] = words;
  if (first === undefined) return { name: 'usageError', message: 'There is no command.' };
  if (first === 'help' || words.includes('--help') || words.includes('-h')) return { name: 'help' };
  if (first === '--version' || first === '-v') return { name: 'version' };
  try {
    switch (first) {
      case 'run':
        return parseRun(rest);
      case 'check': {
        const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: { json: { type: 'boolean' } } });
        if (positionals.length === 0) return { name: 'usageError', message: 'check needs a rule file.' };
        return { name: 'check', files: positionals, json: values.json === true };
      }
      case 'classify':
        parseArgs({ args: rest, options: {} });
        return { name: 'classify' };
      case 'decode':
        return parseDecode(rest);
      default:
        return { name: 'usageError', message: first.startsWith('-') ? `There is no option ${first}.` : `There is no command "${first}".` };
    }
  } catch (fault) {
    // parseArgs says in its message which option it did not like.
    return { name: 'usageError', message: fault instanceof Error ? fault.message : String(fault) };
  }
}

function parseDecode(words: string[]): Command {
  const options = { filter: { type: 'string' }, proto: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: words, allowPositionals: true, options });
  const [file] = positionals;
  if (file === undefined) return { name: 'usageError', message: 'decode needs a capture file.' };
  if (1 < positionals.length) return { name: 'usageError', message: `decode takes one capture file, and got ${positionals.length}.` };
  return { name: 'decode', file, ...(values.filter === undefined ? {} : { filter: values.filter }), proto: values.proto ?? [], json: values.json === true };
}

function parseRun(words: string[]): Command {
  const { values, positionals } = parseArgs({ args: words, allowPositionals: true, options: runOptions });
  const [rules] = positionals;
  if (rules === undefined) return { name: 'usageError', message: 'run needs a rule file.' };
  if (1 < positionals.length) return { name: 'usageError', message: `run takes one rule file, and got ${positionals.length}.` };
  const memoryMB = values.memory === undefined ? defaultMemoryMB : /^\d+$/.test(values.memory) ? Number(values.memory) : NaN;
  if (!(1 <= memoryMB && memoryMB <= maxMemoryMB)) return { name: 'usageError', message: `--memory takes a number of MiB from 1 to ${maxMemoryMB}, not "${values.memory}".` };
  const noCapture = values['no-capture'] === true;
  if (noCapture && values.record !== undefined) return { name: 'usageError', message: '--record needs what --no-capture turns off.' };
  if (values.filter !== undefined && values.record === undefined) return { name: 'usageError', message: '--filter says what goes into a recording: it needs --record.' };
  if (noCapture && values.memory !== undefined) return { name: 'usageError', message: '--memory and --no-capture exclude each other.' };
  return {
    name: 'run',
    rules,
    ...(values.record === undefined ? {} : { record: values.record }),
    ...(values.filter === undefined ? {} : { filter: values.filter }),
    json: values.json === true,
    quiet: values.quiet === true,
    expose: values.expose === true,
    processes: values.processes === true,
    memoryMB: noCapture ? 0 : memoryMB,
  };
}
