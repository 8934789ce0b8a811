/** Keyword (lower case) -> slot. Keywords may share a slot: the first that applies to the host takes it. */
export type Wanted = ReadonlyMap<string, string>;

/** The host for which the configuration is evaluated. */
export interface Query {
  /** ssh's %n: the name as typed, what `Host` tests. */
  readonly alias: string;
  /** ssh's %h. Default: HostName, or the alias. */
  readonly host?: string;
  /** ssh's %p, 1-65535; %p in `Match exec`. */
  readonly port: number;
  /** ssh's %r. Default: User, or the local user, as ssh without -l. */
  readonly user?: string;
  /** Left out, as for a ProxyCommand, which does not get it: what the files do not explain was typed. */
  readonly given?: Given;
}

/** The port and user that stand on ssh's command line. Match tests these, or else what the files gave so far. */
export interface Given {
  readonly port?: number;
  readonly user?: string;
}

/** The files to read, in this order. A path of `none`: no file. */
export interface ConfigFiles {
  /** Default: ~/.ssh/knock_config, if it exists. */
  readonly knock?: string;
  /** --knock-config: the file must exist. */
  readonly knockIsExplicit?: boolean;
  /** Default: ~/.ssh/config, if readable; `~` is the home directory in the password database. */
  readonly user?: string;
  /** -F: as in ssh, the file must exist, its mode is not checked, and the default system file is not read. */
  readonly userIsExplicit?: boolean;
  /** Default /etc/ssh/ssh_config. */
  readonly system?: string;
}

export type FileKind = 'knock' | 'user' | 'system';

/** One value. It may be a secret and must not be part of a message. */
export interface Setting {
  /** In lower case. */
  readonly keyword: string;
  /** The value split as by ssh's argv_split, without comments. */
  readonly words: readonly string[];
  /** The rest of the line, unsplit (as ssh takes it for ProxyCommand), without trailing space. */
  readonly raw: string;
  readonly file: string;
  readonly line: number;
}

export interface FileRead {
  readonly path: string;
  readonly kind: FileKind;
  /** st_mode without the file type bits. */
  readonly mode: number;
  readonly uid: number;
  /** st_mtime in ms since the epoch. */
  readonly changedAt: number;
  /** The Knock keywords in this file, in lower case, whether or not their block applies. */
  readonly keywords: ReadonlySet<string>;
}

/** Slot -> first value. */
export type Settings = ReadonlyMap<string, Setting>;

export interface Evaluation {
  readonly settings: Settings;
  readonly filesRead: readonly FileRead[];
}

/** Where ssh goes for a name as typed, and the options it was typed with. */
export type Destination = Required<Query>;

/** A file's bytes as a latin1 string with its fstat. */
export interface FileBytes {
  readonly text: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** st_mtime in ms since the epoch; undefined: unknown. */
  readonly changedAt?: number;
}

/** All I/O of the evaluator. Paths and file names are latin1 strings of the bytes. */
export interface ConfigSystem {
  /** @returns the errno code (`ENOENT`, `EACCES`, ...) if the file cannot be opened; a folder reads as empty. */
  read(path: string): FileBytes | string;
  /** The names in a folder, in any order; none if it cannot be read. */
  list(path: string): readonly string[];
  /** lstat(2) succeeds. */
  exists(path: string): boolean;
  env(name: string): string | undefined;
  readonly uid: number;
  /** pw_dir of the password database, not $HOME. */
  readonly home: string;
  readonly localUser: string;
  /** gethostname(2). */
  hostname(): string;
  /** `OpenSSH_9.2p1 Debian-2`, empty if unknown. Runs `ssh -V`, so it is read only where versions differ. */
  sshVersion(): string;
  /** An address of this machine is in one of the CIDR blocks. */
  inNetworks(cidrs: readonly string[]): boolean;
  sha1Hex(latin1: string): string;
  /** The exit status of `$SHELL -c command`, -1 if killed by a signal. May throw CommandNotRun: see withExec(). */
  exec(command: string, env: Readonly<Record<string, string>>): number;
}
