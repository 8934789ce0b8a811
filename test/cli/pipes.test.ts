import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { PROGRAM } from './run.ts';

/** A pipe that nobody writes to holds whoever opens it; the program ends within this, in milliseconds. */
const END_MS = 20_000;

describe.skipIf(process.platform === 'win32')('a pipe without a writer does not hold the program:', () => {
  /** A login whose files are pipes by these names, in a home of its own. */
  function login(pipes: readonly string[], door: string, argv = ['127.0.0.1', '1']) {
    const folder = temporaryFolder();
    const config = path.join(folder, 'config');
    fs.writeFileSync(config, `Host *\n  ${door.replaceAll('@', folder)}\n  KnockTimeout 0.3\n`, {
      mode: 0o600,
    });
    for (const pipe of pipes) {
      const file = path.join(folder, pipe);
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      fs.rmSync(file, { force: true });
      spawnSync('mkfifo', ['-m', '600', file]);
    }
    const options = [
      '-F',
      config,
      '--knock-config',
      'none',
      ...argv.map((word) => word.replace('@', folder)),
    ];
    const result = spawnSync(process.execPath, [PROGRAM, ...options], {
      encoding: 'utf8',
      timeout: END_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, HOME: folder, XDG_STATE_HOME: `${folder}/state`, XDG_RUNTIME_DIR: '' },
    });
    return { ...result, folder };
  }

  it('the key of the state folder', () => {
    const { stderr, signal } = login(['state/knockproxy/key'], 'KnockSequence 1,2');
    expect({ signal, stderr }).toMatchObject({
      signal: null,
      stderr: expect.stringContaining('port 1 stayed shut'),
    });
  });

  it('what a door has taught', () => {
    const { folder } = login([], 'KnockSequence 1,2');
    const state = path.join(folder, 'state/knockproxy');
    const [memory] = fs.readdirSync(state).filter((name) => name.endsWith('.json'));
    const key = fs.readFileSync(path.join(state, 'key'));
    const again = login([`state/knockproxy/${memory}`], 'KnockSequence 1,2');
    expect(again).toMatchObject({ signal: null, stderr: expect.stringContaining('port 1 stayed shut') });
    expect(key.length).toBe(64);
  });

  it.each([
    ['KnockSequenceFile', 'KnockSequenceFile @/file', 'is not a regular file'],
    ['KnockOneTimeFile', 'KnockOneTimeFile @/file', 'is not a regular file'],
    ['KnockSpaKeyFile', 'KnockSpaKeyFile @/file', 'is not a regular file'],
  ])('%s', (_, door, problem) => {
    expect(login(['file'], door)).toMatchObject({ status: 2, stderr: expect.stringContaining(problem) });
  });

  it('.fwknoprc', () => {
    const { status, stderr } = login(['.fwknoprc'], 'KnockSpa web');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('is not a regular file'),
    });
  });

  it.each([
    ['knock_config', ['--knock-config', '@/pipe', '127.0.0.1', '1']],
    ["ssh's configuration", ['-F', '@/pipe', '127.0.0.1', '1']],
  ])('%s', (_, argv) => {
    const { status, stderr } = login(['pipe'], 'KnockSequence 1,2', argv);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/pipe: cannot be read: no program writes to this pipe$/m),
    });
  });

  it('ssh_config that add edits', () => {
    const argv = ['add', 'web', '--yes', '-F', '@/pipe', '--knock-config', '@/knock_config'];
    const { status, stderr } = login(['pipe'], 'KnockSequence 1,2', argv);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('is not a regular file'),
    });
  });
});

it.skipIf(process.platform === 'win32')('a configuration may come from a pipe, as from <(command)', () => {
  const folder = temporaryFolder();
  const script = `"$0" "$1" -F <(sleep 0.3; printf 'Host *\\nKnockTimeout 0.3\\n'; sleep 0.1; echo KnockSequence 1,2) \
    --knock-config none 127.0.0.1 1`;
  const { stderr } = spawnSync('bash', ['-c', script, process.execPath, PROGRAM], {
    encoding: 'utf8',
    env: { ...process.env, HOME: folder, XDG_STATE_HOME: `${folder}/state`, XDG_RUNTIME_DIR: '' },
  });
  expect(stderr).toContain('port 1 stayed shut');
});
