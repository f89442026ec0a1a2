// A message as a command or as code that says it again. Each form is offered only where it applies; one that applies but cannot carry what the
// message holds says so instead.

import { copyForms, type CopiedText, type CopyForm } from '../../../../shared/export.js';
import type { CopyContext } from './copyContext.js';
import { curl } from './curl.js';
import { fetchCode } from './fetchCode.js';
import { grpcurl } from './grpcurl.js';
import { httpie } from './httpie.js';
import { mosquittoPub } from './mosquittoPub.js';
import { psql } from './psql.js';
import { redisCli } from './redisCli.js';
import { Refusal } from './refusal.js';

const writers: Record<CopyForm, (context: CopyContext) => string | Refusal | undefined> = {
  curl, fetch: fetchCode, httpie, 'redis-cli': redisCli, psql, grpcurl, mosquitto_pub: mosquittoPub,
};

export function formsOf(context: CopyContext): CopyForm[] {
  return copyForms.filter((form) => writers[form]({ ...context, notes: [] }) !== undefined);
}

/** @returns null where the form does not apply */
export function copyAs(context: CopyContext, form: CopyForm): CopiedText | null {
  const before = context.masking.count;
  const text = writers[form](context);
  if (text === undefined) return null;
  const masked = context.masking.count - before;
  return text instanceof Refusal ? { text: '', masked, notes: [], refused: text.reason } : { text, masked, notes: context.notes };
}
