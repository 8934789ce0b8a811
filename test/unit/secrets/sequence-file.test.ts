import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { obtainFromFile } from '../../../src/secrets/sequence-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { complaint, NAMES } from './names.ts';

const SEVEN = [{ port: 7001, protocol: 'tcp' }];

function home(text: string, mode = 0o600, name = 'sequence'): string {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, name), text);
  fs.chmodSync(path.join(folder, name), mode);
  return folder;
}

describe('KnockSequenceFile', () => {
  it.each([
    ['7001', SEVEN],
    ['\n \t\r\n  7001 \r\nnote\n', SEVEN],
    ['# mine\n\n7001\n', SEVEN],
    ['7001:udp,8000', [{ port: 7001, protocol: 'udp' }, { port: 8000, protocol: 'tcp' }]], // biome-ignore format: a row
  ])('takes the first line that is not blank or a comment of %j', async (text, steps) => {
    expect((await obtainFromFile('~/sequence', NAMES, home(text))).candidates).toEqual([steps]);
  });

  it.each([
    ['7001\n7002\n7003', [7001, 7002, 7003]],
    ['\n# now\n7001\n# before\n7002\n', [7001, 7002]],
    ['7001\r\n7002\r\n7001\r\n7003', [7001, 7002, 7003]],
    ['7001\nlogin: alice\n7002', [7001]],
    ['7001\n\n7002', [7001]],
    ['7001\n7002,\n7003', [7001]],
    [
      Array.from({ length: 9 }, (_, n) => 7001 + n).join('\n'),
      [7001, 7002, 7003, 7004, 7005, 7006, 7007, 7008],
    ],
  ])('takes the candidates of %j, up to notes and at most 8', async (text, ports) => {
    const { candidates } = await obtainFromFile('~/sequence', NAMES, home(text));
    expect(candidates.map(([step]) => step!.port)).toEqual(ports);
  });

  it('expands tokens and ~, and is relative to ~/.ssh', async () => {
    const folder = home('7001', 0o600, 'server.example-server-22-alice-%');
    fs.mkdirSync(path.join(folder, '.ssh'));
    const names = ['~/%h-%n-%p-%r-%%', `${folder}/%h-%n-%p-%r-%%`, '../%h-%n-%p-%r-%%'];
    for (const name of names) expect((await obtainFromFile(name, NAMES, folder)).candidates).toEqual([SEVEN]);
  });

  it('takes a user of an Active Directory', async () => {
    const folder = home('7001', 0o600, 'CORP\\john doe$');
    const names = { ...NAMES, user: 'CORP\\john doe$' };
    expect((await obtainFromFile('~/%r', names, folder)).candidates).toEqual([SEVEN]);
  });

  it.each([
    ['~/%z', {}, 'the path has an unknown token'],
    ['~/%', {}, 'the path has an unknown token'],
    ['~/%h', { host: '../../etc/passwd' }, 'the path: the value of %h contains a slash'],
    ['~/doors/%n/sequence', { alias: '..' }, 'the path: the value of %n is a directory'],
    ['~/doors/%n/sequence', { alias: '.' }, 'the path: the value of %n is a directory'],
    ['~/%r', { user: 'a\nb' }, 'the path: the value of %r contains a control character'],
    ['~/%r', { user: '' }, 'the path uses %r, but its value was not passed'],
    ['~/none', {}, 'cannot read '],
    ['~/.', {}, 'is not a regular file'],
  ])('refuses %s with %j', async (name, names, message) => {
    const text = await complaint(() => obtainFromFile(name, { ...NAMES, ...names }, home('7001')));
    expect(text).toMatch(/^knock_config line 2: /);
    expect(text).toContain(message);
  });

  it.each(['', '\n\n', '# 7001\n', '7001,x', '70010000', '7001\u0000', '7001 '.repeat(32)])(
    'refuses %j without quoting it',
    async (text) => {
      const message = await complaint(() => obtainFromFile('~/sequence', NAMES, home(text)));
      expect(message).toMatch(/^knock_config line 2: .*sequence (contains no sequence|is not a sequence: )/);
      expect(message).not.toContain('7001');
    },
  );

  it.each([0o640, 0o604, 0o660, 0o620, 0o644, 0o601])(
    'refuses mode %o with the chmod that mends it',
    async (mode) => {
      const folder = home('7001', mode, "o'clock $(x)");
      const name = `${folder}/o'clock $(x)`;
      const plain = home('7001', mode);
      const message = await complaint(() => obtainFromFile('~/sequence', NAMES, plain));
      expect(message).toContain(
        `other users can access the sequence in ${plain}/sequence (mode 0${mode.toString(8)})`,
      );
      const [, mend] = /^(chmod .*)$/m.exec(message)!;
      await runShell(mend!);
      expect((await obtainFromFile('~/sequence', NAMES, plain)).candidates).toEqual([SEVEN]);
      expect(await complaint(() => obtainFromFile(name, NAMES, folder))).toContain('chmod 600');
    },
  );

  it('follows a symbolic link to a file that is in order, and to no other', async () => {
    const folder = home('7001');
    fs.symlinkSync(path.join(folder, 'sequence'), path.join(folder, 'link'));
    expect((await obtainFromFile('~/link', NAMES, folder)).candidates).toEqual([SEVEN]);
    fs.chmodSync(path.join(folder, 'sequence'), 0o644);
    expect(await complaint(() => obtainFromFile('~/link', NAMES, folder))).toContain('chmod 600');
  });
});

async function runShell(command: string): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  execFileSync('sh', ['-c', command]);
}
