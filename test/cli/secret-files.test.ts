import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { run } from './run.ts';

const SEQUENCE = 'KnockSequence 4242,4343\nKnockTimeout 0.3\n';

/** A file with this text and mode. */
function file(text: string, mode: number, name = 'file'): string {
  const made = path.join(temporaryFolder(), name);
  fs.writeFileSync(made, text);
  fs.chmodSync(made, mode);
  return made;
}

const login = (knockConfig: string, config = 'none') =>
  run(['--knock-config', knockConfig, '-F', config, '127.0.0.1', '9']);

describe.skipIf(process.platform === 'win32')('a file that holds a sequence', () => {
  it.each([0o644, 0o640, 0o604])(
    'is refused as knock_config with mode %o, with the chmod that mends it',
    async (mode) => {
      const knockConfig = file(SEQUENCE, mode);
      const { code, stdout, stderr } = await login(knockConfig);
      expect(stderr).toContain(
        `${knockConfig} contains a knock sequence and can be read by others (mode 0${mode.toString(8)})`,
      );
      expect(stderr).toContain(`knockproxy: hint: chmod 600 ${knockConfig}`);
      expect(stderr).not.toContain('4242');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    },
  );

  it('is refused when knock_config includes it', async () => {
    const included = file(SEQUENCE, 0o644);
    const { code, stderr } = await login(file(`Include ${included}\n`, 0o600));
    expect(stderr).toContain(`${included} contains a knock sequence`);
    expect(code).toBe(2);
  });

  it('is used when only its owner can read it', async () => {
    const { code, stderr } = await login(file(SEQUENCE, 0o600));
    expect(stderr).toContain('stayed shut');
    expect(code).toBe(1);
  });

  it('may be read by others when it holds no sequence itself', async () => {
    const { stderr } = await login(file('KnockTimeout 0.3\n', 0o644));
    expect(stderr).toContain('could not connect');
  });

  it('is used as an ssh config, without a word where no terminal is', async () => {
    const { code, stderr } = await login('none', file(`Host *\n${SEQUENCE}`, 0o644));
    expect(stderr).toContain('stayed shut');
    expect(stderr).not.toContain('warning');
    expect(code).toBe(1);
  });
});

describe.skipIf(process.platform === 'win32')('an ssh config that others can write', () => {
  it('is refused as knock_config, naming file and mode', async () => {
    const knockConfig = file('KnockTimeout 1\n', 0o666);
    const { code, stderr } = await login(knockConfig);
    expect(stderr).toContain(knockConfig);
    expect(stderr).toMatch(/0?666/);
    expect(code).toBe(2);
  });
});
