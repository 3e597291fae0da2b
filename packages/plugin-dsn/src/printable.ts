/** Whether a text is printable ASCII, and there is some. What xtext encodes may be any character, CR and LF among them. */
export function isPrintable(text: string | undefined): text is string {
  return text !== undefined && /^[ -~]+$/.test(text);
}
