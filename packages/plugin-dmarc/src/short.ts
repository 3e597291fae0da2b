/** A text of at most 255 characters: no stranger fills a header, a log or a report. */
export const short = (text: string): string => (text.length > 255 ? `${text.slice(0, 252)}...` : text);
