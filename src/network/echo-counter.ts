import fs from 'node:fs';

/**
 * How many ICMP echo requests the kernel has sent since it started, in this network namespace (Linux: /proc/net/snmp and
 * snmp6).
 *
 * @returns undefined where the kernel does not tell.
 */
export function countEchoRequests(family: 4 | 6): number | undefined {
  try {
    return family === 4
      ? readSnmp(fs.readFileSync('/proc/net/snmp', 'latin1'))
      : readSnmp6(fs.readFileSync('/proc/net/snmp6', 'latin1'));
  } catch {
    return undefined;
  }
}

/** A line of names and one of values. */
function readSnmp(text: string): number | undefined {
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.split(' '));
  const value = values[names.indexOf('OutEchos')];
  return value === undefined ? undefined : Number(value);
}

function readSnmp6(text: string): number | undefined {
  const value = /^Icmp6OutEchos\s+(\d+)/m.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
