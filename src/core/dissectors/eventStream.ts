// One server-sent event (HTML Standard, "Interpreting an event stream").

import { oneLine, utf8Text, type FieldReader } from './fieldReader.js';
import { json, looksLikeJson } from './payload/json.js';

export interface StreamEvent {
  name: string;
  data: string;
  comment: string;
}

/** Reads the lines up to the reader's end. */
export function readEvent(reader: FieldReader): StreamEvent {
  const { bytes } = reader;
  const event: StreamEvent = { name: '', data: '', comment: '' };
  const dataLines = countData(reader);
  while (0 < reader.left && 1 < reader.room) {
    const { at } = reader;
    const feed = bytes.indexOf(0x0a, at);
    const next = feed < 0 || reader.end <= feed ? reader.end : feed + 1;
    let stop = next;
    while (at < stop && (bytes[stop - 1] === 0x0a || bytes[stop - 1] === 0x0d)) stop -= 1;
    if (at < stop) lineOf(reader, at, stop, event, dataLines === 1);
    reader.at = next;
  }
  return event;
}

function lineOf(reader: FieldReader, at: number, stop: number, event: StreamEvent, mayBeJson: boolean): void {
  const { bytes } = reader;
  let colon = at;
  while (colon < stop && bytes[colon] !== 0x3a) colon += 1;
  let valueStart = Math.min(stop, colon + 1);
  if (valueStart < stop && bytes[valueStart] === 0x20) valueStart += 1;
  const name = colon === at ? 'comment' : utf8Text(bytes, at, colon);
  const value = utf8Text(bytes, valueStart, stop);
  if (name === 'event') event.name = value;
  if (name === 'comment') event.comment = value;
  if (name === 'data' && mayBeJson && looksLikeJson(bytes, valueStart, stop)) {
    reader.at = valueStart;
    // The field's text, and not the bytes: it is masked where it has to be.
    event.data = json(reader, 'data', stop - valueStart)?.text ?? '';
  } else {
    reader.add(name, at, stop, value);
    if (name === 'data') event.data = event.data === '' ? value : `${event.data.slice(0, 1000)}\n${value}`;
  }
}

/** Data in several lines is one text, which is not JSON line by line. */
function countData({ bytes, at, end }: FieldReader): number {
  let count = 0;
  for (let start = at; start < end && count < 2; ) {
    if (bytes[start] === 0x64 && bytes[start + 1] === 0x61 && bytes[start + 2] === 0x74 && bytes[start + 3] === 0x61) count += 1;
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0) break;
    start = feed + 1;
  }
  return count;
}

/** "order.created {"id":1}" */
export function eventSummary({ name, data, comment }: StreamEvent): string {
  if (name === '' && data === '') return comment === '' ? 'empty event' : `comment ${oneLine(comment)}`;
  return `${name === '' ? 'message' : name} ${data}`;
}
