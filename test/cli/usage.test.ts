import { describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { run } from './run.ts';

const knock = (...args: string[]) => run(['--knock-config', 'none', '-F', 'none', ...args]);

describe('a command line that cannot be run', () => {
  it.each([
    ['no operand', ['--'], 'missing operands: HOST PORT'],
    ['no port', ['host.invalid'], "missing operand: PORT, after HOST 'host.invalid'"],
    ['port 0', ['host.invalid', '0'], "'0' is not a port from 1 to 65535"],
    ['port 65536', ['host.invalid', '65536'], "'65536' is not a port from 1 to 65535"],
    ['five operands', ['h', '22', 'a', 'u', 'x'], 'too many operands'],
    ['an unknown option', ['--bogus', 'h', '22'], 'unknown option --bogus'],
    ['an unknown option of knock', ['knock', 'h', '7000', '--bogus'], 'unknown option --bogus'],
    ['a bad delay', ['knock', 'h', '7000', '-d', '1s'], '--delay must be between 0 and 60000 milliseconds'],
    ['-4 and -6', ['knock', '-4', '-6', 'h', '7000'], 'mutually exclusive'],
    ['a name with a dash', ['--', '-oProxyCommand=x', '22'], 'begins with a dash'],
    ['a name with a newline', ['a\nb', '22'], "host name 'a...' contains a line feed"],
    ['an escape sequence', ['a\u001b[31m', '22'], 'control character'],
    ['a pattern', ['?*x', '22'], "host name '?*x' contains a shell pattern character"],
    ['a pattern as an alias', ['h', '22', '[w]eb'], 'shell pattern'],
    ['a user with a line feed', ['h', '22', 'h', 'a\nb'], "user name 'a...' contains a line feed"],
    ['-F in this folder', ['-F', 'x', 'h', '22'], "-F 'x' is not an absolute path"],
    ['an empty name', ['', '22'], 'is empty'],
    ['a name of 10 kB', ['a'.repeat(10_000), '22'], 'is 10000 characters long'],
  ])('%s: one line, a hint, exit 2', async (_, args, message) => {
    const result = await run(args);
    expect(result.stderr).toContain(message);
    expect(result.stderr.split('\n')[0]).toMatch(/^knockproxy: error: /);
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3);
    expect(result.stderr).not.toMatch(/[^\n\P{Cc}]| {4}at /u);
    expect(result).toMatchObject({ code: 2, stdout: '' });
  });

  it.each(['nosuchhost.invalid', 'a;id', '$(id).invalid', '`id`', 'a|b', "it's"])(
    'a host %j that does not exist: exit 1',
    async (host) => {
      const result = await knock('--', host, '22');
      expect(result.stderr).toMatch(/^knockproxy: error: could not resolve /);
      expect(result).toMatchObject({ code: 1, stdout: '' });
    },
  );

  it.each([
    ['70000', 'step 2'],
    ['22:icmp', 'step 2'],
    ['', 'step 2'],
  ])('a bad knock %j: its number, not its value', async (step, message) => {
    const result = await run(['knock', '127.0.0.1', '-'], { stdin: `4242,${step}` });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/4242|70000|icmp,/);
  });
});

describe('a misspelt command line', () => {
  it.each([
    [['chek', 'web'], "did you mean 'knockproxy check'?"],
    [['lst'], "did you mean 'knockproxy list'?"],
    [['help', 'chek'], "did you mean 'knockproxy help check'?"],
    [['check', '--jsn', 'web'], 'did you mean --json?'],
    [['knock', '--dlay=3', 'h', '7000'], 'did you mean --delay?'],
    [['check'], "see 'knockproxy check --help'"],
  ])('%j: %s', async (args, hint) => {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(`knockproxy: hint: ${hint}`);
    expect(code).toBe(2);
  });

  it('names the operand that is missing', async () => {
    const { stderr } = await run(['completion']);
    expect(stderr).toContain('missing operand: SHELL');
  });

  it('does not repeat what may be a sequence', async () => {
    const { stderr } = await run(['check', '--7001', 'web', '7002', '7003']);
    expect(stderr).not.toMatch(/700/);
  });
});

describe('the commands a person types', () => {
  it.each([
    [[], ['--help']],
    [['help'], ['--help']],
    [
      ['help', 'check'],
      ['check', '--help'],
    ],
  ])('%j prints what %j prints', async (args, same) => {
    const { code, stdout } = await run(args);
    expect(stdout).toBe((await run(same)).stdout);
    expect(code).toBe(0);
  });

  it('--version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${pkg.version}\n`, stderr: '' });
  });

  it('--help names the form that ssh runs and the commands', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect(stdout).toContain('ProxyCommand knockproxy');
    expect(stdout).toContain('  knock HOST [PORT ...] ');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('--help is as wide as COLUMNS says, and -h may follow other flags', async () => {
    const widest = async (columns: string) => {
      const { stdout } = await run(['check', '-4h'], { env: { COLUMNS: columns } });
      return Math.max(...stdout.split('\n').map((line) => line.length));
    };
    expect(await widest('100')).toBeGreaterThan(90);
    expect(await widest('100')).toBeLessThanOrEqual(100);
    expect(await widest('60')).toBeLessThanOrEqual(60);
  });

  it("knock --help warns of ports in knock's own argument list", async () => {
    const { stdout } = await run(['knock', '--help']);
    expect(stdout).toContain('argument list');
  });

  it('knock --dry-run prints what would be sent and when, and sends nothing', async () => {
    const { stdout } = await run(['knock', '-d', '20', '--dry-run', '192.0.2.1', '7000', '8000:udp']);
    expect(stdout).toBe('+0 ms  tcp  192.0.2.1  port 7000\n+20 ms  udp  192.0.2.1  port 8000\n');
  });

  it('knock -u - reads the sequence from stdin', async () => {
    const { stdout } = await run(['knock', '-u', '--dry-run', '::1', '-'], { stdin: '7000,8000:tcp\n' });
    expect(stdout).toBe('+0 ms  udp  ::1  port 7000\n+10 ms  tcp  ::1  port 8000\n');
  });

  it('takes operands behind --', async () => {
    const dryRun = await run(['knock', '--dry-run', '--', '127.0.0.1', '7000']);
    expect(dryRun).toMatchObject({ code: 0, stdout: '+0 ms  tcp  127.0.0.1  port 7000\n', stderr: '' });
    for (const command of ['open', 'check', 'close', 'knock']) {
      const { stdout, stderr } = await run([
        command,
        '-F',
        'none',
        '--knock-config',
        'none',
        '--',
        'host.invalid',
      ]);
      expect(stdout + stderr).toContain('no door is configured for host.invalid');
    }
    expect((await run(['open', '--', '-x'])).stderr).toContain("error: '-x' begins with a dash");
    expect((await run(['--', 'list'])).stderr).toContain('missing operand: PORT');
  });

  it.each(['open', 'check', 'close', 'knock'])('%s refuses a host with shell patterns', async (command) => {
    const { stdout, stderr } = await run([command, '--', '?*X']);
    expect(stdout + stderr).toContain("host name '?*X' contains a shell pattern character");
  });

  it('knock without ports and without a configured door says what to do', async () => {
    const result = await run(['knock', '-F', 'none', '--knock-config', 'none', 'host.invalid']);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('no door is configured for host.invalid');
  });
});
