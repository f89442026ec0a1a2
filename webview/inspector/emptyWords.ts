// Why a list is empty, and what to do about it: the first reason that holds, the most deliberate one first.

import type { ShownFile } from '../../src/shared/captureFile.js';
import type { ShownListener } from '../../src/shared/protocol.js';
import { formatCount, l10n } from '../l10n.js';
import { formatTime } from '../widgets/format.js';
import { waitingWords, type EmptyWords } from './emptyState.js';
import { emptyFileWords, isWithoutPackets } from './file/fileWords.js';
import type { PageState } from './pageState.js';

/** What there is to know about an empty list. */
export interface EmptyFacts {
  state: Readonly<PageState>;
  file: ShownFile | undefined;
  listeners: readonly ShownListener[];
  /** the lists are narrowed to a debug session */
  isNarrowed: boolean;
  /** connections, or messages, that there are without any filter */
  all: number;
}

/** Ways out, as buttons. */
export interface EmptyWays {
  clearFilter(): void;
  /** of the connection, the time and the stretch that the messages are narrowed to */
  showAll(): void;
  /** of the debug session */
  widen(): void;
}

export function noFlowsWords(facts: EmptyFacts, ways: EmptyWays): EmptyWords {
  const { state: { text }, file, isNarrowed, all } = facts;
  if (file !== undefined && isWithoutPackets(file)) return emptyFileWords(file);
  if (text !== '') {
    return {
      title: l10n.t('No connection matches “{0}”', text),
      next: l10n.t('Of {0} connections, none has this in its protocol, route, upstream, program or address.', formatCount(all)),
      action: clearing(ways),
    };
  }
  return isNarrowed ? nothingOfSession(ways) : waiting(facts, false);
}

export function noMessagesWords(facts: EmptyFacts, ways: EmptyWays): EmptyWords {
  const { state: { filter, onlyFlow, since, stretch }, file, isNarrowed, all } = facts;
  if (file !== undefined && isWithoutPackets(file)) return emptyFileWords(file);
  if (filter !== '') return { title: l10n.t('No message matches'), next: l10n.t('Of {0} messages, none is as the filter says. New ones appear here when they match.', formatCount(all)), action: clearing(ways) };
  const action = { title: l10n.t('Show all'), run: () => ways.showAll() };
  if (onlyFlow !== null) return { title: l10n.t('This connection has no messages'), next: l10n.t('Its bytes may not be decoded yet, or it said nothing.'), action };
  if (stretch !== null) return { title: l10n.t('Nothing in this stretch of time'), next: l10n.t('No message lies between {0} and {1}.', formatTime(stretch.from), formatTime(stretch.to)), action };
  if (since !== null) return { title: l10n.t('Nothing since {0}', formatTime(since)), next: l10n.t('The list was cleared then; new messages appear here as they come.'), action };
  return isNarrowed ? nothingOfSession(ways) : waiting(facts, true);
}

function clearing(ways: EmptyWays): EmptyWords['action'] {
  return { title: l10n.t('Clear filter'), run: () => ways.clearFilter() };
}

function nothingOfSession(ways: EmptyWays): EmptyWords {
  return {
    title: l10n.t('Nothing of this debug session'),
    next: l10n.t('Traffic appears here once a program that is debugged opens or takes a connection through a listener.'),
    action: { title: l10n.t('Show all'), run: () => ways.widen() },
  };
}

function waiting({ file, listeners }: EmptyFacts, areMessages: boolean): EmptyWords {
  return file === undefined ? waitingWords(listeners, areMessages) : emptyFileWords(file);
}
