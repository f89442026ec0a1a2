// Names of LDAP's numbers and object identifiers (RFC 4511 §4, appendix A; IANA, "LDAP Parameters").

export const resultCodes: Readonly<Record<number, string>> = {
  0: 'success', 1: 'operationsError', 2: 'protocolError', 3: 'timeLimitExceeded', 4: 'sizeLimitExceeded', 5: 'compareFalse', 6: 'compareTrue', 7: 'authMethodNotSupported',
  8: 'strongerAuthRequired', 10: 'referral', 11: 'adminLimitExceeded', 12: 'unavailableCriticalExtension', 13: 'confidentialityRequired', 14: 'saslBindInProgress',
  16: 'noSuchAttribute', 17: 'undefinedAttributeType', 18: 'inappropriateMatching', 19: 'constraintViolation', 20: 'attributeOrValueExists', 21: 'invalidAttributeSyntax',
  32: 'noSuchObject', 33: 'aliasProblem', 34: 'invalidDNSyntax', 36: 'aliasDereferencingProblem', 48: 'inappropriateAuthentication', 49: 'invalidCredentials',
  50: 'insufficientAccessRights', 51: 'busy', 52: 'unavailable', 53: 'unwillingToPerform', 54: 'loopDetect', 64: 'namingViolation', 65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf', 67: 'notAllowedOnRDN', 68: 'entryAlreadyExists', 69: 'objectClassModsProhibited', 71: 'affectsMultipleDSAs', 80: 'other', 118: 'canceled',
  119: 'noSuchOperation', 120: 'tooLate', 121: 'cannotCancel', 122: 'assertionFailed', 4096: 'e-syncRefreshRequired',
};

/** success, compareFalse, compareTrue, referral, saslBindInProgress: answers like any other (RFC 4511 appendix A.1). */
export const fineCodes: ReadonlySet<number> = new Set([0, 5, 6, 10, 14]);

export const scopes: readonly string[] = ['base', 'one level', 'subtree', 'subordinates'];
export const dereferences: readonly string[] = ['never', 'in searching', 'finding the base', 'always'];
export const changes: readonly string[] = ['add', 'delete', 'replace', 'increment'];

export const startTls = '1.3.6.1.4.1.1466.20037';
export const passwordModify = '1.3.6.1.4.1.4203.1.11.1';
export const pagedResults = '1.2.840.113556.1.4.319';

/** Extended operations and what they answer. */
export const extensions: Readonly<Record<string, string>> = {
  [startTls]: 'StartTLS', [passwordModify]: 'modify password', '1.3.6.1.4.1.4203.1.11.3': 'who am I', '1.3.6.1.4.1.1466.20036': 'notice of disconnection', '1.3.6.1.1.8': 'cancel',
  '1.3.6.1.4.1.1466.101.119.1': 'refresh', '1.3.6.1.1.19': 'turn', '1.3.6.1.1.21.1': 'start transaction', '1.3.6.1.1.21.3': 'end transaction', '1.2.840.113556.1.4.1781': 'fast bind',
  '1.3.6.1.4.1.4203.1.9.1.4': 'sync info',
};

export const controlNames: Readonly<Record<string, string>> = {
  [pagedResults]: 'paged results', '1.2.840.113556.1.4.473': 'sort request', '1.2.840.113556.1.4.474': 'sort response', '2.16.840.1.113730.3.4.9': 'virtual list view request',
  '2.16.840.1.113730.3.4.10': 'virtual list view response', '2.16.840.1.113730.3.4.2': 'manage DSA IT', '2.16.840.1.113730.3.4.3': 'persistent search',
  '2.16.840.1.113730.3.4.7': 'entry change notification', '2.16.840.1.113730.3.4.18': 'proxied authorization', '1.3.6.1.4.1.4203.1.9.1.1': 'sync request',
  '1.3.6.1.4.1.4203.1.9.1.2': 'sync state', '1.3.6.1.4.1.4203.1.9.1.3': 'sync done', '1.3.6.1.4.1.4203.1.10.1': 'subentries', '1.3.6.1.4.1.42.2.27.8.5.1': 'password policy',
  '1.3.6.1.1.12': 'assertion', '1.3.6.1.1.13.1': 'pre-read', '1.3.6.1.1.13.2': 'post-read', '1.3.6.1.1.21.2': 'transaction', '1.3.6.1.1.22': 'do not use copy',
  '1.2.826.0.1.3344810.2.3': 'matched values', '1.2.840.113556.1.4.805': 'tree delete', '1.2.840.113556.1.4.417': 'show deleted', '1.2.840.113556.1.4.801': 'security descriptor flags',
  '1.2.840.113556.1.4.841': 'dirsync', '1.2.840.113556.1.4.619': 'lazy commit', '1.2.840.113556.1.4.528': 'notification', '1.2.840.113556.1.4.529': 'extended DN',
  '1.2.840.113556.1.4.1339': 'domain scope', '1.2.840.113556.1.4.1413': 'permissive modify',
};

/** Attributes whose values are passwords or keys; options such as `;binary` may follow. */
export function isSecretAttribute(type: string): boolean {
  return /^(userpassword|unicodepwd|authpassword|olcrootpw|sambantpassword|sambalmpassword|sambapasswordhistory|pwdhistory|krbprincipalkey|krb5key|ipanthash|ntpwdhistory|lmpwdhistory|dbcspwd|supplementalcredentials|ms-mcs-admpwd)(;|$)/i.test(type);
}
