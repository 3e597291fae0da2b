import { text } from 'node:stream/consumers';
import { hashPassword } from '@maitred/plugin-auth';

/** Prints what `users.json` keeps of a password, which is read from standard input: it would stay in the shell's history. */
console.log(await hashPassword((await text(process.stdin)).replace(/\r?\n$/, '')));
