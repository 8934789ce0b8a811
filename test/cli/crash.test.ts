import nodeFs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type FileIo, replaceFile } from '../../src/cli/config/replace-file.ts';
import { ConfigHome, SEQUENCE } from './config-home.ts';

const KILLER = fileURLToPath(new URL('killer.cjs', import.meta.url));
const OLD = 'Host web\n  ProxyCommand nc %h %p\n';

/** node:fs of which the Nth call fails; a crash fails all later ones too. */
function failing(at: number, isCrash: boolean): FileIo & { calls(): number } {
  let calls = 0;
  const wrap = (name: keyof FileIo) => {
    const real = nodeFs[name] as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => {
      calls++;
      if (calls === at || (isCrash && calls > at)) throw Object.assign(new Error('secret'), { code: 'EIO' });
      return real(...args);
    };
  };
  const names = [
    'readFileSync',
    'statSync',
    'realpathSync',
    'readlinkSync',
    'openSync',
    'writeSync',
  ] as const;
  const more = ['fchownSync', 'fchmodSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync'] as const;
  const io = Object.fromEntries([...names, ...more].map((name) => [name, wrap(name)]));
  return { ...(io as unknown as FileIo), calls: () => calls };
}

describe('replaceFile', () => {
  it.each([
    ['a file', undefined],
    ['a link', 'dotfiles/config'],
  ])('%s: whichever call fails, the old or the new text is there', (_, link) => {
    const home = new ConfigHome({ text: OLD, ...(link !== undefined && { link }) });
    const folder = path.join(home.folder, path.dirname(link ?? 'config'));
    for (const after of ['new\n', undefined]) {
      for (const isCrash of [true, false]) {
        for (let at = 1; ; at++) {
          for (const name of temporaries(folder)) nodeFs.rmSync(path.join(folder, name));
          home.write(link ?? 'config', OLD);
          const io = failing(at, isCrash);
          const change = { path: home.config, before: OLD, after, isSecret: false };
          const failure = errorOf(() => replaceFile(change, io));
          if (io.calls() < at) break;
          if (failure) expect(failure).toBe(`${home.config}: cannot be changed (EIO)`);
          expect([OLD, ...(failure ? [] : [after])]).toContain(home.read());
          if (!isCrash) expect(temporaries(folder)).toEqual([]);
          expect(at).toBeLessThan(30);
        }
      }
    }
  });

  it('does not overwrite what another has written meanwhile', () => {
    const home = new ConfigHome({ text: 'theirs\n' });
    const change = { path: home.config, before: OLD, after: 'ours\n', isSecret: false };
    expect(() => replaceFile(change)).toThrow('has been changed by another program');
    expect(home.read()).toBe('theirs\n');
  });

  it('writes through a link to a file that is not there yet', () => {
    const home = new ConfigHome();
    nodeFs.symlinkSync('later', home.config);
    replaceFile({ path: home.config, before: undefined, after: 'new\n', isSecret: false });
    expect(nodeFs.readlinkSync(home.config)).toBe('later');
    expect(home.read()).toBe('new\n');
  });
});

function errorOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function temporaries(folder: string): string[] {
  return nodeFs.readdirSync(folder).filter((name) => name.startsWith('.knockproxy'));
}

it('killed at any change of a file, add and remove leave the old or the new, and end well the next time', () => {
  const home = new ConfigHome({ text: OLD });
  const files = () => ({ config: home.read(), knock: home.read(home.knockConfig) });
  const old = files();
  home.run(['add', 'web', '--yes'], SEQUENCE);
  const added = files();
  home.run(['remove', 'web', '--yes']);
  const killAt = (at: number, args: string[]) =>
    home.run(args, SEQUENCE, { NODE_OPTIONS: `--require ${KILLER}`, KILL_AT: String(at) }).status;
  let kills = 0;
  for (let at = 1; ; at++) {
    const addStatus = killAt(at, ['add', 'web', '--yes']);
    expect([old.config, added.config]).toContain(files().config);
    expect([old.knock, added.knock]).toContain(files().knock);
    expect(home.run(['add', 'web', '--yes'], SEQUENCE).status).toBe(0);
    expect(files()).toEqual(added);
    const removeStatus = killAt(at, ['remove', 'web', '--yes']);
    expect([old.config, added.config]).toContain(files().config);
    expect([old.knock, added.knock]).toContain(files().knock);
    expect(home.run(['remove', 'web', '--yes']).status).toBe(0);
    expect(files()).toEqual(old);
    expect([...temporaries(home.folder), ...temporaries(path.dirname(home.knockConfig))]).toEqual([]);
    kills += Number(addStatus !== 0) + Number(removeStatus !== 0);
    if (addStatus === 0 && removeStatus === 0) break;
    expect(at).toBeLessThan(60);
  }
  console.log(`killed ${kills} times`);
  expect(kills).toBeGreaterThan(15);
}, 180_000);
