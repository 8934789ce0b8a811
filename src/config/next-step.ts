import type { ProxyArgs } from '../argv.ts';
import { realSystem } from '../ssh-config/system.ts';
import { KnockproxyError } from '../util/errors.ts';
import { shellQuote } from '../util/text.ts';
import { readTypedHost } from './host-config.ts';

/** What a ProxyCommand was given, and the name of the host as typed, as far as that is known. */
export type FailedLogin = Omit<ProxyArgs, 'verbose' | 'fdpass'> & { readonly alias: string };

/**
 * The error of a login with the one next step as its last hint. An error of the configuration stays as it is: it names
 * the line.
 */
export function withNextStep(error: unknown, login: FailedLogin): unknown {
  if (!(error instanceof KnockproxyError) || error.exitCode === 2) return error;
  const { message, exitCode, cause } = error;
  return new KnockproxyError(message, { exitCode, cause, hints: [...error.hints, nextStep(login)] });
}

/** `run 'knockproxy check HOST'`, with the options that lead it to the same files and addresses. */
export function nextStep(login: FailedLogin): string {
  const { alias, port, configFile, knockConfig, family } = login;
  const words = [
    'knockproxy',
    'check',
    ...(family === undefined ? [] : [`-${family}`]),
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(knockConfig === undefined ? [] : ['--knock-config', knockConfig]),
    alias,
    ...(isPortConfigured(login) ? [] : [String(port)]),
  ];
  const command = words.map(shellQuote).join(' ');
  return command.includes("'") ? `run: ${command}` : `run '${command}'`;
}

/** Whether the files alone lead to the port. Commands of Match exec are not run for that. */
function isPortConfigured({ alias, port, configFile, knockConfig }: FailedLogin): boolean {
  const files = {
    ...(configFile !== undefined && { configFile }),
    ...(knockConfig !== undefined && { knockConfig }),
  };
  try {
    return readTypedHost(alias, undefined, files, { ...realSystem(), exec: () => -1 }).names.port === port;
  } catch {
    return false;
  }
}
