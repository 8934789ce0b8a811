import { writeFileSync } from 'node:fs';
import type { Keys } from './keys.ts';

export interface SshConfigOptions {
  /** The Host pattern. Default `server`. */
  host?: string;
  /** Default: the server's IPv4 address. */
  hostName?: string;
  port?: number;
  proxyCommand?: string;
  proxyUseFdpass?: boolean;
  /** More lines of the Host block; they stand first in it, so they win. Knock* keywords belong here. */
  lines?: readonly string[];
  /** Lines before everything else, at top level. Default: `IgnoreUnknown Knock*`. */
  top?: readonly string[];
}

/** Writes a complete client config for `ssh -F`: nothing of the real user's ssh set-up is read, no question is asked. */
export function writeSshConfig(path: string, keys: Keys, serverIp: string, options: SshConfigOptions): void {
  const { host = 'server', hostName = serverIp, port, proxyCommand, proxyUseFdpass, lines = [] } = options;
  const block = [
    ...(options.top ?? ['IgnoreUnknown Knock*']),
    `Host ${host}`,
    ...lines,
    `HostName ${hostName}`,
    ...(port === undefined ? [] : [`Port ${port}`]),
    ...(proxyCommand === undefined ? [] : [`ProxyCommand ${proxyCommand}`]),
    ...(proxyUseFdpass === undefined ? [] : [`ProxyUseFdpass ${proxyUseFdpass ? 'yes' : 'no'}`]),
  ];
  writeFileSync(path, `${[...block, ...common(keys)].join('\n')}\n`, { mode: 0o600 });
}

function common(keys: Keys): string[] {
  return [
    'Host *',
    `IdentityFile ${keys.user}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${keys.knownHosts}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'BatchMode yes',
    'ControlPath none',
    'PreferredAuthentications publickey',
  ];
}
