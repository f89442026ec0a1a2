// A capture file in words: how far it was read, what of it is not shown, what happened to it.

import type { NotDecoded, ShownFile } from '../../../src/shared/captureFile.js';
import type { LensSummary } from '../../../src/shared/protocol.js';
import { formatCount, l10n, plural } from '../../l10n.js';
import { formatBytes } from '../../widgets/format.js';

/** [0, 100], whole; less than 100 until all of it was read. */
export function percentRead({ read, size, isDone }: ShownFile): number {
  if (isDone) return 100;
  return size === 0 ? 0 : Math.min(99, Math.floor((read / size) * 100));
}

/** "Reading 40 % of 1.0 GB, 312,400 packets so far"; once it is read, its size and what is left out. */
export function progressWords(file: ShownFile): string {
  const packets = plural(file.packets, '{0} packet', '{0} packets');
  if (!file.isDone) return l10n.t('Reading {0} % of {1}, {2} so far', percentRead(file), formatBytes(file.size), packets);
  if (file.problem !== undefined && file.packets === 0) return '';
  const left = leftOut(file);
  return [formatBytes(file.size), packets, ...(left.length === 0 ? [] : [l10n.t('left out: {0}', left.join(', '))])].join(' · ');
}

/** Sentences that a person should not miss. */
export function warnings(file: ShownFile): string[] {
  const sentences: string[] = [];
  // Without a packet there is no list: it stands there, large.
  if (file.problem !== undefined && 0 < file.packets) sentences.push(l10n.said(file.problem.message));
  const { flows, chunks } = file.forgotten;
  if (0 < flows) sentences.push(plural(flows, 'The first {0} connection is not listed: this is as many as are kept.', 'The first {0} connections are not listed: this is as many as are kept.'));
  if (0 < chunks) sentences.push(plural(chunks, 'The first {0} piece of data is not shown: this is as many as are kept.', 'The first {0} pieces of data are not shown: this is as many as are kept.'));
  return sentences;
}

export function sinceWords({ since }: ShownFile): string {
  switch (since) {
    case 'changed': return l10n.t('The file has changed since it was read.');
    case 'deleted': return l10n.t('The file was moved or deleted since it was read.');
    case undefined: return '';
  }
}

/** It was read, and there is nothing that a list could show. */
export function isWithoutPackets(file: ShownFile | undefined): boolean {
  return file !== undefined && file.isDone && file.packets === 0;
}

/** The list is empty: why, and what is in the file instead. */
export function emptyFileWords(file: ShownFile): { title: string; next: string } {
  if (!file.isDone) return { title: l10n.t('Reading the file'), next: l10n.t('Connections appear here as they are found.') };
  if (file.problem !== undefined && file.packets === 0) return { title: l10n.t('This file cannot be shown'), next: l10n.said(file.problem.message) };
  if (file.packets === 0) return { title: l10n.t('This file holds no packets'), next: l10n.t('It is a capture, and it ends before its first packet.') };
  const packets = plural(file.packets, '{0} packet', '{0} packets');
  return { title: l10n.t('This file holds no TCP connection'), next: leftOut(file).length === 0 ? packets : l10n.t('{0}, of which: {1}', packets, leftOut(file).join(', ')) };
}

/** "48 connections · 1.0 GB of data, 12 KB missing" */
export function fileCountsWords(summary: LensSummary, matching: number | undefined): string {
  const all = plural(summary.totalFlows, '{0} connection', '{0} connections');
  const flows = matching === undefined ? all : l10n.t('{0} of {1} match', formatCount(matching), all);
  return `${flows} · ${fileDataWords(summary)}`;
}

/** "1.0 GB of data, 12 KB missing" */
export function fileDataWords(summary: LensSummary): string {
  return summary.droppedBytes === 0 ? l10n.t('{0} of data', formatBytes(summary.keptBytes)) : l10n.t('{0} of data, {1} missing', formatBytes(summary.keptBytes), formatBytes(summary.droppedBytes));
}

function leftOut({ notDecoded, unreadLinkTypes }: ShownFile): string[] {
  return (Object.keys(notDecoded) as NotDecoded[]).filter((why) => 0 < notDecoded[why]).map((why) => leftOutWords(why, formatCount(notDecoded[why]), unreadLinkTypes));
}

function leftOutWords(why: NotDecoded, count: string, linkTypes: readonly number[]): string {
  switch (why) {
    case 'notTcp': return l10n.t('{0} not TCP', count);
    case 'notIp': return l10n.t('{0} not IP', count);
    case 'linkType': return l10n.t('{0} of link type {1}, which is not read', count, linkTypes.join(', '));
    case 'noInterface': return l10n.t('{0} of an interface that is not described', count);
    case 'fragment': return l10n.t('{0} fragments without their others', count);
    case 'malformed': return l10n.t('{0} malformed', count);
    case 'late': return l10n.t('{0} after the end of their connection', count);
  }
}
