// What the facts that a filter asks about are, in a phrase each: for completion.

import { t } from './translate.js';

/** By name; translated where they are shown. */
export const meanings: Readonly<Record<string, string>> = {
  protocol: t('protocol of the message'),
  from: t('who said it: client or upstream'),
  kind: t('request, answer, notice, undecoded or gap'),
  summary: t('line of the message or its answer'),
  answer: t('line of the first answer'),
  latency: t('time until the first answer'),
  duration: t('time until the end of the last answer'),
  bytes: t('bytes on the wire: what they contain, or how many they are'),
  size: t('bytes on the wire, how many they are'),
  stream: t('number of the stream or channel'),
  time: t('when it began: 14:02:31, or with a date'),
  problem: t('something is wrong with it'),
  severity: t('worst problem: note, warning or error'),
  marked: t('it was marked'),
  waiting: t('an answer has not come yet'),
  client: t('address of the client'),
  upstream: t('address of the upstream'),
  text: t('everything that it says'),
  'flow.id': t('number of the connection'),
  'flow.process': t('program of the client'),
  'flow.pid': t('process id of the client'),
  'flow.session': t('debug session of the client'),
  'flow.route': t('route that the connection took'),
  'flow.listener': t('listener that accepted the connection'),
  'flow.protocol': t('protocols of the connection'),
};
