import fs from 'node:fs';
import { expect, it } from 'vitest';
import { HistoryStore } from '../../src/coordination/history-store.ts';
import { NO_HISTORY } from '../../src/plan/history.ts';
import { ConfigHome, SECRET } from './config-home.ts';

const CONFIG = `IgnoreUnknown Knock*
Host web
  HostName 192.0.2.7
  Port 2222
Host old
  KnockSequence 17001
Host plain
  User bob
`;

const KNOCK = `Host web mail
  KnockSequence 17001,17002:udp
Host cmd
  KnockSequenceCommand pass knock/%n
Host none
  KnockSequence none
Host wrong
  KnockSequence 17001,99999
Host *.corp
  KnockSequence 17003
`;

function home(): ConfigHome {
  const at = new ConfigHome({ text: CONFIG });
  at.write('knock/knock_config', KNOCK);
  return at;
}

it('names every host with a door, where it stands, its kind and when it opened', () => {
  const at = home();
  const target = { address: '192.0.2.7', family: 4, port: 2222 } as const;
  new HistoryStore(at.state).save(target, { ...NO_HISTORY, openedAt: Date.UTC(2024, 1, 3, 4, 5) });
  const { status, stdout, stderr } = at.run(['list', '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const row = { file: at.knockConfig, kind: 'sequence', oneTimeLeft: null, lastOpened: null };
  expect(JSON.parse(stdout)).toEqual([
    { ...row, host: 'web', line: 2, steps: 2, lastOpened: '2024-02-03T04:05:00.000Z' },
    { ...row, host: 'mail', line: 2, steps: 2 },
    { ...row, host: 'cmd', line: 4, kind: 'command', steps: null },
    { ...row, host: 'wrong', line: 8, kind: null, steps: null, problem: expect.stringContaining('step 2') },
    { ...row, host: 'old', file: at.config, line: 6, steps: 1 },
    { ...row, host: '*.corp', line: 10, kind: 'pattern', steps: null },
  ]);
  expect(stdout).not.toMatch(SECRET);
});

it('knows when a login opened a door by the name of its host', () => {
  const at = new ConfigHome({ text: 'Host web\n  HostName web.example\n  Port 2222\n' });
  at.write('knock/knock_config', 'Host web\n  KnockSequence 17001\n');
  const state = new HistoryStore(at.state);
  const name = { address: 'web.example', family: 4, port: 2222 } as const;
  state.save(name, { ...NO_HISTORY, openedAt: Date.now() });
  const [row] = JSON.parse(at.run(['list', '--json']).stdout);
  expect(Math.abs(Date.parse(row.lastOpened) - Date.now())).toBeLessThan(60_000);
  expect(fs.readdirSync(at.state).join()).not.toContain('web');
});

it('counts what is left of one-time lines, and names a file that cannot be used', () => {
  const at = new ConfigHome({ text: '' });
  const lines = [...Array(14).keys()].map((n) => ` 170${10 + n},17001`);
  at.write('lines', ['#17001,17002', ...lines].join('\n'));
  at.write(
    'knock/knock_config',
    'Host web\n  KnockOneTimeFile @/lines\nHost gone\n  KnockOneTimeFile @/gone\n',
  );
  const before = at.read(`${at.folder}/lines`);
  const { stdout } = at.run(['list', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    { host: 'web', kind: 'one-time', oneTimeLeft: 13 },
    { host: 'gone', kind: null, oneTimeLeft: null, problem: expect.stringContaining('/gone') },
  ]);
  expect(at.run(['list']).stdout).toMatch(/^web +one-time, 13 left +-/m);
  expect(at.read(`${at.folder}/lines`)).toBe(before);
  expect(stdout).not.toMatch(SECRET);
});

it('as a table', () => {
  const at = home();
  const { stdout } = at.run(['list']);
  expect(stdout).toMatch(
    /^HOST +DOOR +LAST OPENED \(UTC\) +WHERE\nweb +sequence, 2 steps +- +\S+knock_config:2\n/,
  );
  expect(stdout).not.toMatch(SECRET);
});

it('the hosts that are named only', () => {
  const rows = JSON.parse(home().run(['list', '--json', 'old', 'a.corp']).stdout);
  expect(rows.map(({ host }: { host: string }) => host)).toEqual(['old', 'a.corp']);
  expect(home().run(['list', 'plain'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('plain has no door'),
  });
});

it('nothing to list', () => {
  expect(new ConfigHome({ text: 'Host web\n' }).run(['list'])).toMatchObject({
    status: 0,
    stdout: 'no host has a door: knockproxy add HOST\n',
  });
});

it('warns of tokens without quotes, and of a door that %h %p alone does not find', () => {
  const at = new ConfigHome({
    text:
      'Host web\n  HostName 10.0.0.1\n  ProxyCommand knockproxy %h %p\n' +
      "Host db\n  ProxyCommand knockproxy -- '%h' %p\n" +
      'Match originalhost x exec "knockproxy open %n"\n  Port 22\n',
  });
  at.write(
    'knock/knock_config',
    'Host web db\n  KnockSequence 17001\nHost 10.*\n  KnockSequence 17002,17003\n',
  );
  const { status, stdout, stderr } = at.run(['list', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(3);
  const config = at.config;
  expect(stderr.split('\n')).toEqual([
    expect.stringContaining(`warning: ProxyCommand in ${config} line 3 has %h without quotes: `),
    expect.stringContaining(`warning: Match exec in ${config} has %n without quotes: `),
    expect.stringMatching(
      /line 3 passes no %n, and %h and %p do not identify the door of web; let ProxyCommand/,
    ),
    '',
  ]);
  expect(stdout + stderr).not.toMatch(SECRET);
});
