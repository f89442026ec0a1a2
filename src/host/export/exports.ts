// Takes traffic along into a file: asks for the format, what becomes of secrets, and the place; lens writes it meanwhile.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import type { ExportFormat, ExportReport, ExportSurvey, ExportWhat } from '../../shared/export.js';
import { verbatim } from '../../shared/sentences.js';
import type { Dialogs } from '../dialogs.js';
import { formatBytes, joinParts, plural } from '../format.js';
import { said } from '../said.js';
import type { EngineClient, LensClient } from '../services.js';

const t = vscode.l10n.t;

/** How often progress is asked for, in milliseconds. */
const progressEveryMs = 200;

export interface ExportsOptions {
  engine: EngineClient;
  dialogs: Dialogs;
  /** of the extension */
  version: string;
  log: vscode.LogOutputChannel;
}

interface Format {
  format: ExportFormat;
  label: string;
  detail: string;
  icon: string;
  ending: string;
}

export class Exports {
  private lastJob = 0;

  constructor(private readonly options: ExportsOptions) {}

  /**
   * Asks what is left to ask, and writes.
   *
   * @param name of the file that is proposed, without its ending
   * @param lens whose traffic it is; the running one without it
   */
  async run(what: ExportWhat, name: string, lens: LensClient | undefined = this.options.engine.lens): Promise<void> {
    const { dialogs } = this.options;
    const survey = await lens?.request('export/survey', { what });
    if (lens === undefined || survey === undefined || survey.flows === 0) {
      await dialogs.tell('info', t('There is no traffic to export yet.'));
      return;
    }
    const format = await this.askFormat(survey);
    if (format === undefined) return;
    const withSecrets = await this.askSecrets(survey);
    if (withSecrets === undefined) return;
    const target = await this.askPlace(format, name);
    if (target === undefined) return;
    if (target.scheme !== 'file') throw new MuxError('exportFailed', verbatim(t('{0} is not on this machine, where the traffic was captured. Choose a place here.', target.toString())));
    const report = await this.write(lens, { what, format: format.format, file: target.fsPath, withSecrets });
    await this.tellOutcome(report, target, format);
  }

  private async write(lens: LensClient, order: { what: ExportWhat; format: ExportFormat; file: string; withSecrets: boolean }): Promise<ExportReport> {
    const job = ++this.lastJob;
    return this.options.dialogs.progress(t('Exporting to {0}', nameOf(order.file)), async (tell, cancelled) => {
      const listening = cancelled.onCancellationRequested(() => void lens.request('export/cancel', { job }));
      const timer = setInterval(() => {
        lens.request('export/progress', { job }).then(
          (progress) => progress !== null && tell(progress.total === 0 ? 0 : progress.done / progress.total, formatBytes(progress.done)),
          // The export itself says what is wrong.
          () => undefined,
        );
      }, progressEveryMs);
      try {
        return await lens.request('export/start', { job, version: this.options.version, ...order });
      } finally {
        clearInterval(timer);
        listening.dispose();
      }
    });
  }

  private askFormat({ flows, messages, bytes }: ExportSurvey): Promise<Format | undefined> {
    const title = joinParts([t('Export'), ...(messages === undefined ? [plural(flows, '{0} connection', '{0} connections'), formatBytes(bytes)] : [plural(messages, '{0} message', '{0} messages'), plural(flows, 'of {0} connection', 'of {0} connections')])]);
    return this.options.dialogs.pick(formats().map((format) => ({ label: format.label, description: `.${format.ending}`, detail: format.detail, icon: format.icon, value: format })), title, { at: 1, of: 3 });
  }

  /** @returns undefined when the person left */
  private async askSecrets({ secrets, isWhole }: ExportSurvey): Promise<boolean | undefined> {
    const found = isWhole ? plural(secrets, '{0} secret found', '{0} secrets found') : plural(secrets, '{0} secret found so far', '{0} secrets found so far');
    return this.options.dialogs.pick(
      [
        { label: t('Mask Secrets'), description: found, detail: t('Authorization, cookies, passwords, tokens and keys are overwritten. What is encrypted or cannot be recognised stays as it is.'), icon: 'shield', isPicked: true, value: false },
        { label: t('Raw, Secrets Included'), description: secrets === 0 ? '' : t('whoever has the file can use them'), detail: t('Every byte as it was captured.'), icon: 'unlock', value: true },
      ],
      t('Export: passwords, tokens and other secrets'),
      { at: 2, of: 3 },
    );
  }

  private async askPlace(format: Format, name: string): Promise<vscode.Uri | undefined> {
    const { dialogs } = this.options;
    if (format.format !== 'raw') return dialogs.save({ title: t('Export as {0}', format.label), name, kind: format.label, ending: format.ending });
    const folder = await dialogs.folder(t('Put the Files Here'));
    return folder === undefined ? undefined : vscode.Uri.joinPath(folder, `${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`);
  }

  private async tellOutcome(report: ExportReport, target: vscode.Uri, { format }: Format): Promise<void> {
    const { dialogs, log } = this.options;
    const counts = joinParts([
      plural(report.flows, '{0} connection', '{0} connections'),
      formatBytes(report.bytes),
      report.masked === 0 ? undefined : plural(report.masked, '{0} secret masked', '{0} secrets masked'),
    ]);
    for (const note of report.notes) log.info(`Export to ${report.file}: ${note}`);
    const [first] = report.notes;
    const more = first === undefined ? '' : report.notes.length === 1 ? ` ${said(first)}` : ` ${said(first)} ${plural(report.notes.length - 1, '{0} more remark is in the log.', '{0} more remarks are in the log.')}`;
    const open = format === 'raw' ? t('Show in Folder') : t('Open');
    const pressed = await dialogs.tell('info', `${t('Exported to {0}: {1}.', nameOf(report.file), counts)}${more}`, open, ...(report.notes.length < 2 ? [] : [t('Show Log')]));
    if (pressed === t('Show Log')) log.show();
    if (pressed !== open) return;
    await (format === 'raw' ? vscode.commands.executeCommand('revealFileInOS', target) : vscode.commands.executeCommand('vscode.open', target));
  }
}

function nameOf(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

function formats(): Format[] {
  return [
    { format: 'pcapng', label: t('Capture for Wireshark'), detail: t('Packets with TCP and IP headers, and comments that name the program and the route.'), icon: 'pulse', ending: 'pcapng' },
    { format: 'har', label: t('HTTP Archive'), detail: t('Requests and answers with times and bodies, for browsers and HTTP tools. HTTP only.'), icon: 'globe', ending: 'har' },
    { format: 'jsonl', label: t('JSON Lines'), detail: t('Every message with its decoded fields, a line each, for scripts.'), icon: 'json', ending: 'jsonl' },
    { format: 'markdown', label: t('Markdown for an Issue'), detail: t('What was said, readable, short enough for an issue.'), icon: 'markdown', ending: 'md' },
    { format: 'hexdump', label: t('Hex Dump'), detail: t('As hexdump -C shows it; text2pcap makes packets of it.'), icon: 'file-binary', ending: 'txt' },
    { format: 'raw', label: t('Bytes of Each Direction'), detail: t('Two files per connection, in a new folder.'), icon: 'files', ending: 'bin' },
  ];
}
