// Names of LDAP's numbers and object identifiers (RFC 4511 §4, appendix A; IANA "LDAP Parameters").

export const operationNames: Readonly<Record<number, string>> = {
  0x60: 'bind request', 0x61: 'bind response', 0x42: 'unbind request', 0x63: 'search request', 0x64: 'search result entry', 0x65: 'search result done', 0x73: 'search result reference',
  0x66: 'modify request', 0x67: 'modify response', 0x68: 'add request', 0x69: 'add response', 0x4a: 'delete request', 0x6b: 'delete response', 0x6c: 'modify dn request',
  0x6d: 'modify dn response', 0x6e: 'compare request', 0x6f: 'compare response', 0x50: 'abandon request', 0x77: 'extended request', 0x78: 'extended response', 0x79: 'intermediate response',
};

const results: Readonly<Record<number, string>> = {
  0: 'success', 1: 'operationsError', 2: 'protocolError', 3: 'timeLimitExceeded', 4: 'sizeLimitExceeded', 5: 'compareFalse', 6: 'compareTrue', 7: 'authMethodNotSupported',
  8: 'strongerAuthRequired', 10: 'referral', 11: 'adminLimitExceeded', 12: 'unavailableCriticalExtension', 13: 'confidentialityRequired', 14: 'saslBindInProgress',
  16: 'noSuchAttribute', 17: 'undefinedAttributeType', 18: 'inappropriateMatching', 19: 'constraintViolation', 20: 'attributeOrValueExists', 21: 'invalidAttributeSyntax',
  32: 'noSuchObject', 33: 'aliasProblem', 34: 'invalidDNSyntax', 36: 'aliasDereferencingProblem', 48: 'inappropriateAuthentication', 49: 'invalidCredentials',
  50: 'insufficientAccessRights', 51: 'busy', 52: 'unavailable', 53: 'unwillingToPerform', 54: 'loopDetect', 64: 'namingViolation', 65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf', 67: 'notAllowedOnRDN', 68: 'entryAlreadyExists', 69: 'objectClassModsProhibited', 71: 'affectsMultipleDSAs', 80: 'other', 113: 'lcupResourcesExhausted',
  118: 'canceled', 119: 'noSuchOperation', 120: 'tooLate', 121: 'cannotCancel', 122: 'assertionFailed', 123: 'authorizationDenied', 4096: 'e-syncRefreshRequired',
};

/** Codes that are no failure: success, the two answers to compare, referral, and bind going on. */
export const politeResults: readonly number[] = [0, 5, 6, 10, 14];

export function resultName(code: number): string {
  return results[code] ?? `result ${code}`;
}

export const scopes: Readonly<Record<number, string>> = { 0: 'base', 1: 'one', 2: 'sub', 3: 'children' };
export const aliases: Readonly<Record<number, string>> = { 0: 'never', 1: 'in searching', 2: 'finding base', 3: 'always' };
export const changes: Readonly<Record<number, string>> = { 0: 'add', 1: 'delete', 2: 'replace', 3: 'increment' };

export const startTls = '1.3.6.1.4.1.1466.20037';
export const passwordModify = '1.3.6.1.4.1.4203.1.11.1';
export const pagedResults = '1.2.840.113556.1.4.319';

const oids: Readonly<Record<string, string>> = {
  [startTls]: 'StartTLS', '1.3.6.1.4.1.1466.20036': 'Notice of Disconnection', [passwordModify]: 'Password Modify', '1.3.6.1.4.1.4203.1.11.3': 'Who am I?', '1.3.6.1.1.8': 'Cancel',
  '1.3.6.1.1.21.1': 'Start Transaction', '1.3.6.1.1.21.3': 'End Transaction', '1.3.6.1.4.1.1466.101.119.1': 'Dynamic Refresh', '1.2.840.113556.1.4.1781': 'Fast Bind',
  '1.3.6.1.4.1.4203.1.9.1.4': 'Sync Info', [pagedResults]: 'Paged Results', '1.2.840.113556.1.4.473': 'Server Side Sort', '1.2.840.113556.1.4.474': 'Server Side Sort Response',
  '2.16.840.1.113730.3.4.9': 'Virtual List View', '2.16.840.1.113730.3.4.10': 'Virtual List View Response', '2.16.840.1.113730.3.4.2': 'ManageDsaIT',
  '2.16.840.1.113730.3.4.3': 'Persistent Search', '2.16.840.1.113730.3.4.7': 'Entry Change Notification', '2.16.840.1.113730.3.4.18': 'Proxied Authorization',
  '2.16.840.1.113730.3.4.4': 'Password Expired', '2.16.840.1.113730.3.4.5': 'Password Expiring', '1.3.6.1.4.1.42.2.27.8.5.1': 'Password Policy', '1.3.6.1.4.1.4203.1.9.1.1': 'Sync Request',
  '1.3.6.1.4.1.4203.1.9.1.2': 'Sync State', '1.3.6.1.4.1.4203.1.9.1.3': 'Sync Done', '1.3.6.1.4.1.4203.1.10.1': 'Subentries', '1.3.6.1.1.12': 'Assertion', '1.3.6.1.1.13.1': 'Pre-Read',
  '1.3.6.1.1.13.2': 'Post-Read', '1.3.6.1.1.21.2': 'Transaction Specification', '1.3.6.1.4.1.4203.1.10.2': 'No-Op', '1.2.826.0.1.3344810.2.3': 'Matched Values',
  '1.2.840.113556.1.4.805': 'Tree Delete', '1.2.840.113556.1.4.1339': 'Domain Scope', '1.2.840.113556.1.4.528': 'Change Notification', '1.2.840.113556.1.4.417': 'Show Deleted',
  '1.2.840.113556.1.4.801': 'SD Flags', '1.2.840.113556.1.4.841': 'DirSync', '1.2.840.113556.1.4.1413': 'Permissive Modify', '1.2.840.113556.1.4.529': 'Extended DN',
};

/** @returns the name of a control or an extended operation, or its numbers */
export function oidName(oid: string): string {
  return oids[oid] ?? oid;
}

/** Attributes whose values open doors (RFC 4519 §2.41; Active Directory; SASL, Kerberos and NT stores). */
export function isSecretAttribute(name: string): boolean {
  return /^(userPassword|unicodePwd|authPassword|sambaNTPassword|sambaLMPassword|krbPrincipalKey|olcRootPW|ms-Mcs-AdmPwd)(;.*)?$/i.test(name);
}
