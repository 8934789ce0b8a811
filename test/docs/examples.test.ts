import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readHostConfig } from '../../src/config/host-config.ts';
import { iptablesBase } from '../../src/generate/base-rules.ts';
import { iptablesFirewall } from '../../src/generate/firewall.ts';
import { knockdConf } from '../../src/generate/knockd-conf.ts';
import { nftDoor } from '../../src/generate/nft-door.ts';
import { formatSequence } from '../../src/plan/format-sequence.ts';
import { parseSequence } from '../../src/plan/sequence.ts';
import { realSystem } from '../../src/ssh-config/system.ts';
import {
  commandBlocks,
  exampleSequence,
  EXAMPLES as folder,
  payloadSequence,
  example as read,
} from './example-files.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const hasSsh = spawnSync('ssh', ['-V']).error === undefined;

/** The files people copy into ~/.ssh/config, with each name that they are about. */
const CONFIGS: [string, string[]][] = [
  ['ssh_config/one-host', ['server.example']],
  ['ssh_config/aliases', ['web-ssh', 'web-backup']],
  ['ssh_config/fdpass', ['server.example']],
  ['ssh_config/fleet', ['web1.fleet.example']],
  ['ssh_config/jump-host', ['bastion.example', 'vault.example']],
  ['ssh_config/match-exec', ['server.example']],
  ['ssh_config/interface', ['server.example']],
  ['git/ssh_config', ['git.example']],
  ['backup/ssh_config', ['backup.example']],
];

describe('examples/README.md', () => {
  const rows = [...read('README.md').matchAll(/^\| \[(\S+)\]\((\S+)\) +\| (.*?) +\| (.*?) +\|$/gm)];
  const paths = rows.map(([, name]) => name!);

  it('lists every file, and no other', () => {
    const files = fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
    const listed = (file: string) =>
      paths.some((path) => (path.endsWith('/') ? file.startsWith(path) : file === path));
    expect(files.filter((file) => !listed(file))).toEqual(['README.md']);
    for (const path of paths) expect(fs.existsSync(folder + path)).toBe(true);
  });

  it.each(rows.map(([, name, link, , how]) => ({ name, link, how: how! })))(
    '$name says which test runs it, or why none does',
    ({ name, link, how }) => {
      expect(`${link}${name!.endsWith('/') ? '/' : ''}`).toBe(name);
      const tests = how.match(/test\/\S+\.test\.ts/g) ?? [];
      for (const test of tests) expect(fs.existsSync(repository + test)).toBe(true);
      if (tests.every((test) => test.startsWith('test/docs/'))) expect(how).toMatch(/not run: |npm run/);
    },
  );
});

describe("examples' ssh_config files", () => {
  it('are all tried here', () => {
    const files = fs.readdirSync(`${folder}ssh_config`).map((name) => `ssh_config/${name}`);
    const tried = CONFIGS.map(([path]) => path);
    expect(files.filter((path) => !tried.includes(path))).toEqual(['ssh_config/knock_config']);
  });

  it.each(CONFIGS)('%s gives its hosts a door', (path, hosts) => {
    const doors = hosts.map((host) => settingsOf(path, host));
    for (const { door, fdpass } of doors) {
      expect(door).toBeDefined();
      expect(fdpass).toBe(path.endsWith('fdpass'));
    }
    expect(new Set(doors.map(({ door }) => JSON.stringify(door))).size).toBe(hosts.length);
  });

  it.skipIf(!hasSsh).each(CONFIGS.filter(([path]) => !path.endsWith('match-exec')))(
    '%s is what ssh accepts',
    (path, hosts) => {
      for (const host of hosts) {
        const argv = ['-TG', '-F', folder + path, host];
        const { status, stdout, stderr } = spawnSync('ssh', argv, { encoding: 'utf8' });
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toMatch(/^proxycommand knockproxy /m);
      }
    },
  );

  it('leave a host without a door alone', () => {
    expect(settingsOf('ssh_config/fleet', 'elsewhere.example').door).toBeUndefined();
  });

  /** The example as a person has it: readable by its owner only. Git keeps no such mode. */
  function settingsOf(path: string, host: string) {
    const system = {
      ...realSystem(),
      read: (name: string) => {
        const file = realSystem().read(name);
        return typeof file === 'string' ? file : { ...file, mode: 0o100600, uid: process.getuid?.() ?? 0 };
      },
    };
    const files = { configFile: folder + path, knockConfig: `${folder}ssh_config/knock_config` };
    return readHostConfig({ host, port: 22, alias: host, ...files }, system).settings;
  }
});

describe('examples/server', () => {
  const steps = parseSequence(exampleSequence());

  it.each([
    ['knockd/knockd.conf', knockdConf({ open: { steps }, firewall: 'iptables' })],
    ['knockd/iptables.rules', iptablesFirewall(4)],
    ['knockd/ip6tables.rules', iptablesFirewall(6)],
    ['nftables/knockproxy.nft', nftDoor({ steps })],
    ['payload/knockproxy.nft', nftDoor({ steps: parseSequence(payloadSequence()) })],
  ])('%s is what generate writes for this sequence', (path, generated) => {
    expect(read(`server/${path}`).replace(/^# An example: .*\n/, '')).toBe(generated);
  });

  it.each([4, 6] as const)('the firewall of recent lets in what ours does, IPv%i', (family) => {
    const lines = read(`server/recent/ip${family === 6 ? '6' : ''}tables.rules`).split('\n');
    const rules = lines.filter((line) => line.startsWith('-A INPUT '));
    const base = iptablesBase(family).map((rule) => `-A INPUT ${rule}`);
    expect(rules.slice(0, base.length)).toEqual(base);
  });

  it('both files of recent have the same door, of this sequence', () => {
    const [v4, v6] = ['iptables', 'ip6tables'].map((name) => {
      const rules = read(`server/recent/${name}.rules`).split('\n');
      return rules.filter((line) => /recent|KNOCK_WRONG/.test(line) && line.startsWith('-A'));
    });
    expect(v4).toEqual(v6);
    const sets = v4!.filter((rule) => rule.includes('--set')).reverse();
    const knocks = sets.map((rule) => /-p (\w+) .*--dport (\d+)/.exec(rule)!);
    expect(knocks.map(([, protocol, port]) => `${port}:${protocol}`).join(',')).toBe(formatSequence(steps));
  });

  it('every secret one says that it is an example', () => {
    for (const path of [
      'knockd/knockd.conf',
      'nftables/knockproxy.nft',
      'recent/iptables.rules',
      'payload/knockproxy.nft',
      'payload/iptables.rules',
    ]) {
      expect(read(`server/${path}`)).toMatch(/^# An example: its sequence is published\. /);
    }
    expect(read('server/mikrotik/knock.rsc')).toMatch(/^# An example: its sequence is published\. /);
    expect(read('ssh_config/knock_config')).toContain('make your own');
  });
});

/** RouterOS cannot run here: each line is held against what the rules have to say. */
describe('examples/server/mikrotik/knock.rsc', () => {
  const lines = read('server/mikrotik/knock.rsc')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.slice(1).map(readRule);
  const steps = rules.filter(({ action }) => action === 'add-src-to-address-list');

  it('fills one menu with rules of known words', () => {
    expect(lines[0]).toBe('/ip firewall filter');
    const known = 'chain action connection-state protocol dst-port src-address-list address-list';
    const words = new Set([...known.split(' '), 'address-list-timeout', 'comment']);
    for (const rule of rules) {
      expect(Object.keys(rule).filter((word) => !words.has(word))).toEqual([]);
      expect(rule.chain).toBe('input');
      expect(['accept', 'drop', 'add-src-to-address-list']).toContain(rule.action);
    }
  });

  it('takes the same sequence as the other examples, the last step first', () => {
    const knocks = steps.toReversed().map((rule) => `${rule['dst-port']}:${rule.protocol}`);
    expect(knocks.join(',')).toBe(formatSequence(parseSequence(exampleSequence())));
  });

  it('leads from list to list, and from the last one in', () => {
    const [first, ...others] = steps.toReversed();
    expect(first!['src-address-list']).toBeUndefined();
    let list = first!['address-list'];
    for (const rule of others) {
      expect(rule['src-address-list']).toBe(list);
      list = rule['address-list'];
    }
    const open = rules.find((rule) => rule.action === 'accept' && rule['dst-port'] === '22');
    expect(open?.['src-address-list']).toBe(list);
    expect(rules.at(-1)).toMatchObject({ action: 'drop', 'dst-port': '22' });
  });

  function readRule(line: string): Record<string, string> {
    expect(line).toMatch(/^add( [a-z-]+=("[^"]*"|[^\s"]+))+$/);
    const pairs = [...line.matchAll(/ ([a-z-]+)=("[^"]*"|[^\s"]+)/g)];
    return Object.fromEntries(pairs.map(([, word, value]) => [word, value]));
  }
});

describe('examples/backup and examples/mosh', () => {
  it.each([
    ['backup.sh', read('backup/backup.sh')],
    ['the crontab', read('backup/crontab').replace(/^[\d*]+( [\d*]+){4} /gm, '')],
    ...commandBlocks('mosh/README.md').map((text): [string, string] => ['mosh', text]),
  ])('a shell can read %s', (_, input) => {
    expect(spawnSync('sh', ['-n'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});
