import { accessConf, fwknopdConf } from '../../generate/fwknopd-conf.ts';
import { installScript } from '../../generate/install-script.ts';
import { type ClientSide, clientFiles } from '../config/client-files.ts';
import type { DoorFiles, DoorStep } from './door-files.ts';
import { type DoorOptions, firewallFiles, serverFile } from './generate-door.ts';

/** The same as `fwknop --key-gen` (FKO_DEFAULT_KEY_LEN and half of SHA512_BLOCK_LEN). */
const KEY_BYTES = 32;
const HMAC_KEY_BYTES = 64;

export interface SpaKeys {
  /** Base64. */
  readonly key: string;
  readonly hmacKey: string;
}

/** @param randomBytes cryptographically strong, as crypto.randomBytes. */
export function drawKeys(randomBytes: (size: number) => Buffer): SpaKeys {
  const [key, hmacKey] = [KEY_BYTES, HMAC_KEY_BYTES].map((size) => randomBytes(size).toString('base64'));
  return { key: key!, hmacKey: hmacKey! };
}

/**
 * The files for both ends of a door of fwknopd, which opens it with iptables.
 *
 * @param allow the value of KnockSpaAllow; undefined: the source of the packet.
 * @throws KnockproxyError (exit status 2) as accessConf, fwknopdConf and iptablesFirewall.
 */
export function spaFiles(
  wish: Omit<DoorOptions, 'server' | 'sequence'>,
  { key, hmacKey }: SpaKeys,
  allow?: string,
): DoorFiles {
  const { host, port } = wish;
  const namesAddress = allow !== undefined;
  const plan = {
    key,
    hmacKey,
    port,
    namesAddress,
    ...(wish.interface !== undefined && { interface: wish.interface }),
  };
  const text = `KEY_BASE64 ${key}\nHMAC_KEY_BASE64 ${hmacKey}\n`;
  const door = namesAddress ? [`KnockSpaAllow ${allow}`] : [];
  const client: ClientSide = { door, secret: { kind: 'spa', keyword: 'KnockSpaKeyFile', text } };
  const configs = ['access.conf', 'fwknopd.conf'].map((name) => ({ name, path: `/etc/fwknop/${name}` }));
  const script = installScript({ daemon: 'fwknopd', firewall: 'iptables', configs });
  const files = [
    ...clientFiles(host, port, client),
    serverFile('access.conf', accessConf(plan), configs[0]!.path),
    serverFile('fwknopd.conf', fwknopdConf(plan), configs[1]!.path),
    ...firewallFiles('iptables', wish.allow),
    serverFile('install.sh', script),
  ];
  return { host, port, client, files, start: START_FWKNOPD };
}

const START_FWKNOPD: readonly DoorStep[] = [
  {
    side: 'server',
    what: 'start fwknopd',
    command: 'systemctl enable fwknop-server && systemctl restart fwknop-server',
  },
];
