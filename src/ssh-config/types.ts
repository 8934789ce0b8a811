/** keyword (lower case) -> slot. Several keywords may share a slot: the first that stands for the host takes it. */
export type Wanted = ReadonlyMap<string, string>;

/** Which host the configuration is read for. */
export interface Query {
  /** ssh's %n: the name as typed, what `Host` tests. */
  readonly alias: string;
  /** ssh's %h. Left out: HostName as the files give it, or the alias. */
  readonly host?: string;
  /** ssh's %p, 1-65535; %p in `Match exec`. */
  readonly port: number;
  /** ssh's %r. Left out: User as the files give it so far, or the local user, as ssh does without -l. */
  readonly user?: string;
}

/** Which files are read, in this order. `none` as a path reads nothing in its place. */
export interface ConfigFiles {
  /** Default ~/.ssh/knock_config, passed over when there is none. */
  readonly knock?: string;
  /** --knock-config: the file has to exist. */
  readonly knockIsExplicit?: boolean;
  /** Default ~/.ssh/config, `~` being the home folder of the password database; passed over when unreadable. */
  readonly user?: string;
  /** -F: as in ssh the file has to exist, its mode is not checked, and no default system file is read. */
  readonly userIsExplicit?: boolean;
  /** Default /etc/ssh/ssh_config. */
  readonly system?: string;
}

export type FileKind = 'knock' | 'user' | 'system';

/** One value. It may be a secret: put it in a message only as `describeSetting` words it. */
export interface Setting {
  /** In lower case. */
  readonly keyword: string;
  /** The value split as ssh's argv_split does, comments left out. */
  readonly words: readonly string[];
  /** The rest of the line, unsplit (as ssh takes it for ProxyCommand), without trailing space. */
  readonly raw: string;
  readonly file: string;
  readonly line: number;
}

export interface FileRead {
  readonly path: string;
  readonly kind: FileKind;
  /** st_mode with the file type bits left out. */
  readonly mode: number;
  readonly uid: number;
  /** The known keywords of ours that stand in this file, lower case, active or not. */
  readonly keywords: ReadonlySet<string>;
}

export interface Evaluation {
  /** slot -> its first value. */
  readonly settings: ReadonlyMap<string, Setting>;
  readonly filesRead: readonly FileRead[];
}

/** Whom ssh would reach, as far as the files tell. */
export interface Destination {
  /** The query's host, else what HostName makes of the alias. */
  readonly host: string;
  /** Port as the files give it, unchecked; undefined: they do not. */
  readonly port: string | undefined;
  /** The query's user, else User as the files give it, else the local user. */
  readonly user: string;
}

/** A file's bytes as a latin1 string with its fstat. */
export interface FileBytes {
  readonly text: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Everything the evaluator takes from outside. Paths and names of files are latin1 strings of the bytes. */
export interface ConfigSystem {
  /** @returns the errno code (`ENOENT`, `EACCES`, ...) where the file cannot be opened; a folder reads as empty. */
  read(path: string): FileBytes | string;
  /** Names in a folder, in any order; none when it cannot be read. */
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
  /** `OpenSSH_9.2p1 Debian-2`, empty when unknown. Runs `ssh -V`: asked only where versions differ. */
  sshVersion(): string;
  /** One of our addresses is in one of the CIDR blocks. */
  inNetworks(cidrs: readonly string[]): boolean;
  sha1Hex(latin1: string): string;
  /** The exit status of `$SHELL -c command`, -1 if it died of a signal. May throw CommandNotRun: see withExec(). */
  exec(command: string, env: Readonly<Record<string, string>>): number;
}
