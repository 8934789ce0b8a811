import { accessConf, accessStanza, type FwknopdPlan, fwknopdConf } from '../../generate/fwknopd-conf.ts';
import { type ClientSide, clientFiles, type DoorFile } from '../config/client-files.ts';
import type { DoorFiles, DoorStep } from './door-files.ts';
import { type DoorOptions, destination, type ServerForm, scriptWith } from './generate-door.ts';
import { firewallFiles, folderFile, serverFile } from './server-files.ts';

/** The same as `fwknop --key-gen` (FKO_DEFAULT_KEY_LEN and half of SHA512_BLOCK_LEN). */
const KEY_BYTES = 32;
const HMAC_KEY_BYTES = 64;

interface SpaKeys {
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
  form: ServerForm,
  allow?: string,
): DoorFiles {
  const text = `KEY_BASE64 ${key}\nHMAC_KEY_BASE64 ${hmacKey}\n`;
  const namesAddress = allow !== undefined;
  const client: ClientSide = {
    door: namesAddress ? [`KnockSpaAllow ${allow}`] : [],
    secret: { kind: 'spa', keyword: 'KnockSpaKeyFile', text },
  };
  const access = { key, hmacKey, namesAddress };
  const server =
    form === 'script'
      ? [...scriptWith(wish, 'spa'), folderFile('access.conf', accessStanza(access))]
      : serverFiles(wish, access);
  return {
    ...destination(wish),
    client,
    files: [...clientFiles(wish, client), ...server],
    ...(form === 'files' && { start: START_FWKNOPD }),
  };
}

function serverFiles(
  wish: Omit<DoorOptions, 'server' | 'sequence'>,
  access: Pick<FwknopdPlan, 'key' | 'hmacKey' | 'namesAddress'>,
): DoorFile[] {
  const { port, allow, interface: device } = wish;
  const plan = { ...access, port, ...(device !== undefined && { interface: device }) };
  return [
    serverFile('access.conf', accessConf(plan), '/etc/fwknop/access.conf'),
    serverFile('fwknopd.conf', fwknopdConf(plan), '/etc/fwknop/fwknopd.conf'),
    ...firewallFiles('iptables', allow),
  ];
}

const START_FWKNOPD: readonly DoorStep[] = [
  {
    side: 'server',
    what: 'start fwknopd',
    command: 'systemctl enable fwknop-server && systemctl restart fwknop-server',
  },
];
