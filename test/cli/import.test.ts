import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome, SECRET } from './config-home.ts';

const OPEN = '/sbin/iptables -I INPUT 1 -s %IP% -p tcp --dport 22 -j ACCEPT';
const CLOSE = '/sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';

const PAIR = `[options]
  UseSyslog
[openSSH]
  sequence = 17001,17002:udp,17003
  seq_timeout = 5
  tcpflags = syn
  command = ${OPEN}
[closeSSH]
  sequence = 17003,17002:udp,17001
  command = ${CLOSE}
`;

const TWO = `${PAIR}[mail]
  sequence = 17004
  start_command = ${OPEN.replace('22', '2525')}
  stop_command = ${CLOSE.replace('22', '2525')}
[bad]
  sequence = 17005
  tcpflags = ack
  start_command = ${OPEN.replace('22', '2526')}
`;

const ONE_TIME = `[once]
  one_time_sequences = /etc/knockd/once
  start_command = ${OPEN}
  stop_command = ${CLOSE}
`;

function home(conf: string, files: Record<string, string> = {}): ConfigHome {
  return new ConfigHome({ text: 'Host *\n  User bob\n', files: { 'server/knockd.conf': conf, ...files } });
}

const keyFile = (at: ConfigHome) => path.join(path.dirname(at.knockConfig), 'knock_spa.web');
const conf = (at: ConfigHome) => path.join(at.folder, 'server/knockd.conf');

describe('import', () => {
  it('an open/close pair: sequence, window and closing', () => {
    const at = home(PAIR);
    const { status, stdout, stderr } = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(SECRET);
    expect(at.read(at.knockConfig)).toContain(
      'Host web\n  KnockSequence 17001:tcp,17002:udp,17003:tcp\n' +
        '  KnockSequenceTimeout 5\n  KnockCloseSequence 17003:tcp,17002:udp,17001:tcp\n',
    );
    expect(at.sshG('web').get('proxycommand')).toMatch(/ -- '%h' %p$/);
    expect(at.run(['import', conf(at), '--host', 'web', '--yes']).stdout).toContain('nothing to change');
    at.run(['remove', 'web', '--yes']);
    expect([at.read(), at.read(at.knockConfig)]).toEqual(['Host *\n  User bob\n', undefined]);
  });

  it('access.conf of fwknopd: the keys go into a file of their own', () => {
    const keys = ['KEY_BASE64 a2V5', 'HMAC_KEY_BASE64 aG1hYw=='];
    const at = home(
      ['SOURCE ANY', 'OPEN_PORTS tcp/2222', 'REQUIRE_SOURCE_ADDRESS Y', ...keys, ''].join('\n'),
    );
    const { status, stderr } = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect({ status, keys: at.read(keyFile(at)) }).toEqual({ status: 2, keys: undefined });
    expect(stderr).toMatch(
      /^knockproxy: error: the server takes only packets that name the address.*\n.*--spa-allow/,
    );
    const { stdout } = at.run(['import', conf(at), '--host', 'web', '--yes', '--spa-allow', '192.0.2.7']);
    expect(stdout).not.toMatch(/a2V5|aG1h/);
    expect(at.read(at.knockConfig)).toMatch(
      /Host web\n {2}KnockSpaKeyFile \S+\/knock_spa\.web\n {2}KnockSpaAllow 192\.0\.2\.7\n/,
    );
    expect(at.sshG('web').get('port')).toBe('2222');
    expect([at.read(keyFile(at)), fs.statSync(keyFile(at)).mode & 0o777]).toEqual([
      `${keys.join('\n')}\n`,
      0o600,
    ]);
    at.run(['remove', 'web', '--yes']);
    expect([at.read(), at.read(at.knockConfig), at.read(keyFile(at))]).toEqual([
      'Host *\n  User bob\n',
      undefined,
      undefined,
    ]);
  });

  it('an export of a router: lists its doors, then sets one up', () => {
    const rules = [
      'action=add-src-to-address-list address-list=one dst-port=17001 protocol=tcp',
      'action=add-src-to-address-list address-list=two packet-size=128 protocol=icmp src-address-list=one',
      'action=accept dst-port=22 protocol=tcp src-address-list=two',
    ];
    const at = home(
      ['/ip firewall filter', ...rules.map((rule) => `add chain=input ${rule}`), ''].join('\n'),
    );
    expect(at.run(['import', conf(at)]).stdout).toBe(
      'a RouterOS export:\ntwo: sequence, 2 steps; opens 22\n' +
        'to set one up, pass --host HOST (and --door NAME if there are several)\n',
    );
    expect(at.run(['import', conf(at), '--host', 'gw', '--yes']).status).toBe(0);
    expect(at.read(at.knockConfig)).toContain('KnockSequence 17001:tcp,icmp:100\n');
  });

  it('the port that the door opens, unless there is one', () => {
    const at = home(TWO);
    at.run(['import', conf(at), '--host', 'web', '--door', 'mail', '--yes']);
    expect(at.sshG('web').get('port')).toBe('2525');
    at.run(['import', conf(at), '--host', 'other', '--door', 'mail', '--yes', '--port', '99']);
    expect(at.sshG('other').get('port')).toBe('99');
  });

  it('one-time sequences: a copy beside knock_config, which remove takes away', () => {
    const lines = ' 17001,17002\n 17003,17004\n';
    const at = home(ONE_TIME, { 'server/once': lines });
    const copy = path.join(path.dirname(at.knockConfig), 'knock_one_time.web');
    const { status, stdout, stderr } = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(SECRET);
    expect(stdout).toContain(`${copy} (new, copied from ${path.join(at.folder, 'server/once')})\n`);
    expect(at.read(copy)).toBe(lines);
    expect(at.read(at.knockConfig)).toContain(`  KnockOneTimeFile ${copy}\n`);
    at.write('server/once', ' 17009,17008\n');
    expect(at.run(['import', conf(at), '--host', 'web', '--yes']).stderr).toContain(
      'contains other sequences',
    );
    at.run(['remove', 'web', '--yes']);
    expect(at.read(copy)).toBeUndefined();
  });

  it.each([
    ['an absolute path', (pins: string) => ONE_TIME.replace('/etc/knockd/once', pins), () => {}],
    ['a link beside it', () => ONE_TIME, (pins: string, beside: string) => fs.symlinkSync(pins, beside)],
  ])('one-time sequences: a file elsewhere, by %s, is not taken unasked', (_, conf_, prepare) => {
    const at = home('', { 'elsewhere/pins.csv': '17001,17002\n17003,17004\n' });
    const pins = path.join(at.folder, 'elsewhere/pins.csv');
    at.write('server/knockd.conf', conf_(pins));
    prepare(pins, path.join(at.folder, 'server/once'));
    const args = ['import', conf(at), '--host', 'web'];
    const { status, stdout, stderr } = at.run([...args, '--yes']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/names \S+(pins\.csv|once), which is in another directory/);
    const asked = at.run(args);
    expect(asked.stdout).toMatch(/knock_one_time\.web \(new, copied from \S+(pins\.csv|once)\)/);
    expect(asked.status).toBe(2);
    expect(at.read(at.knockConfig)).toBeUndefined();
    expect(at.run([...args, '--yes', '--one-time', pins]).stdout).toContain(`copied from ${pins})`);
  });

  it.each([
    ['a CSV of other numbers', 'name,pin\nvic,17001\n', 'line 1: step 1'],
    ['a line with more than a port', ' 17001,17002\n 17003,17004 secret\n', 'line 2: step 3'],
    ['a port 0', ' 17001,0\n', 'line 1: step 2'],
    ['used lines only', '#17001,17002\n', 'no unused sequence'],
  ])('one-time sequences: refuses %s', (_, lines, message) => {
    const at = home(ONE_TIME, { 'server/once': lines });
    const { status, stdout, stderr } = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(SECRET);
    expect(at.read(at.knockConfig)).toBeUndefined();
  });

  it('without --host: names the doors, not what opens them', () => {
    const at = home(TWO);
    const { status, stdout } = at.run(['import', conf(at)]);
    expect(status).toBe(0);
    expect(stdout).toContain('openSSH: sequence, 3 steps; opens 22; closed by closeSSH\n');
    expect(stdout).toContain('tcpflags');
    expect(stdout).not.toMatch(SECRET);
    const doors = JSON.parse(at.run(['import', conf(at), '--json']).stdout);
    expect(doors.map(({ door }: { door: string }) => door)).toEqual(['openSSH', 'mail', 'bad']);
  });

  it.each([
    ['several doors', TWO, [], 'several doors', 'openSSH, mail, bad'],
    ['a door that is not there', TWO, ['--door', 'x'], "no door 'x'", 'openSSH'],
    [
      'a door that cannot be opened',
      TWO,
      ['--door', 'bad'],
      'line 15: knockproxy cannot open this door',
      'SYN',
    ],
    ['no door', '[options]\n  UseSyslog\n', [], 'nothing in it opens a door', ''],
    ['what knockd refuses', '[a]\n  sequence = 17001:icmp\n', [], 'line 2: step 1', ''],
    ['a one-time file that is not here', ONE_TIME, [], 'their file is missing', '--one-time'],
  ])('refuses %s', (_, text, args, message, hint) => {
    const at = home(text);
    const { status, stdout, stderr } = at.run(['import', conf(at), '--host', 'web', '--yes', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(SECRET);
    expect(at.read(at.knockConfig)).toBeUndefined();
  });

  describe("servers' files", () => {
    const OPEN_KNOCKS = 'KnockSequence 7101:tcp,7202:tcp,7303:tcp\n  KnockSequenceTimeout 10\n';
    const CLOSE_KNOCKS = '  KnockCloseSequence 7303:tcp,7202:tcp,7101:tcp\n';

    /** Imports a file of knockd-confs for `web`. */
    function imported(name: string, ...args: string[]) {
      const at = home(fs.readFileSync(new URL(`knockd-confs/${name}.conf`, import.meta.url), 'latin1'));
      const result = at.run(['import', conf(at), '--host', 'web', '--yes', ...args]);
      expect(result.stdout + result.stderr).not.toMatch(/7101|7202|7303|4101|12345/);
      return { ...result, knock: at.read(at.knockConfig), port: at.sshG('web').get('port') };
    }

    it.each([
      ['delete-then-insert', '2222'],
      ['firewalld-rich-rule', '2222'],
      ['firewalld-add-port', '2222'],
      ['firewalld-add-service', '22'],
      ['nft-add-rule', '2222'],
      ['check-or-append', '2222'],
      ['udp-rule-first', '2222'],
      ['sh-c', '2222'],
    ])('%s: port %s, and the sequence that closes', (name, port) => {
      const knock = expect.stringContaining(`${OPEN_KNOCKS}${CLOSE_KNOCKS}`);
      expect(imported(name)).toMatchObject({ status: 0, stderr: '', port, knock });
    });

    it('SSHopen and SSHclose with scripts: asks for the port, then sets up both', () => {
      const { status, stderr, knock } = imported('SSHopen-SSHclose');
      expect({ status, knock }).toEqual({ status: 2, knock: undefined });
      expect(stderr).toContain('line 3: the file does not say which TCP port this door opens');
      expect(stderr).toContain('hint: pass -p PORT');
      expect(imported('SSHopen-SSHclose', '-p', '22').knock).toContain(`${OPEN_KNOCKS}${CLOSE_KNOCKS}`);
    });

    it('a closer that cannot be knocked: a note, and the door without it', () => {
      const { status, stdout, knock } = imported('closer-fin');
      expect(status).toBe(0);
      expect(stdout).toContain(
        'note: door closeSSH, which closes it, cannot be used: its tcpflags are not those of a SYN\n',
      );
      expect(knock).toContain('KnockSequence 4101:udp,3202:udp,22:tcp\n');
      expect(knock).not.toContain('KnockCloseSequence');
    });

    it.each([
      ['same-sequence', [], 'closeSSH has the same sequence, so knockd closes it as it opens'],
      [
        'shared-first-port',
        ['--door', 'internalSSH'],
        'knockd 0.8 never completes it: openHTTPS, earlier in the file, begins with the same step',
      ],
      ['fork-ipset', ['--door', 'guest'], 'line 6: knockd 0.8 has no option ipset'],
    ])('%s: refused, and nothing is written', (name, args, reason) => {
      const { status, stderr, knock } = imported(name, ...args);
      expect({ status, knock }).toEqual({ status: 2, knock: undefined });
      expect(stderr).toContain(reason);
    });

    it("another version's options: named by line, the other sections taken", () => {
      const global = imported('fork-option');
      expect(global).toMatchObject({ status: 0, stderr: '', port: '2222' });
      expect(global.stdout).toMatch(/^note: \S+ line 2: knockd 0\.8 has no option AllowDuplicates$/m);
      expect(imported('fork-ipset', '--door', 'openSSH')).toMatchObject({ status: 0, port: '2222' });
    });
  });

  it('several ports without 22, or a Port that the door does not open: says so', () => {
    const at = home(PAIR.replaceAll('--dport 22', '-m multiport --dports 443,2222'));
    const asked = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain('line 3: this door opens several ports: 443, 2222');
    at.write('config', 'Host web\n  Port 99\n');
    const { status, stdout } = at.run(['import', conf(at), '--host', 'web', '--yes']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^note: the door opens 443 2222, but \S+ line 2 sets another Port$/m);
  });

  it('a file that is not there', () => {
    const at = home(PAIR);
    expect(at.run(['import', '/nowhere/knockd.conf']).stderr).toBe(
      'knockproxy: error: /nowhere/knockd.conf: no such file\n',
    );
  });
});
