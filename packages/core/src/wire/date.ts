/**
 * The date-time of a trace field (RFC 5322 3.3, RFC 5321 4.4) for milliseconds since 1970, to the second, in UTC with
 * its numeric zone: `Thu, 21 May 1998 05:33:29 +0000`. Throws RangeError for a time that no Date can hold.
 */
export function formatDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second) last = { second, text: format(second * 1000) };
  return last.text;
}

/** Many messages of a busy server arrive in one second. */
let last = { second: Number.NaN, text: '' };

function format(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${ms} is no time`);
  // "GMT", which toUTCString ends in, is a zone of the obsolete grammar.
  return `${date.toUTCString().slice(0, -3)}+0000`;
}
