import { checkPort } from './base-rules.ts';
import { checkInterface } from './knockd-plan.ts';

/** The contents of fwknopd's files. */
export interface FwknopdPlan {
  /** Base64 of at most 32 bytes (lib/rijndael.h: RIJNDAEL_MAX_KEYSIZE). */
  readonly key: string;
  readonly hmacKey: string;
  /** The hidden TCP port, the only one a packet can ask for. Default 22. */
  readonly port?: number;
  /** Seconds the door stays open. 1-86400, default 30. */
  readonly openS?: number;
  /** Each packet must name the address to let in, so that nobody else can use an intercepted packet. */
  readonly namesAddress?: boolean;
  /** The network interface of fwknopd. Default eth0. */
  readonly interface?: string;
}

/**
 * access.conf of fwknopd 2.6.10: the keys, and what they open.
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

/**
 * A stanza for install.sh, which fills in the port and the command that opens: fwknopd's own firewall code is not used.
 */
export function accessStanza({
  key,
  hmacKey,
  namesAddress,
}: Pick<FwknopdPlan, 'key' | 'hmacKey' | 'namesAddress'>): string {
  return [
    'SOURCE ANY',
    'OPEN_PORTS tcp/@PORT@',
    ...(namesAddress ? ['REQUIRE_SOURCE_ADDRESS Y'] : []),
    `KEY_BASE64 ${key}`,
    `HMAC_KEY_BASE64 ${hmacKey}`,
    'CMD_CYCLE_OPEN @LET_IN@ $IP',
    'CMD_CYCLE_CLOSE NONE',
    '',
  ].join('\n');
}

/** fwknopd.conf: the interface and port. Without an interface the line is a comment, as in knockdConf(). */
export function fwknopdConf({ interface: device }: Pick<FwknopdPlan, 'interface'>): string {
  if (device !== undefined) checkInterface(device);
  return [
    '# fwknopd.conf, by knockproxy. The interface must be up before fwknopd starts.',
    device === undefined ? '# PCAP_INTF eth0;' : `PCAP_INTF ${device};`,
    'PCAP_FILTER udp port 62201;',
    '',
  ].join('\n');
}
