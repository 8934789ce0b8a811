import { toBytes } from '../../util/bytes.ts';
import { usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { checkHost, isPlainWord } from '../../util/names.ts';
import { parsePort } from '../../util/text.ts';
import type { EditableConfigs } from '../config/editable-configs.ts';
import { proxyCommand } from '../config/proxy-command.ts';

/** The options for a host that do not concern its door. */
interface HostOptions {
  portable?: boolean;
  fdpass?: boolean;
  hostname?: string;
  port?: string;
  user?: string;
}

/**
 * The lines for a host's block in ssh's config, ProxyCommand first.
 *
 * @throws KnockproxyError for values that ssh would not read literally.
 */
export function sshLines(options: HostOptions, { named }: EditableConfigs): string[] {
  const { portable = false, fdpass = false, hostname, port, user } = options;
  if (port !== undefined && parsePort(port) === undefined) {
    throw usageError('--port must be a number from 1 to 65535');
  }
  const lines = [`ProxyCommand ${proxyCommand({ portable, ...named })}`];
  if (fdpass) lines.push('ProxyUseFdpass yes');
  if (hostname !== undefined) lines.push(`HostName ${plainWord('--hostname', hostname)}`);
  if (port !== undefined) lines.push(`Port ${Number(port)}`);
  if (user !== undefined) lines.push(`User ${plainWord('--user', user)}`);
  return lines.map(toBytes);
}

/** A name that a Host line can contain literally. @throws KnockproxyError */
export function checkAlias(host: string): void {
  checkHost(host);
  if (host.includes('@')) throw usageError('HOST is the name without a user: pass the user with --user');
  if (/[*?!,"'#\\=]/.test(host)) {
    throw usageError(
      `'${printable(host)}' is not one host: patterns, quotes and commas are only allowed in the files`,
    );
  }
}

function plainWord(option: string, value: string): string {
  if (!isPlainWord(value)) {
    throw usageError(`${option} '${printable(value)}' is not one plain word (a percent sign is written %%)`);
  }
  return value;
}
