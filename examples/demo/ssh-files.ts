import { writeFileSync } from 'node:fs';
import path from 'node:path';
import ssh2 from 'ssh2';
import type { DemoDoor } from './door.ts';

export interface Keys {
  /** The server's key pair, in OpenSSH's format. */
  host: ssh2.utils.KeyPairReturn;
  /** The user's. */
  user: ssh2.utils.KeyPairReturn;
}

/** The text of the lines worth showing. */
export interface SshFiles {
  proxyCommand: string;
  knockConfig: string;
}

/** ECDSA, because one in 256 Ed25519 keys of ssh2 1.17 is malformed: https://github.com/mscdex/ssh2/issues/1513 */
export function makeKeys(): Keys {
  const keyPair = () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  return { host: keyPair(), user: keyPair() };
}

/**
 * Writes what a user of knockproxy would have in `~/.ssh`: ssh_config, knock_config, known_hosts and a key.
 * @param program the path of knockproxy
 * @param node the path of the Node that runs it
 */
export function writeSshFiles(
  dir: string,
  door: DemoDoor,
  keys: Keys,
  program: string,
  node = process.execPath,
): SshFiles {
  const file = (name: string) => path.join(dir, name);
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 });
  const proxyCommand = proxyCommandOf(node, program, file('knock_config'));
  const knockConfig = knockConfigOf(door);
  write('user_key', keys.user.private);
  write('known_hosts', `[${door.host}]:${door.targetPort} ${keys.host.public}\n`);
  write('knock_config', knockConfig);
  write('ssh_config', `Host demo wrong\n  ${proxyCommand}\n\n${commonConfig(door, file)}`);
  return { proxyCommand, knockConfig };
}

/** ssh gives this line to a shell, so each word is quoted for it; `%` is special to ssh. */
function proxyCommandOf(nodePath: string, program: string, knockConfig: string): string {
  const [node, script, config] = [nodePath, program, knockConfig].map((word) => shellQuote(percent(word)));
  return `ProxyCommand ${node} ${script} --knock-config ${config} -- '%h' %p '%n' '%r'`;
}

/**
 * KnockDelay, because the door is no packet filter: its listeners may report knocks which arrive together in another
 * order (see door.ts). A real knockd watches the packets themselves, where the order is kept, and needs no delay.
 */
function knockConfigOf(door: DemoDoor): string {
  const [, ...others] = door.sequence.split(',');
  return `Host demo
  KnockSequence ${door.sequence}
  KnockDelay 20
Host wrong
  KnockSequence ${others.join(',')}
  KnockDelay 20
  KnockTimeout 2
`;
}

/** Everything else, for `demo`, `wrong` and `direct`: this server, this key, nothing from the user's own files, no questions. */
function commonConfig(door: DemoDoor, file: (name: string) => string): string {
  const quoted = (name: string) => `"${percent(file(name))}"`;
  return `Host demo wrong direct
  HostName ${door.host}
  Port ${door.targetPort}
  User demo
  IdentityFile ${quoted('user_key')}
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  UserKnownHostsFile ${quoted('known_hosts')}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ControlPath none
  ConnectTimeout 10
  LogLevel ERROR
`;
}

/** Keeps ssh from reading `%x` in a path as a token. */
function percent(word: string): string {
  return word.replaceAll('%', '%%');
}

/** One word for a POSIX shell; plain words stay as they are. */
export function shellQuote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
