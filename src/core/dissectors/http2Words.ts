// What the numbers of HTTP/2 and gRPC are called (RFC 9113 §6, §7, §11; gRPC "Status codes and their use in gRPC").

export const frameNames: Readonly<Record<number, string>> = {
  0: 'DATA', 1: 'HEADERS', 2: 'PRIORITY', 3: 'RST_STREAM', 4: 'SETTINGS', 5: 'PUSH_PROMISE', 6: 'PING', 7: 'GOAWAY', 8: 'WINDOW_UPDATE', 9: 'CONTINUATION',
  // RFC 7838 §4, RFC 8336 §2.1, RFC 9218 §7.1
  10: 'ALTSVC', 12: 'ORIGIN', 16: 'PRIORITY_UPDATE',
};

/** Without the `SETTINGS_` that all of them begin with. */
export const settingNames: Readonly<Record<number, string>> = {
  1: 'HEADER_TABLE_SIZE', 2: 'ENABLE_PUSH', 3: 'MAX_CONCURRENT_STREAMS', 4: 'INITIAL_WINDOW_SIZE', 5: 'MAX_FRAME_SIZE', 6: 'MAX_HEADER_LIST_SIZE',
  // RFC 8441 §3, RFC 9218 §2.1
  8: 'ENABLE_CONNECT_PROTOCOL', 9: 'NO_RFC7540_PRIORITIES',
  // What gRPC's C core adds.
  0xfe03: 'GRPC_ALLOW_TRUE_BINARY_METADATA', 0xfe04: 'GRPC_PREFERRED_RECEIVE_MESSAGE_SIZE',
};

export const errorNames: Readonly<Record<number, string>> = {
  0: 'NO_ERROR', 1: 'PROTOCOL_ERROR', 2: 'INTERNAL_ERROR', 3: 'FLOW_CONTROL_ERROR', 4: 'SETTINGS_TIMEOUT', 5: 'STREAM_CLOSED', 6: 'FRAME_SIZE_ERROR',
  7: 'REFUSED_STREAM', 8: 'CANCEL', 9: 'COMPRESSION_ERROR', 10: 'CONNECT_ERROR', 11: 'ENHANCE_YOUR_CALM', 12: 'INADEQUATE_SECURITY', 13: 'HTTP_1_1_REQUIRED',
};

/** What the error means, for people who do not know the names (RFC 9113 §7). */
export const errorReasons: Readonly<Record<number, string>> = {
  1: 'the other side broke the protocol', 2: 'something failed inside', 3: 'more was sent than the window allowed', 4: 'SETTINGS were not acknowledged in time',
  5: 'a frame came for a stream that was closed', 6: 'a frame has a wrong size', 7: 'the stream was not processed and may be tried again', 8: 'the stream is not needed any more',
  9: 'the header compression went out of step', 10: 'the connection behind CONNECT failed', 11: 'too much load', 12: 'the TLS is not good enough', 13: 'HTTP/1.1 is wanted for this',
};

export const grpcStatusNames: readonly string[] = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
];

const flagTexts = new Map<number, string>();

/** Names of the flags of a frame type (RFC 9113 §6). */
export function flagText(type: number, flags: number): string {
  const key = type * 256 + flags;
  let text = flagTexts.get(key);
  if (text === undefined) flagTexts.set(key, (text = flagWords(type, flags)));
  return text;
}

/** ACK and END_STREAM are the same bit. */
function flagWords(type: number, flags: number): string {
  const names: string[] = [];
  if ((flags & 0x1) !== 0 && (type === 0 || type === 1)) names.push('END_STREAM');
  if ((flags & 0x1) !== 0 && (type === 4 || type === 6)) names.push('ACK');
  if ((flags & 0x4) !== 0 && (type === 1 || type === 5 || type === 9)) names.push('END_HEADERS');
  if ((flags & 0x8) !== 0 && (type === 0 || type === 1 || type === 5)) names.push('PADDED');
  if ((flags & 0x20) !== 0 && type === 1) names.push('PRIORITY');
  return `${names.length === 0 ? 'none' : names.join(', ')} (0x${flags.toString(16).padStart(2, '0')})`;
}

/** Flags that a frame type defines: the others are zero, and ignored when they are not (RFC 9113 §4.1). */
export const definedFlags: readonly number[] = [0x9, 0x2d, 0, 0, 0x1, 0xc, 0x1, 0, 0, 0x4];

export function errorText(code: number): string {
  return errorNames[code] ?? `error 0x${code.toString(16)}`;
}
