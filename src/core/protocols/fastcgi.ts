// FastCGI: web servers asking PHP-FPM and others.

import { allOf, anyOf, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** FCGI_BEGIN_REQUEST: version 1, type 1, id, length 8, padding; role 1 to 3, flags 0 or 1, reserved zeros (FastCGI 1.0 §3.3, §5.1). */
const begin = allOf(magic('01 01 ?? ?? 00 08 ?? 00 00'), byteIn(9, [1, 3]), byteIn(10, 0, 1), magic('00 00 00 00 00', 11));

/** FCGI_GET_VALUES, the one record that needs no request: id 0, and the name of a variable, `FCGI_…` (§4.1). */
const getValues = allOf(magic('01 09 00 00 00 ?? ?? 00 ?? ??'), magic('46 43 47 49 5f', 10));

/** FCGI_STDOUT, STDERR, END_REQUEST, GET_VALUES_RESULT, UNKNOWN_TYPE: version 1, reserved 0 (§3.3). */
const answer = allOf(magic('01'), byteIn(1, 3, 6, 7, 10, 11), magic('00', 7));

/** False positives: none known; DICOM and Diameter go on 01 00. */
export const fastcgi: Protocol = {
  id: 'fastcgi',
  title: 'FastCGI',
  toldBy: 'a record that begins a request, its role and its reserved zeros',
  firstSpeaker: 'client',
  port: 9000,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('fastcgi', 16, anyOf(begin, getValues)),
  server: matcher('fastcgi', 8, answer),
};
