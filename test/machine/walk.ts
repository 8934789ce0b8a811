import assert from 'node:assert/strict';
import { waitFor } from '../netns/wait.ts';
import { DOORS, type DoorName, KINDS, type Kind, type KindName } from './kinds.ts';
import { MACHINE, type Machine } from './machine.ts';
import { Site, succeeded } from './site.ts';

const PROGRAM = 'sh /usr/local/sbin/knockproxy-door';

/** A machine of that kind, with its firewall in force. */
export async function openKind(name: KindName): Promise<Site> {
  const kind: Kind = KINDS[name];
  const site = await Site.open(kind.options, kind.user);
  try {
    if (kind.begin !== undefined) await site.machine.must(kind.begin);
    await waitFor('the web server', async () => (await otherPort(site)) === 'open', 20_000);
    return site;
  } catch (error) {
    await site.close();
    throw error;
  }
}

/**
 * The whole life of a door on a machine: installed, proved, kept, used, its firewall reloaded, rebooted, its secret
 * changed, removed. Throws where a step is not as it should be.
 */
export async function walk(
  site: Site,
  kindName: KindName,
  door: DoorName,
  logins = 10,
  step: (name: string) => void = () => {},
): Promise<void> {
  const { reload }: Kind = KINDS[kindName];
  const before = await snapshot(site.machine);
  step('install, prove, keep');
  await site.setUp(DOORS[door]);
  step('log in');
  await isShut(site);
  await logInTimes(site, logins);
  await otherPortsAreAsBefore(site);
  assert.deepEqual(foreignRules(await rules(site.machine)), before.rules);
  if (reload !== undefined) {
    step('reload');
    await site.machine.must(reload);
    await isShut(site);
    await otherPortsAreAsBefore(site);
  }
  step('reboot');
  await site.machine.reboot({ powerCut: logins % 2 === 1 });
  await waitFor('the web server', async () => (await otherPort(site)) === 'open', 20_000);
  await isShut(site);
  step('log in');
  await logInTimes(site, logins);
  step('rotate');
  await site.mustClient(
    `knockproxy rotate server.example --yes ${door.includes('one-time') ? '--one-time 60' : ''}`,
  );
  await logInTimes(site, 1);
  await isShut(site);
  step('remove');
  succeeded('remove', await site.console(`${PROGRAM} remove`));
  assert.equal(await site.port(), 'open');
  await site.mustClient('knockproxy remove server.example --yes');
  await site.mustClient('ssh -S none server.example true');
  const after = await snapshot(site.machine);
  assert.deepEqual(after.files, before.files);
  assert.deepEqual(after.rules, before.rules);
}

export async function isShut(site: Site): Promise<void> {
  for (const family of [4, 6] as const) {
    const isFiltered = async () => (await site.port(family)) === 'filtered';
    await waitFor(`the port to shut on IPv${family}`, isFiltered, 15_000);
  }
}

export async function logInTimes(site: Site, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const result = await site.logIn();
    if (result.stdout !== 'in\n') throw new Error(`login ${n + 1}: ${result.stderr}`);
  }
}

export function otherPort(site: Site): Promise<string> {
  return site.machine.client.probe(MACHINE.ip, 80, 800);
}

async function otherPortsAreAsBefore(site: Site): Promise<void> {
  assert.equal(await otherPort(site), 'open');
  const ping = await site.machine.client.exec('ping', ['-c', '1', '-W', '2', MACHINE.ip]);
  assert.equal(ping.code, 0);
}

/** What a machine has of files that people and packages put there, and of rules. */
export async function snapshot(machine: Machine): Promise<{ files: string[]; rules: string[] }> {
  const list = "find $1 -printf '%y %m %u %p %l\\n'";
  const sums = 'find $1 -type f -print0 | xargs -0 sha256sum';
  const all = '/etc /usr/local/sbin /var/lib/knockproxy /run/systemd/system';
  const homes = '/root /home/admin -maxdepth 1';
  const script = `set -- "${all}"; { ${list}; ${sums}; set -- "${homes}"; ${list}; } 2>/dev/null | sort`;
  const text = await machine.must(script, { timeoutMs: 60_000 });
  return { files: text.split('\n'), rules: foreignRules(await rules(machine)) };
}

/** Every rule, without counters and what expires. */
export async function rules(machine: Machine): Promise<string> {
  return machine.must(
    'nft list ruleset 2>/dev/null; iptables-save 2>/dev/null; ip6tables-save 2>/dev/null; true',
  );
}

/** Without knockproxy's table and chain, counts, comments with times, and tables that hold nothing. */
function foreignRules(text: string): string[] {
  return text
    .replace(/^table inet knockproxy_door \{\n[\s\S]*?\n\}\n/m, '')
    .replace(/packets \d+ bytes \d+/g, 'packets 0 bytes 0')
    .replace(/\[\d+:\d+\]/g, '[0:0]')
    .replace(/^.*\bKNOCKPROXY\b.*\n/gm, '')
    .replace(/^#.*\n/gm, '')
    .replace(/^\*filter\n(:\w+ ACCEPT \[0:0\]\n)*COMMIT\n/gm, '')
    .split('\n')
    .filter((line) => line !== '');
}
