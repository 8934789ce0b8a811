import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isRunning } from '../../src/processes/process-tree.ts';
import { describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

/** What a busy machine may need; the programs take five minutes. */
const END_MS = 15_000;
const START_MS = 30_000;
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

describeBed('a program that knockproxy runs does not hold a signal back', () => {
  let scene: Scene;
  let pidFile: string;
  let slow: string;
  let stubborn: string;
  beforeAll(async () => {
    scene = await Scene.open();
    pidFile = join(scene.bed.dir, 'pid');
    slow = program('slow', 'exec sleep 300');
    stubborn = program('stubborn', 'trap "" TERM HUP INT; while :; do sleep 0.1; done');
    scene.person.write('config', ['Host server', `  HostName ${scene.bed.server.ip}`]);
  });
  afterAll(() => scene?.close());
  beforeEach(() => {
    rmSync(pidFile, { force: true });
    scene.person.forget();
  });

  function program(name: string, text: string): string {
    const file = join(scene.bed.dir, name);
    writeFileSync(file, `#!/bin/sh\necho $$ >${pidFile}\n${text}\n`, { mode: 0o755 });
    return file;
  }

  const started = () =>
    waitFor(
      'the program',
      () => {
        try {
          return Number(readFileSync(pidFile, 'utf8'));
        } catch {
          return 0;
        }
      },
      START_MS,
    );

  const kinds: [string, () => string[]][] = [
    ['Match exec', () => [`Match host * exec ${slow}`, KNOCK_SEQUENCE]],
    ['Match exec that ignores signals', () => [`Match host * exec ${stubborn}`, KNOCK_SEQUENCE]],
    ['KnockSequenceCommand', () => ['Host *', `KnockSequenceCommand ${slow}`]],
    ['KnockSequenceCommand that ignores signals', () => ['Host *', `KnockSequenceCommand ${stubborn}`]],
    [
      'KnockSequenceCommand with a close sequence',
      () => ['Host *', `KnockSequenceCommand ${stubborn}`, 'KnockCloseSequence 1'],
    ],
  ];

  describe.each(kinds)('%s', (_, door) => {
    beforeEach(() => scene.person.write('knock_config', door()));

    test.each(SIGNALS)('%s to a login', (signal) => endsBy(signal, [scene.bed.server.ip, '22', 'server']));
    test.each(['open', 'check'])('SIGTERM to %s', (command) => endsBy('SIGTERM', [command, 'server']));

    test('SIGKILL to ssh', async () => {
      const config = [
        'Host server',
        `  HostName ${scene.bed.server.ip}`,
        '  ProxyCommand knockproxy %h %p %n',
      ];
      scene.person.write('config', config);
      const ssh = scene.person.spawn('ssh', ['server', 'true']);
      const pid = await started();
      ssh.child.kill('SIGKILL');
      await waitFor(
        'knockproxy to end',
        async () => (await scene.person.knockproxies()).length === 0,
        END_MS,
      );
      expect(isRunning(pid)).toBe(false);
      await ssh.end();
    });
  });

  async function endsBy(signal: NodeJS.Signals, argv: readonly string[]): Promise<void> {
    const heard = scene.person.spawn('knockproxy', argv);
    const pid = await started();
    const startedMs = performance.now();
    heard.child.kill(signal);
    const { code, signal: ended } = await heard.end();
    expect(performance.now() - startedMs).toBeLessThan(END_MS);
    // As a shell shows it.
    expect([code, ended]).toContainEqual(
      code === null ? signal : { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal as 'SIGHUP'],
    );
    expect(isRunning(pid)).toBe(false);
    expect(heard.stderr).toBe('');
  }
});
