// What conditions are called in the form.

import { l10n } from '../l10n.js';
import type { ConditionKind } from './conditions.js';

/** In the order of the "Add condition" menu: the commonest first. */
export const addableKinds: readonly ConditionKind[] = ['protocol', 'host', 'path', 'method', 'header', 'sni', 'alpn', 'process', 'remote', 'silent', 'payload', 'pattern'];

export function kindTitle(kind: ConditionKind): { title: string; hint: string } {
  switch (kind) {
    case 'protocol': return { title: l10n.t('Protocol'), hint: l10n.t('what the first bytes are') };
    case 'host': return { title: l10n.t('Host'), hint: l10n.t('of an HTTP request') };
    case 'path': return { title: l10n.t('Path'), hint: l10n.t('of an HTTP request') };
    case 'method': return { title: l10n.t('Method'), hint: l10n.t('of an HTTP request') };
    case 'header': return { title: l10n.t('Header'), hint: l10n.t('of an HTTP request') };
    case 'sni': return { title: l10n.t('TLS name'), hint: l10n.t('SNI, readable without decrypting') };
    case 'alpn': return { title: l10n.t('TLS protocol'), hint: l10n.t('ALPN, such as h2') };
    case 'process': return { title: l10n.t('Program'), hint: l10n.t('that opened the connection') };
    case 'remote': return { title: l10n.t('Client address'), hint: l10n.t('or a range of them') };
    case 'silent': return { title: l10n.t('Silence'), hint: l10n.t('the client waits for the server') };
    case 'payload': return { title: l10n.t('Bytes at an offset'), hint: l10n.t('as hex') };
    case 'pattern': return { title: l10n.t('Pattern'), hint: l10n.t('regular expression') };
    case 'other': return { title: l10n.t('Other'), hint: '' };
  }
}

/** @param isFirst the sentence begins here */
export function clause(kind: ConditionKind, isNot: boolean, isFirst: boolean): string {
  return `${isFirst ? l10n.t('When') : l10n.t('and')} ${isNot ? negative(kind) : positive(kind)}`;
}

function positive(kind: ConditionKind): string {
  switch (kind) {
    case 'protocol': return l10n.t('the first bytes are');
    case 'host': return l10n.t('host matches');
    case 'path': return l10n.t('path matches');
    case 'method': return l10n.t('method is');
    case 'header': return l10n.t('this header matches');
    case 'sni': return l10n.t('TLS name matches');
    case 'alpn': return l10n.t('TLS offers protocol');
    case 'process': return l10n.t('program matches');
    case 'remote': return l10n.t('client address is in');
    case 'silent': return l10n.t('the client stays silent');
    case 'payload': return l10n.t('these bytes stand at offset');
    case 'pattern': return l10n.t('the first bytes match');
    case 'other': return l10n.t('this holds');
  }
}

function negative(kind: ConditionKind): string {
  switch (kind) {
    case 'protocol': return l10n.t('the first bytes are not');
    case 'host': return l10n.t('host does not match');
    case 'path': return l10n.t('path does not match');
    case 'method': return l10n.t('method is not');
    case 'header': return l10n.t('this header does not match');
    case 'sni': return l10n.t('TLS name does not match');
    case 'alpn': return l10n.t('TLS does not offer protocol');
    case 'process': return l10n.t('program does not match');
    case 'remote': return l10n.t('client address is not in');
    case 'silent': return l10n.t('the client says something');
    case 'payload': return l10n.t('other bytes stand at offset');
    case 'pattern': return l10n.t('the first bytes do not match');
    case 'other': return l10n.t('this does not hold');
  }
}

export function placeholder(kind: ConditionKind): string {
  switch (kind) {
    case 'host': return 'api.localhost';
    case 'path': return '/v1/*';
    case 'method': return 'GET, POST';
    case 'header': return '*json*';
    case 'sni': return '*.test';
    case 'alpn': return 'h2';
    case 'process': return 'mysql*';
    case 'remote': return '127.0.0.0/8';
    case 'payload': return '474554, 504f53';
    case 'pattern': return '^HELO ';
    default: return '';
  }
}
