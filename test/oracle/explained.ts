// Differences that were looked into and decided: which decoder is right, or why both are.

export interface Explained {
  protocol: string;
  /** name of the list, as in comparisons.ts */
  name: string;
  /** holds for a difference `tshark: A | ours: B`, where a missing one is `nothing` */
  difference: RegExp;
  why: string;
}

export const explained: readonly Explained[] = [
  {
    protocol: 'http1',
    name: 'header',
    difference: /^tshark: "cookie: [^"]*" \| ours: "cookie: •{6}"$/,
    why: 'what may be a secret is not shown',
  },
  {
    protocol: 'http2',
    name: 'header',
    difference: /^tshark: "cookie: [^"]*" \| ours: "cookie: •{6}"$/,
    why: 'what may be a secret is not shown',
  },
  {
    protocol: 'mysql',
    name: 'value',
    difference: /^tshark: nothing \| ours: "(A-11|NULL)"$/,
    why: 'tshark does not read the rows of prepared statements, which are in the binary form',
  },
  {
    protocol: 'ftp',
    name: 'text',
    difference: /^tshark: nothing \| ours: "( [A-Z]{4}( STREAM)?|End)"$/,
    why: 'a reply may have several lines (RFC 959 §4.2): tshark has the first of them as its text, ours has all',
  },
];
