/** What few logins need. The built program has it in another file, so that the others do not wait for its code. */
export { closeLater, runCloser } from './login/background-close.ts';
export { sendAgain } from './login/send-again.ts';
export { obtainOneTime } from './secrets/one-time-sequences.ts';
export { runInShell } from './secrets/run-in-shell.ts';
export { obtainFromCommand, refuseRecursion } from './secrets/sequence-command.ts';
export { obtainFromFile } from './secrets/sequence-file.ts';
export { prepareSpa } from './secrets/spa-packets.ts';
