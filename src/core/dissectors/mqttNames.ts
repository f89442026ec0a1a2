// Names of MQTT's numbers (MQTT 5.0 §2.1.2, §2.2.2.2, §2.4; MQTT 3.1.1 §3.2.2.3, §3.9.3).

export const packetNames: Readonly<Record<number, string>> = {
  1: 'CONNECT', 2: 'CONNACK', 3: 'PUBLISH', 4: 'PUBACK', 5: 'PUBREC', 6: 'PUBREL', 7: 'PUBCOMP', 8: 'SUBSCRIBE', 9: 'SUBACK', 10: 'UNSUBSCRIBE', 11: 'UNSUBACK',
  12: 'PINGREQ', 13: 'PINGRESP', 14: 'DISCONNECT', 15: 'AUTH',
};

type PropertyType = 'byte' | 'two bytes' | 'four bytes' | 'variable' | 'text' | 'pair' | 'data' | 'secret' | 'unknown';

export const properties: Readonly<Record<number, readonly [name: string, type: PropertyType]>> = {
  1: ['payload format', 'byte'], 2: ['message expiry', 'four bytes'], 3: ['content type', 'text'], 8: ['response topic', 'text'], 9: ['correlation data', 'data'],
  11: ['subscription id', 'variable'], 17: ['session expiry', 'four bytes'], 18: ['assigned client id', 'text'], 19: ['server keep alive', 'two bytes'],
  21: ['authentication method', 'text'], 22: ['authentication data', 'secret'], 23: ['request problem information', 'byte'], 24: ['will delay', 'four bytes'],
  25: ['request response information', 'byte'], 26: ['response information', 'text'], 28: ['server reference', 'text'], 31: ['reason', 'text'],
  33: ['receive maximum', 'two bytes'], 34: ['topic alias maximum', 'two bytes'], 35: ['topic alias', 'two bytes'], 36: ['maximum qos', 'byte'],
  37: ['retain available', 'byte'], 38: ['user property', 'pair'], 39: ['maximum packet size', 'four bytes'], 40: ['wildcards available', 'byte'],
  41: ['subscription ids available', 'byte'], 42: ['shared subscriptions available', 'byte'],
};

const reasons: Readonly<Record<number, string>> = {
  0: 'success', 1: 'granted qos 1', 2: 'granted qos 2', 4: 'disconnect with will', 16: 'no matching subscribers', 17: 'no subscription existed', 24: 'continue authentication', 25: 're-authenticate',
  128: 'unspecified error', 129: 'malformed packet', 130: 'protocol error', 131: 'implementation specific error', 132: 'unsupported protocol version',
  133: 'client identifier not valid', 134: 'bad user name or password', 135: 'not authorized', 136: 'server unavailable', 137: 'server busy', 138: 'banned',
  139: 'server shutting down', 140: 'bad authentication method', 141: 'keep alive timeout', 142: 'session taken over', 143: 'topic filter invalid',
  144: 'topic name invalid', 145: 'packet identifier in use', 146: 'packet identifier not found', 147: 'receive maximum exceeded', 148: 'topic alias invalid',
  149: 'packet too large', 150: 'message rate too high', 151: 'quota exceeded', 152: 'administrative action', 153: 'payload format invalid',
  154: 'retain not supported', 155: 'qos not supported', 156: 'use another server', 157: 'server moved', 158: 'shared subscriptions not supported',
  159: 'connection rate exceeded', 160: 'maximum connect time', 161: 'subscription identifiers not supported', 162: 'wildcard subscriptions not supported',
};

const returnCodes: Readonly<Record<number, string>> = {
  0: 'accepted', 1: 'unacceptable protocol version', 2: 'identifier rejected', 3: 'server unavailable', 4: 'bad user name or password', 5: 'not authorized',
};

/** @param isFive codes of MQTT 5, else CONNACK's return codes of 3.1 and 3.1.1 */
export function reasonName(code: number, isFive: boolean): string {
  return (isFive ? reasons : returnCodes)[code] ?? `reason ${code}`;
}

export function subscribeReason(code: number, isFive: boolean): string {
  if (code <= 2) return `qos ${code}`;
  return isFive ? reasonName(code, true) : code === 0x80 ? 'failure' : `code ${code}`;
}
