import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { run } from './run.ts';

const WARNING = /^knockproxy: warning: .*config line 1: .* takes longer than KnockSequenceTimeout$/m;

/** A login that knocks three times with this delay, for a server that gives it one second. */
async function login(delayMs: number): Promise<string> {
  const config = path.join(temporaryFolder(), 'config');
  const lines = ['KnockSequence 1:udp,2:udp,3:udp', `KnockDelay ${delayMs}`, 'KnockSequenceTimeout 1'];
  fs.writeFileSync(config, [...lines, 'KnockTimeout 0.1', ''].join('\n'), { mode: 0o600 });
  return (await run(['-F', config, '--knock-config', 'none', '127.0.0.1', '1'])).stderr;
}

it.each([500, 600])(
  'warns that a sequence with KnockDelay %i does not fit into a second',
  async (delayMs) => {
    expect(await login(delayMs)).toMatch(WARNING);
  },
);

it('does not warn of one that fits', async () => {
  expect(await login(499)).not.toMatch(WARNING);
});
