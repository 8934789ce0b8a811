import type { ConfigSystem, FileBytes, Query, Setting } from '../../../src/ssh-config/evaluate.ts';
import { type Config, evaluateConfig, loadConfig } from '../../../src/ssh-config/evaluate.ts';

type FakeFile = string | (Partial<FileBytes> & { readonly error?: string });

export interface Fake extends ConfigSystem {
  /** The commands that Match exec ran, in order. */
  readonly ran: string[];
  /** The environment added for the last of them. */
  readonly execEnv: () => Readonly<Record<string, string>>;
}

/** A machine with these files, by path; exec succeeds for commands that begin with `true`. */
export function fakeSystem(files: Record<string, FakeFile>, options: Partial<ConfigSystem> = {}): Fake {
  const ran: string[] = [];
  let lastEnv: Readonly<Record<string, string>> = {};
  return {
    read(path) {
      const file = files[path];
      if (file === undefined) return 'ENOENT';
      if (typeof file !== 'string' && file.error) return file.error;
      const text = typeof file === 'string' ? file : (file.text ?? '');
      return { mode: 0o100644, uid: 1000, gid: 1000, ...(typeof file !== 'string' && file), text };
    },
    list(folder) {
      const prefix = folder === '/' ? '/' : `${folder}/`;
      const inside = Object.keys(files).filter((path) => path.startsWith(prefix));
      return [...new Set(inside.map((path) => path.slice(prefix.length).split('/', 1)[0]!))];
    },
    exists: (path) => Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`)),
    env: () => undefined,
    uid: 1000,
    home: '/home/me',
    localUser: 'me',
    hostname: () => 'desk.example',
    sshVersion: () => 'OpenSSH_9.2p1',
    inNetworks: (cidrs) => cidrs.includes('192.0.2.0/24'),
    sha1Hex: (text) => `sha1(${text})`,
    exec(command, env) {
      // withExec() runs each command once.
      if (!ran.includes(command)) ran.push(command);
      lastEnv = env;
      return command.startsWith('true') ? 0 : 1;
    },
    ...options,
    ran,
    execEnv: () => lastEnv,
  };
}

export const CONFIG = '/home/me/.ssh/config';
export const KNOCK = '/home/me/.ssh/knock_config';
export const SYSTEM = '/etc/ssh/ssh_config';
export const WANTED = new Map([
  ['knocksequence', 'door'],
  ['knockhelper', 'door'],
  ['knockdelay', 'delay'],
  ['knocktimeout', 'timeout'],
]);

export function load(system: ConfigSystem): Config {
  return loadConfig({}, WANTED, system, { query: { alias: 'foo', port: 22 } });
}

/** All settings found for a host. */
export function find(system: ConfigSystem, query: Partial<Query> = {}): ReadonlyMap<string, Setting> {
  return evaluateConfig(load(system), { alias: 'foo', port: 22, ...query }).settings;
}

/** The words of the door found with this user file, joined by `|`; undefined when there is none. */
export function door(config: string, query: Partial<Query> = {}, options: Partial<ConfigSystem> = {}) {
  return find(fakeSystem({ [CONFIG]: config }, options), query)
    .get('door')
    ?.words.join('|');
}
