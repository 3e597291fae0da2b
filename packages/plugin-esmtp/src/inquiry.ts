/**
 * Whether the arguments of VRFY or EXPN end with the parameter SMTPUTF8 (RFC 6531 3.7.4.2). The first word is what is
 * asked about, whatever it is.
 *
 * `syntax` when the parameter has a value, comes twice, or has something behind it.
 */
export function parseInquiry(args: string): 'plain' | 'internationalized' | 'syntax' {
  const [, ...words] = args.split(' ').filter((word) => word !== '');
  const [given, ...more] = words.filter((word) => /^smtputf8(=|$)/i.test(word));
  if (given === undefined) return 'plain';
  return more.length === 0 && !given.includes('=') && words.at(-1) === given ? 'internationalized' : 'syntax';
}
