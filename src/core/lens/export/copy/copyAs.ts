// A message as a command or as code that says it again. Each form is offered only where it applies.

import { copyForms, type CopiedText, type CopyForm } from '../../../../shared/export.js';
import type { CopyContext } from './copyContext.js';
import { curl } from './curl.js';
import { fetchCode } from './fetchCode.js';
import { grpcurl } from './grpcurl.js';
import { httpie } from './httpie.js';
import { mosquittoPub } from './mosquittoPub.js';
import { psql } from './psql.js';
import { redisCli } from './redisCli.js';

const writers: Record<CopyForm, (context: CopyContext) => string | undefined> = {
  curl, fetch: fetchCode, httpie, 'redis-cli': redisCli, psql, grpcurl, mosquitto_pub: mosquittoPub,
};

export function formsOf(context: CopyContext): CopyForm[] {
  return copyForms.filter((form) => writers[form]({ ...context, notes: [] }) !== undefined);
}

/** @returns null where the form does not apply */
export function copyAs(context: CopyContext, form: CopyForm): CopiedText | null {
  const before = context.masking.count;
  const text = writers[form](context);
  return text === undefined ? null : { text, masked: context.masking.count - before, notes: context.notes };
}
