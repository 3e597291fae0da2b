export { maildir } from './maildir.ts';
export type { MaildirOptions } from './maildir.ts';
