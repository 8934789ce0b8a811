import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome } from './config-home.ts';
import { localDoor } from './local-door.ts';
import { PROGRAM, run } from './run.ts';

describe('check --svg', () => {
  it('writes a picture without addresses and ports, beside the text', async () => {
    const { port, sequence } = await localDoor();
    const home = new ConfigHome({
      text: `Host here\n  HostName 127.0.0.1\n  Port ${port}\n  ProxyCommand ${process.execPath} ${PROGRAM} -- '%h' %p\n`,
    });
    home.write('knock/knock_config', `Host here\n  KnockSequence ${sequence}\n`);
    const file = path.join(home.folder, 'check.svg');
    const files = ['-F', home.config, '--knock-config', home.knockConfig];
    const { code, stdout, stderr } = await run(['check', ...files, 'here', '--svg', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^open {3,}.*#> after \d+ ms$/m);
    const svg = fs.readFileSync(file, 'utf8');
    expect(svg).toContain('knockproxy check here: ok');
    expect(svg).toContain('<title>knock 1: ');
    expect(svg).toContain('SSH-2.0-Test_1.0');
    expect(svg).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${port}|${sequence.split(':')[0]}`));
    expect(await run(['check', ...files, 'here', '--svg', file])).toMatchObject({ code: 2, stdout: '' });
    expect(fs.readFileSync(file, 'utf8')).toBe(svg);
  });

  const NOWHERE = ['-F', 'none', '--knock-config', 'none'];

  it('- is standard output, and a host that was typed as an address is not named', async () => {
    const { code, stdout } = await run(['check', ...NOWHERE, '192.0.2.7', '--svg', '-']);
    expect(stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(stdout).toContain('knockproxy check an IPv4 address: config (exit status 2)');
    expect(stdout).not.toContain('192.0.2.7');
    expect(code).toBe(2);
  });

  it.each([
    [['--svg', '-', '--json'], 'both use standard output'],
    [['--svg', '/nowhere/check.svg'], 'cannot write /nowhere/check.svg (ENOENT)'],
    [['--svg', '/dev/null'], '/dev/null already exists'],
  ])('%j: one line before anything is sent', async (args, message) => {
    const { code, stdout, stderr } = await run(['check', ...NOWHERE, 'web', ...args]);
    expect(stderr).toContain(
      `knockproxy: error: ${message}`.replace('error: both', 'error: --svg - and --json both'),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
