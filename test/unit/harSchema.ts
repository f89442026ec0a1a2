// What HAR 1.2 asks of a file (http://www.softwareishard.com/blog/har-12-spec/), as a table: names, types, which must be there.

type Shape = { [name: string]: Rule };
type Rule = { type: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'uri'; isOptional?: true } | { list: Shape; isOptional?: true } | { object: Shape; isOptional?: true };

const text: Rule = { type: 'string' };
const maybeText: Rule = { type: 'string', isOptional: true };
const pair: Shape = { name: text, value: text, comment: maybeText };
const cookie: Shape = { name: text, value: text, path: maybeText, domain: maybeText, expires: { type: 'date', isOptional: true }, httpOnly: { type: 'boolean', isOptional: true }, secure: { type: 'boolean', isOptional: true }, sameSite: maybeText, comment: maybeText };
const size: Rule = { type: 'integer' };
const time: Rule = { type: 'number' };
const maybeTime: Rule = { type: 'number', isOptional: true };

const entry: Shape = {
  startedDateTime: { type: 'date' }, time, cache: { object: {} }, serverIPAddress: maybeText, connection: maybeText, comment: maybeText,
  request: {
    object: {
      method: text, url: { type: 'uri' }, httpVersion: text, cookies: { list: cookie }, headers: { list: pair }, queryString: { list: pair }, headersSize: size, bodySize: size, comment: maybeText,
      postData: { object: { mimeType: text, text: maybeText, params: { list: { name: text, value: maybeText, fileName: maybeText, contentType: maybeText }, isOptional: true }, comment: maybeText }, isOptional: true },
    },
  },
  response: {
    object: {
      status: { type: 'integer' }, statusText: text, httpVersion: text, cookies: { list: cookie }, headers: { list: pair }, redirectURL: text, headersSize: size, bodySize: size, comment: maybeText,
      content: { object: { size, compression: { type: 'integer', isOptional: true }, mimeType: text, text: maybeText, encoding: maybeText, comment: maybeText } },
    },
  },
  timings: { object: { blocked: maybeTime, dns: maybeTime, connect: maybeTime, send: time, wait: time, receive: time, ssl: maybeTime, comment: maybeText } },
};

const har: Shape = { log: { object: { version: text, creator: { object: { name: text, version: text, comment: maybeText } }, entries: { list: entry }, comment: maybeText } } };

/** @returns what is wrong, with its path; names that begin with `_` are anybody's own */
export function harProblems(value: unknown): string[] {
  return objectProblems(value, har, 'har');
}

function objectProblems(value: unknown, shape: Shape, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !(name in shape) && !name.startsWith('_')).map((name) => `${path}.${name} is not in the format`);
  return [...unknown, ...Object.entries(shape).flatMap(([name, rule]) => problems(given[name], rule, `${path}.${name}`))];
}

function problems(value: unknown, rule: Rule, path: string): string[] {
  if (value === undefined) return rule.isOptional === true ? [] : [`${path} is missing`];
  if ('object' in rule) return objectProblems(value, rule.object, path);
  if ('list' in rule) return Array.isArray(value) ? value.flatMap((one, i) => objectProblems(one, rule.list, `${path}[${i}]`)) : [`${path} is no list`];
  switch (rule.type) {
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) ? [] : [`${path} is no date: ${JSON.stringify(value)}`];
    case 'uri':
      return typeof value === 'string' && URL.canParse(value) ? [] : [`${path} is no address: ${JSON.stringify(value)}`];
    case 'integer':
      return Number.isInteger(value) ? [] : [`${path} is no whole number: ${JSON.stringify(value)}`];
    default:
      return typeof value === rule.type ? [] : [`${path} is no ${rule.type}: ${JSON.stringify(value)}`];
  }
}
