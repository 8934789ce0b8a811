/** What few logins need. The built program has it in another file, so that the others do not wait for its code. */
export { closeLater, runCloser } from './closer.ts';
export { sendAgain } from './opener/send-again.ts';
export { obtainFromCommand, refuseRecursion } from './secret/command.ts';
export { obtainFromFile } from './secret/file.ts';
export { obtainOneTime } from './secret/one-time.ts';
export { runInShell } from './secret/run-in-shell.ts';
export { prepareSpa } from './secret/spa.ts';
