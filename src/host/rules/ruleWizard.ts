// "Add Listener" and "Add Route" without knowing JSON: a few questions, then one edit of the file.

import * as vscode from 'vscode';
import type { Json, ProtocolChoice } from '../../shared/rules.js';
import type { Choice, Dialogs } from '../dialogs.js';

const t = vscode.l10n.t;

/** A route as far as the questions went: what to match, and a name for it. */
interface Match { name: string; match: Json }

/** @returns a listener as written in the file; undefined when the person left */
export async function askListener(dialogs: Dialogs, takenNames: readonly string[]): Promise<Json | undefined> {
  const title = t('Add Listener');
  const listen = await dialogs.input({
    title, step: { at: 1, of: 3 }, value: '3000',
    prompt: t('Port, or address and port, to listen on. Port 0 takes a free one.'),
    check: checkAddress,
  });
  if (listen === undefined) return undefined;
  const name = await dialogs.input({
    title, step: { at: 2, of: 3 }, value: freeName('dev', takenNames), prompt: t('Name of the listener'),
    check: (text) => checkName(text, takenNames),
  });
  if (name === undefined) return undefined;
  const fallback = await dialogs.input({
    title, step: { at: 3, of: 3 }, placeholder: '8080',
    prompt: t('Where connections go that no route takes: a port or host:port. Empty: they are closed.'),
    check: (text) => (text.trim() === '' ? undefined : checkAddress(text)),
  });
  if (fallback === undefined) return undefined;
  return { name, listen: listen.trim(), routes: [], ...(fallback.trim() === '' ? {} : { default: fallback.trim() }) };
}

/** @returns a route as written in the file; undefined when the person left */
export async function askRoute(dialogs: Dialogs, listener: string, takenNames: readonly string[], protocols: readonly ProtocolChoice[]): Promise<Json | undefined> {
  const title = t('Add Route to {0}', listener);
  const choices: Choice<() => Promise<Match | undefined>>[] = [
    ...protocols.map((protocol) => protocolChoice(protocol)),
    { label: t('HTTP host or path'), description: t('host, path'), icon: 'globe', value: () => askHttp(dialogs, title) },
    { label: t('TLS host name'), description: 'sni', icon: 'lock', value: () => askOne(dialogs, title, 'tls', t('Host name in the TLS hello, * for any part'), '*.test', (text) => ({ tls: { sni: text } })) },
    { label: t('Program of the client'), description: 'process', icon: 'server-process', value: () => askOne(dialogs, title, 'program', t('Name or command line of the client\'s program, * for any part'), 'mysql*', (text) => ({ process: text })) },
    { label: t('Client that says nothing'), description: 'silent', icon: 'mute', value: () => Promise.resolve({ name: 'silent', match: { silent: true } }) },
    { label: t('First bytes'), description: 'payload', icon: 'file-binary', value: () => askOne(dialogs, title, 'bytes', t('First bytes in hex'), '474554', (text) => ({ payload: { offset: 0, hex: [text.replaceAll(' ', '')] } }), checkHex) },
  ];
  const ask = await dialogs.pick(choices, title, { at: 1, of: 3 });
  const match = await ask?.();
  if (match === undefined) return undefined;
  const to = await dialogs.input({ title, step: { at: 3, of: 3 }, placeholder: '8080', prompt: t('Where these connections go: a port or host:port'), check: checkAddress });
  if (to === undefined) return undefined;
  return { name: freeName(match.name, takenNames), match: match.match, to: to.trim() };
}

/** A protocol whose server speaks first is never seen in client bytes: the route asks for the client's program instead. */
function protocolChoice(protocol: ProtocolChoice): Choice<() => Promise<Match | undefined>> {
  const isServerFirst = protocol.firstSpeaker === 'server';
  const isGroup = protocol.title.startsWith('any of ');
  return {
    label: isGroup ? protocol.id.toUpperCase() : protocol.title,
    description: isGroup ? protocol.title : protocol.id,
    ...(isServerFirst ? { detail: t('The server speaks first: the route goes by the program ({0}*), not by bytes.', protocol.id) } : {}),
    icon: 'symbol-interface',
    value: () => Promise.resolve<Match>(isServerFirst ? { name: protocol.id, match: { process: `${protocol.id}*` } } : { name: protocol.id, match: { protocol: protocol.id } }),
  };
}

async function askHttp(dialogs: Dialogs, title: string): Promise<Match | undefined> {
  const text = await dialogs.input({
    title, step: { at: 2, of: 3 }, placeholder: 'api.localhost/v1/*', prompt: t('Host and path, * for any part: api.localhost, /v1/*, or both'),
    check: (value) => (value.trim() === '' ? t('Write a host, a path, or both.') : undefined),
  });
  if (text === undefined) return undefined;
  const slash = text.indexOf('/');
  const host = (slash < 0 ? text : text.slice(0, slash)).trim();
  const path = slash < 0 ? '' : text.slice(slash).trim();
  return { name: host.split('.')[0]?.replaceAll('*', '') || 'http', match: { protocol: 'http', ...(host === '' ? {} : { host }), ...(path === '' ? {} : { path }) } };
}

async function askOne(dialogs: Dialogs, title: string, name: string, prompt: string, placeholder: string, match: (text: string) => Json, check?: (text: string) => string | undefined): Promise<Match | undefined> {
  const text = await dialogs.input({ title, step: { at: 2, of: 3 }, prompt, placeholder, check: (value) => (value.trim() === '' ? t('Write something to match.') : check?.(value)) });
  return text === undefined ? undefined : { name, match: match(text.trim()) };
}

/** Enough to catch slips while typing; the file's own check has the last word. */
function checkAddress(text: string): string | undefined {
  const value = text.trim();
  if (value.startsWith('unix:') || value.startsWith('\\\\')) return undefined;
  const port = /^(?:.*:)?(\d+)$/.exec(value)?.[1];
  if (port === undefined) return t('Write a port such as 8080, or an address and port such as 127.0.0.1:8080 or [::1]:8080.');
  return Number(port) <= 65_535 ? undefined : t('Ports go up to 65535.');
}

function checkHex(text: string): string | undefined {
  return /^([0-9a-f]{2}\s*)+$/i.test(text.trim()) ? undefined : t('Write pairs of hex digits, such as 47 45 54.');
}

function checkName(text: string, taken: readonly string[]): string | undefined {
  if (text.trim() === '') return t('Write a name.');
  return taken.includes(text.trim()) ? t('The name {0} is taken.', text.trim()) : undefined;
}

/** With a dash: `http2` would read as the protocol of that name. */
function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.includes(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
