// How values are worded that mean the same in every payload: sizes, times, UUIDs, and names behind which a secret stands.

import type { Field } from '../../../shared/message.js';

/** @returns "318 bytes", "4.8 KB", "1.2 MB" (1 KB = 1,024 bytes) */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const isLarge = 1024 * 1023.95 <= bytes;
  const isHuge = 1024 ** 2 * 1023.95 <= bytes;
  const amount = bytes / 1024 ** (isHuge ? 3 : isLarge ? 2 : 1);
  return `${amount < 99.95 ? amount.toFixed(1).replace(/\.0$/, '') : Math.round(amount)} ${isHuge ? 'GB' : isLarge ? 'MB' : 'KB'}`;
}

export const maskedText = '••••••';

/** Names of members, form fields and parameters whose value is a password, token or key, in lower case. */
const secretNames = new Set([
  'password', 'passwd', 'passphrase', 'pwd', 'secret', 'client_secret', 'clientsecret', 'client-secret', 'client_assertion', 'access_token', 'accesstoken',
  'access-token', 'refresh_token', 'refreshtoken', 'refresh-token', 'id_token', 'idtoken', 'auth_token', 'authtoken', 'api_key', 'apikey', 'api-key',
  'x-api-key', 'private_key', 'privatekey', 'secret_key', 'secretkey', 'secret_access_key', 'secretaccesskey', 'session_token', 'sessiontoken',
  'authorization', 'credential', 'credentials', 'new_password', 'newpassword', 'old_password', 'oldpassword', 'current_password', 'password_confirmation',
]);

/** Is what carries this name a password, token or key? `token` alone is not: parsers and pages have tokens too. */
export function isSecretName(name: string): boolean {
  return name.length <= 24 && secretNames.has(name.toLowerCase());
}

/** Is one of these, or of what is in them, a secret? Then the text of the whole must not be shown either. */
export function hasSecret(fields: readonly Field[] | undefined): boolean {
  return fields !== undefined && fields.some((field) => field.isSecret === true || hasSecret(field.fields));
}

// 2001-09-09 to 2100: smaller numbers are counts and identifiers far more often than times.
const minSeconds = 1_000_000_000;
const maxSeconds = 4_102_444_800;
const timeName = /(?:^|_|-|[a-z](?=[A-Z]))(?:at|time|timestamp|ts|date|exp|iat|nbf|expires|expiry|created|updated|modified|seconds|millis|ms|since|until)$/i;

/**
 * The time that a number means, judged by the name it stands behind and by its size.
 *
 * @returns ISO 8601 in UTC, or undefined when it is no time of unix seconds, milliseconds or microseconds
 */
export function timeText(name: string, value: number): string | undefined {
  if (value < minSeconds || maxSeconds * 1e6 < value || 32 < name.length || !timeName.test(name)) return undefined;
  for (const unit of [1, 1e3, 1e6]) if (value / unit <= maxSeconds) return value / unit < minSeconds ? undefined : isoText((value / unit) * 1000);
  return undefined;
}

/** @param time epoch milliseconds @returns ISO 8601 in UTC without needless zeros, or the number when it is no date */
export function isoText(time: number): string {
  // ECMAScript dates end 100,000,000 days from the epoch.
  return -8.64e15 <= time && time <= 8.64e15 ? new Date(time).toISOString().replace('.000Z', 'Z') : String(time);
}

/** @param view 16 bytes @see RFC 9562 §4 */
export function uuidText(view: Uint8Array): string {
  const hex = Array.from(view, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

export function isUuid(text: string): boolean {
  return text.length === 36 && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
