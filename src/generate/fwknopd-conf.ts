import { usageError } from '../util/errors.ts';
import { checkPort } from './base-rules.ts';

/** What the files of an fwknopd are to say. */
export interface FwknopdPlan {
  /** Base64 of at most 32 bytes (lib/rijndael.h: RIJNDAEL_MAX_KEYSIZE). */
  readonly key: string;
  readonly hmacKey: string;
  /** The hidden TCP port, the only one a packet can ask for. Default 22. */
  readonly port?: number;
  /** Seconds the door stays open. 1-86400, default 30. */
  readonly openS?: number;
  /** Each packet must name the address to let in, so that nobody else can use it who has seen it first. */
  readonly namesAddress?: boolean;
  /** What fwknopd listens on. Default eth0. */
  readonly interface?: string;
}

/**
 * access.conf of fwknopd 2.6.10: who may ask for what.
 *
 * @throws KnockproxyError (exit status 2) for a port out of range.
 */
export function accessConf({ key, hmacKey, port = 22, openS = 30, namesAddress }: FwknopdPlan): string {
  checkPort('the hidden port', port);
  return [
    '# access.conf, by knockproxy: the secret of a door. Keep it readable by root only (mode 600).',
    'SOURCE ANY',
    `OPEN_PORTS tcp/${port}`,
    `FW_ACCESS_TIMEOUT ${openS}`,
    ...(namesAddress ? ['REQUIRE_SOURCE_ADDRESS Y'] : []),
    `KEY_BASE64 ${key}`,
    `HMAC_KEY_BASE64 ${hmacKey}`,
    '',
  ].join('\n');
}

/** fwknopd.conf: what it listens to. A comment of ours where the interface is left open, as in knockdConf(). */
export function fwknopdConf({ interface: device }: Pick<FwknopdPlan, 'interface'>): string {
  if (device !== undefined && !/^[\w.@:-]{1,15}$/.test(device))
    throw usageError('that is no name of an interface');
  return [
    '# fwknopd.conf, by knockproxy. The interface must be up before fwknopd starts.',
    device === undefined ? '# PCAP_INTF eth0;' : `PCAP_INTF ${device};`,
    'PCAP_FILTER udp port 62201;',
    '',
  ].join('\n');
}
