import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EXAMPLES } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { type Bed, createBed, type RunResult } from '../netns/index.ts';
import { Person } from './person.ts';

const PERIOD_S = 5;
/** The server's clock is ahead. */
const AHEAD_S = 3;
/** ROTATING_LOGINS=200 is what was measured once. */
const LOGINS = Number(process.env.ROTATING_LOGINS ?? 12);
/** RFC 6238's example. */
const KEY = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describeBed('examples/rotating', () => {
  test('each login at a random moment opens a knockd that gets a new sequence every 5 s, with clocks 3 s apart', {
    timeout: 60_000 + LOGINS * 12_000,
  }, async () => {
    await using bed = await createBed();
    await bed.server.sshd();
    const person = client(bed);
    await using _ = rotation(bed);
    const results: RunResult[] = [];
    for (let n = 0; n < LOGINS; n++) {
      await bed.server.firewall.article();
      if (n % 2 === 0) person.forget();
      await delay(Math.random() * 1000 * PERIOD_S);
      results.push(await person.run('ssh', ['server.example', 'echo in'], { timeoutMs: 20_000 }));
    }
    const failed = results.filter(({ code, stdout }) => code !== 0 || stdout !== 'in\n');
    expect(failed.map(({ stderr }) => stderr)).toEqual([]);
  });
});

/** Somebody with the example's program and configuration, of a shorter period. */
function client(bed: Bed): Person {
  const person = new Person(bed.client, bed.dir, [`${bed.server.ip} server.example`]);
  install('totp-sequence', person.bin);
  const key = join(person.home, '.ssh/knock-totp.key');
  writeFileSync(key, KEY, { mode: 0o600 });
  const example = readFileSync(join(EXAMPLES, 'rotating/knock_config'), 'utf8');
  const config = example
    .replace('totp-sequence\n', `totp-sequence ${key} ${PERIOD_S}\n`)
    .replace(/Lifetime .*/, `Lifetime ${PERIOD_S}`);
  person.write('knock_config', [config]);
  const proxy = ['Host server.example', "ProxyCommand knockproxy -- '%h' %p"];
  person.write('config', [...proxy, readFileSync(bed.sshConfig({ top: [] }), 'utf8')]);
  return person;
}

/** Runs knockd-rotate as its timer does, on a server with a clock that is ahead and without systemd. */
function rotation(bed: Bed): AsyncDisposable {
  const folder = join(bed.dir, 'etc');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['totp-sequence', 'knockd-rotate']) install(name, bin);
  copyFileSync(join(EXAMPLES, 'rotating/knockd.conf.in'), join(folder, 'knockd.conf.in'));
  writeFileSync(join(folder, 'knockd-totp.key'), KEY, { mode: 0o600 });
  script(bin, 'date', `echo $(($(/bin/date +%s) + ${AHEAD_S}))`);
  script(bin, 'systemctl', RESTART.replaceAll('FOLDER', folder));
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const abort = new AbortController();
  const runs = (async () => {
    while (!abort.signal.aborted) {
      await bed.server.must('knockd-rotate', [folder, `${PERIOD_S}`], { env });
      const periodMs = 1000 * PERIOD_S;
      const ms = periodMs - ((Date.now() + 1000 * AHEAD_S) % periodMs);
      await delay(ms, undefined, { signal: abort.signal }).catch(() => {});
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      abort.abort();
      await runs;
    },
  };
}

const RESTART = `if test -e FOLDER/pid; then kill -9 "$(cat FOLDER/pid)"; rm FOLDER/pid; fi
knockd -d -i eth0 -c FOLDER/knockd.conf -p FOLDER/pid -g FOLDER/log`;

function install(name: string, folder: string): void {
  copyFileSync(join(EXAMPLES, 'rotating', name), join(folder, name));
  chmodSync(join(folder, name), 0o755);
}

function script(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
