import fs from 'node:fs';
import path from 'node:path';
import { type SpaSource, withSource } from '../config/spa-keywords.ts';
import type { WaitLimit } from '../network/look-up.ts';
import {
  type SpaSetting,
  type SpaSettings,
  type SpaSlot,
  setVariable,
} from '../plan/fwknop/fwknop-variables.ts';
import { hasStanza, readRc } from '../plan/fwknop/fwknoprc.ts';
import { KEY_SLOTS, readKeyFile, readKeyOutput } from '../plan/fwknop/key-file.ts';
import { buildPacket, newNonce } from '../plan/fwknop/spa-packet.ts';
import { localUser, planRequest, type SpaRequest } from '../plan/fwknop/spa-plan.ts';
import { configError, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { ownHome, passwdEntry } from '../util/own-home.ts';
import { expandPath } from './expand-path.ts';
import type { Names, Obtained, Prepared } from './obtained-sequences.ts';
import { readPrivateFile } from './private-file.ts';
import { askOwnAddress } from './public-address.ts';

/** The I/O; tests pass their own. */
export interface SpaSystem {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory, where fwknop reads its rc file (client/config_init.c: process_rc_section). */
  home(): string;
  /** This user's name in the password database. */
  userName(): string | undefined;
  exists(file: string): boolean;
  readPrivateFile(file: string, where: string): string;
  /** @throws KnockproxyError as runSecretCommand and readKeyOutput. */
  runKeyCommand(words: readonly string[], names: Names, wait?: WaitLimit): Promise<SpaSettings>;
  askOwnAddress(url: string, where: string, wait?: WaitLimit): Promise<string>;
}

/**
 * Reads the settings of a SPA door: a stanza of ~/.fwknoprc or a key file, overridden by Knock keywords. Refuses a packet
 * that cannot be sent.
 *
 * @throws KnockproxyError naming file and line, never a key.
 */
export function prepareSpa(source: SpaSource, names: Names, system: SpaSystem = realSystem): Prepared {
  const { keyCommand, where } = source;
  const settings = withSource(readSettings(source, names, system), source);
  const { host, port } = names;
  const user = localUser(system.env, system.userName());
  const plan = (all: SpaSettings) => planRequest(all, { host, port, user, where });
  const request = plan(keyCommand ? withKeys(settings, PLACEHOLDERS) : settings);
  const isElsewhere = request.server !== undefined && request.server.toLowerCase() !== host.toLowerCase();
  return {
    ...(isElsewhere && { knockHost: request.server! }),
    steps: [{ port: request.port, protocol: 'udp' }],
    choose: (targets) => onlyIPv4(targets, source, names),
    obtain: async (wait) => {
      if (keyCommand === undefined) return obtainSpa(request, names, system, wait);
      const keys = await system.runKeyCommand(keyCommand, names, wait);
      return obtainSpa(plan(withKeys(settings, keys)), names, system, wait);
    },
  };
}

/** The keys of a command replace those of the stanza. */
function withKeys(settings: SpaSettings, keys: SpaSettings): SpaSettings {
  return new Map([...[...settings].filter(([slot]) => !KEY_SLOTS.includes(slot)), ...keys]);
}

/** Any keys: what else a packet needs is checked before the command runs. */
const PLACEHOLDERS = readKeyOutput('KEY encryption\nHMAC_KEY authentication', 'placeholders');

function readSettings(source: SpaSource, names: Names, system: SpaSystem): SpaSettings {
  const { keys, keyCommand, where } = source;
  if (keys.in === 'file') {
    const file = expandPath(keys.path, names, system.home());
    return withAllowSource(readKeyFile(system.readPrivateFile(file, names.where), file), where);
  }
  const file = path.join(system.home(), '.fwknoprc');
  const isStanzaOptional = keyCommand !== undefined && keys.name === undefined;
  if (isStanzaOptional && !system.exists(file)) return withAllowSource(new Map(), where);
  const text = system.readPrivateFile(file, names.where);
  const stanza = Buffer.from(keys.name ?? names.alias).toString('latin1');
  if (isStanzaOptional && !hasStanza(text, stanza)) return withAllowSource(new Map(), where);
  return readRc(text, stanza, file);
}

/** Without a stanza, the server lets in the source of the packet. */
function withAllowSource(settings: SpaSettings, where: SpaSource['where']): SpaSettings {
  const all = new Map<SpaSlot, SpaSetting>(settings);
  setVariable(all, 'ALLOW_IP', { ...where, name: 'KnockSpaAllow', value: 'source' });
  return all;
}

async function runKeyCommand(words: readonly string[], names: Names, { signal }: WaitLimit = {}) {
  const { runSecretCommand } = await import('./sequence-command.ts');
  const { text, what } = await runSecretCommand(words, names, { ...(signal && { signal }) });
  return readKeyOutput(Buffer.from(text).toString('latin1'), what);
}

/** A packet contains the IPv4 address to let in: fwknop 2.6 does not support IPv6. */
function onlyIPv4<T extends { readonly family: 4 | 6 }>(
  targets: readonly T[],
  { where }: SpaSource,
  { host }: Names,
): T[] {
  const usable = targets.filter(({ family }) => family === 4);
  if (usable.length > 0) return usable;
  const hint = '-6 and AddressFamily inet6 exclude IPv4 addresses';
  throw configError(
    where,
    `fwknop supports IPv4 only, and ${printable(host)} has no IPv4 address to use`,
    hint,
  );
}

/** A sequence of one step whose payload is new for each packet: fwknopd accepts none twice. */
async function obtainSpa(
  request: SpaRequest,
  names: Names,
  system: SpaSystem,
  wait?: WaitLimit,
): Promise<Obtained> {
  const { content, allow, port, offsetS } = request;
  const crypto = await import('node:crypto');
  const address =
    'address' in allow ? allow.address : await system.askOwnAddress(allow.url, names.where, wait);
  const payload = () =>
    buildPacket(content, address, newNonce(crypto.randomBytes, Date.now(), offsetS), crypto);
  try {
    payload();
  } catch {
    const digests = [content.digest, content.hmac?.digest ?? content.digest, 'md5'].join(', ');
    throw new KnockproxyError(`${names.where}: this Node.js cannot build the packet`, {
      exitCode: 2,
      hints: [`its OpenSSL must support AES-256-CBC and ${digests}, which FIPS mode does not`],
    });
  }
  return { candidates: [[{ port, protocol: 'udp', payload }]] };
}

const realSystem: SpaSystem = {
  env: process.env,
  home: ownHome,
  userName: () => passwdEntry()?.username,
  exists: fs.existsSync,
  readPrivateFile,
  runKeyCommand,
  askOwnAddress,
};
