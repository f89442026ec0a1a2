// Names of TLS's numbers other than cipher suites (IANA registries "Transport Layer Security (TLS) Parameters" and "TLS Extensions").

import { cipherSuites } from './tlsSuites.js';

export const recordTypes: Readonly<Record<number, string>> = { 20: 'change_cipher_spec', 21: 'alert', 22: 'handshake', 23: 'application_data', 24: 'heartbeat' };

const versions: Readonly<Record<number, string>> = { 0x0002: 'SSL 2', 0x0300: 'SSL 3', 0x0301: 'TLS 1.0', 0x0302: 'TLS 1.1', 0x0303: 'TLS 1.2', 0x0304: 'TLS 1.3' };

export const handshakeTypes: Readonly<Record<number, string>> = {
  0: 'HelloRequest', 1: 'ClientHello', 2: 'ServerHello', 4: 'NewSessionTicket', 5: 'EndOfEarlyData', 8: 'EncryptedExtensions', 11: 'Certificate', 12: 'ServerKeyExchange',
  13: 'CertificateRequest', 14: 'ServerHelloDone', 15: 'CertificateVerify', 16: 'ClientKeyExchange', 20: 'Finished', 21: 'CertificateURL', 22: 'CertificateStatus',
  23: 'SupplementalData', 24: 'KeyUpdate', 25: 'CompressedCertificate', 67: 'NextProtocol', 203: 'ChannelID', 254: 'MessageHash',
};

export const extensionNames: Readonly<Record<number, string>> = {
  0: 'server_name', 1: 'max_fragment_length', 2: 'client_certificate_url', 3: 'trusted_ca_keys', 4: 'truncated_hmac', 5: 'status_request', 6: 'user_mapping', 7: 'client_authz',
  8: 'server_authz', 9: 'cert_type', 10: 'supported_groups', 11: 'ec_point_formats', 12: 'srp', 13: 'signature_algorithms', 14: 'use_srtp', 15: 'heartbeat',
  16: 'application_layer_protocol_negotiation', 17: 'status_request_v2', 18: 'signed_certificate_timestamp', 19: 'client_certificate_type', 20: 'server_certificate_type',
  21: 'padding', 22: 'encrypt_then_mac', 23: 'extended_master_secret', 24: 'token_binding', 25: 'cached_info', 27: 'compress_certificate', 28: 'record_size_limit',
  29: 'pwd_protect', 30: 'pwd_clear', 31: 'password_salt', 34: 'delegated_credential', 35: 'session_ticket', 41: 'pre_shared_key', 42: 'early_data', 43: 'supported_versions',
  44: 'cookie', 45: 'psk_key_exchange_modes', 47: 'certificate_authorities', 48: 'oid_filters', 49: 'post_handshake_auth', 50: 'signature_algorithms_cert', 51: 'key_share',
  52: 'transparency_info', 54: 'connection_id', 55: 'external_id_hash', 56: 'external_session_id', 57: 'quic_transport_parameters', 58: 'ticket_request', 59: 'dnssec_chain',
  13172: 'next_protocol_negotiation', 17513: 'application_settings (draft)', 17613: 'application_settings', 30032: 'channel_id', 64768: 'ech_outer_extensions', 65037: 'encrypted_client_hello', 65281: 'renegotiation_info',
};

const groups: Readonly<Record<number, string>> = {
  9: 'sect283k1', 10: 'sect283r1', 11: 'sect409k1', 12: 'sect409r1', 13: 'sect571k1', 14: 'sect571r1', 19: 'secp192r1', 20: 'secp224k1', 21: 'secp224r1', 22: 'secp256k1',
  23: 'secp256r1', 24: 'secp384r1', 25: 'secp521r1', 26: 'brainpoolP256r1', 27: 'brainpoolP384r1', 28: 'brainpoolP512r1', 29: 'x25519', 30: 'x448',
  31: 'brainpoolP256r1tls13', 32: 'brainpoolP384r1tls13', 33: 'brainpoolP512r1tls13', 41: 'curveSM2', 256: 'ffdhe2048', 257: 'ffdhe3072', 258: 'ffdhe4096', 259: 'ffdhe6144',
  260: 'ffdhe8192', 512: 'MLKEM512', 513: 'MLKEM768', 514: 'MLKEM1024', 4587: 'SecP256r1MLKEM768', 4588: 'X25519MLKEM768', 4589: 'SecP384r1MLKEM1024',
  25497: 'X25519Kyber768Draft00', 25498: 'SecP256r1Kyber768Draft00', 65281: 'arbitrary_explicit_prime_curves', 65282: 'arbitrary_explicit_char2_curves',
};

const signatureSchemes: Readonly<Record<number, string>> = {
  0x0201: 'rsa_pkcs1_sha1', 0x0203: 'ecdsa_sha1', 0x0401: 'rsa_pkcs1_sha256', 0x0403: 'ecdsa_secp256r1_sha256', 0x0420: 'rsa_pkcs1_sha256_legacy', 0x0501: 'rsa_pkcs1_sha384',
  0x0503: 'ecdsa_secp384r1_sha384', 0x0520: 'rsa_pkcs1_sha384_legacy', 0x0601: 'rsa_pkcs1_sha512', 0x0603: 'ecdsa_secp521r1_sha512', 0x0620: 'rsa_pkcs1_sha512_legacy',
  0x0708: 'sm2sig_sm3', 0x0804: 'rsa_pss_rsae_sha256', 0x0805: 'rsa_pss_rsae_sha384', 0x0806: 'rsa_pss_rsae_sha512', 0x0807: 'ed25519', 0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256', 0x080a: 'rsa_pss_pss_sha384', 0x080b: 'rsa_pss_pss_sha512', 0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384', 0x081c: 'ecdsa_brainpoolP512r1tls13_sha512', 0x0904: 'mldsa44', 0x0905: 'mldsa65', 0x0906: 'mldsa87',
};

/** Halves of a pair that has no name as a scheme (RFC 5246 §7.4.1.4.1). */
const hashes = ['none', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const signatures = ['anonymous', 'rsa', 'dsa', 'ecdsa'];

export const alertLevels: Readonly<Record<number, string>> = { 1: 'warning', 2: 'fatal' };

const alerts: Readonly<Record<number, string>> = {
  0: 'close_notify', 1: 'end_of_early_data', 10: 'unexpected_message', 20: 'bad_record_mac', 21: 'decryption_failed', 22: 'record_overflow', 30: 'decompression_failure',
  40: 'handshake_failure', 41: 'no_certificate', 42: 'bad_certificate', 43: 'unsupported_certificate', 44: 'certificate_revoked', 45: 'certificate_expired',
  46: 'certificate_unknown', 47: 'illegal_parameter', 48: 'unknown_ca', 49: 'access_denied', 50: 'decode_error', 51: 'decrypt_error', 52: 'too_many_cids_requested',
  60: 'export_restriction', 70: 'protocol_version', 71: 'insufficient_security', 80: 'internal_error', 86: 'inappropriate_fallback', 90: 'user_canceled',
  100: 'no_renegotiation', 109: 'missing_extension', 110: 'unsupported_extension', 111: 'certificate_unobtainable', 112: 'unrecognized_name',
  113: 'bad_certificate_status_response', 114: 'bad_certificate_hash_value', 115: 'unknown_psk_identity', 116: 'certificate_required', 117: 'general_error',
  120: 'no_application_protocol', 121: 'ech_required',
};

export const certificateTypes: Readonly<Record<number, string>> = { 1: 'rsa_sign', 2: 'dss_sign', 3: 'rsa_fixed_dh', 4: 'dss_fixed_dh', 20: 'gost_sign256', 22: 'gost_sign512', 64: 'ecdsa_sign', 65: 'rsa_fixed_ecdh', 66: 'ecdsa_fixed_ecdh' };
export const pointFormats: Readonly<Record<number, string>> = { 0: 'uncompressed', 1: 'ansiX962_compressed_prime', 2: 'ansiX962_compressed_char2' };
export const compressionMethods: Readonly<Record<number, string>> = { 0: 'null', 1: 'deflate', 64: 'lzs' };
export const certificateCompressions: Readonly<Record<number, string>> = { 1: 'zlib', 2: 'brotli', 3: 'zstd' };
export const pskModes: Readonly<Record<number, string>> = { 0: 'psk_ke', 1: 'psk_dhe_ke' };
export const kdfs: Readonly<Record<number, string>> = { 1: 'HKDF-SHA256', 2: 'HKDF-SHA384', 3: 'HKDF-SHA512' };
export const aeads: Readonly<Record<number, string>> = { 1: 'AES-128-GCM', 2: 'AES-256-GCM', 3: 'ChaCha20Poly1305' };

/** Values that mean nothing, sent so that servers stay able to skip what they do not know (RFC 8701 §2). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

export const versionName = (value: number): string => named(versions, value);
export const suiteName = (value: number): string => named(cipherSuites, value);
export const groupName = (value: number): string => named(groups, value);
export const extensionName = (value: number): string => named(extensionNames, value);

export function schemeName(value: number): string {
  const [hash, signature] = [hashes[value >> 8], signatures[value & 0xff]];
  return signatureSchemes[value] ?? (hash === undefined || signature === undefined ? named({}, value) : `${signature}_${hash}`);
}

export function alertName(value: number): string {
  return alerts[value] ?? `alert ${value}`;
}

function named(names: Readonly<Record<number, string>>, value: number): string {
  return names[value] ?? `${isGrease(value) ? 'GREASE ' : ''}0x${value.toString(16).padStart(4, '0')}`;
}
