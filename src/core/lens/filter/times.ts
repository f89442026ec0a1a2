// `time > 14:02:31`: a time of day here, or a point in time as ISO 8601 has it.

import { say } from '../../../shared/sentences.js';
import { isOrder, numberTest, type NumberTest, type Value, type Wrong } from './comparisons.js';
import type { Subject } from './subject.js';
import type { Operator } from './tokens.js';

const hourMs = 3_600_000;

/** A stretch as long as the last digit that is written. */
interface Stretch {
  start: number;
  lengthMs: number;
}

export function pointInTime(operator: Exclude<Operator, 'in'>, value: Value): ((subject: Subject) => boolean) | Wrong {
  if (!isOrder(operator)) return { wrong: 'operator', message: say`time is compared with ==, !=, <, <=, > or >=.` };
  const ofDay = timeOfDay(value.text);
  if (ofDay !== undefined) {
    const fits = within(operator, ofDay);
    const clock = wallClock();
    return ({ startedAt }) => fits(clock(startedAt));
  }
  const point = isoTime(value.text);
  if (point === undefined) return { wrong: 'value', message: say`A time is a time of day, such as 14:02:31, or a date and a time, such as 2026-05-01T14:02:31Z.` };
  const fits = within(operator, point);
  return ({ startedAt }) => fits(startedAt);
}

/** `==` means the whole second or minute that was written. */
function within(operator: '==' | '!=' | '<' | '<=' | '>' | '>=', { start, lengthMs }: Stretch): NumberTest {
  if (operator === '==') return (value) => start <= value && value < start + lengthMs;
  if (operator === '!=') return (value) => value < start || start + lengthMs <= value;
  return numberTest(operator, start);
}

function timeOfDay(text: string): Stretch | undefined {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,6})?)?$/.exec(text);
  if (found === null) return undefined;
  const [, hour, minute, second, fraction] = found;
  return { start: Number(hour) * hourMs + Number(minute) * 60_000 + Number(`${second ?? 0}${fraction ?? ''}`) * 1000, lengthMs: precision(second, fraction) };
}

function isoTime(text: string): Stretch | undefined {
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)([.,]\d{1,6})?)?(Z|[-+]\d\d:?\d\d)?)?$/i.exec(text);
  if (found === null) return undefined;
  const [, day, minute, second, fraction, zone = ''] = found;
  const offset = /^([-+]\d\d)(\d\d)$/.exec(zone);
  // Without a zone it is the time here; a date alone would be UTC by itself.
  const start = Date.parse(`${day}T${minute ?? '00:00'}:${second ?? '00'}${(fraction ?? '').replace(',', '.')}${offset === null ? zone.toUpperCase() : `${offset[1]}:${offset[2]}`}`);
  if (Number.isNaN(start)) return undefined;
  return { start, lengthMs: minute === undefined ? 24 * hourMs : precision(second, fraction) };
}

function precision(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return 60_000;
  return fraction === undefined ? 1000 : 1000 / 10 ** (fraction.length - 1);
}

/** Milliseconds since midnight here. Within one hour of the epoch the clock runs evenly: zones change at whole quarters, so a quarter is remembered. */
function wallClock(): (at: number) => number {
  const quarterMs = hourMs / 4;
  let quarter = Number.NaN;
  let atItsStart = 0;
  return (at) => {
    const own = Math.floor(at / quarterMs);
    if (own !== quarter) {
      quarter = own;
      const start = new Date(own * quarterMs);
      atItsStart = start.getHours() * hourMs + start.getMinutes() * 60_000 + start.getSeconds() * 1000;
    }
    return atItsStart + (at - own * quarterMs);
  };
}
