import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeMachine } from '../machine/describe.ts';
import { HOST, Site, succeeded } from '../machine/site.ts';
import { isShut, logInTimes, snapshot } from '../machine/walk.ts';
import { waitFor } from '../netns/wait.ts';

const PROGRAM = 'sh /usr/local/sbin/knockproxy-door';
const OTHER_DOOR = '[options]\n  UseSyslog\n\n[other]\n  sequence = 4001,4002\n  command = /bin/true\n';

vi.setConfig({ testTimeout: 300_000 });

describeMachine('install.sh locks nobody out', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open({ prepare: `printf '%s' '${OTHER_DOOR}' >/etc/knockd.conf` });
  }, 300_000);
  afterAll(() => site?.close());

  const isOpen = () => waitFor('the port to open', async () => (await site.port()) === 'open', 20_000);

  test('nothing changes where it refuses', async () => {
    await site.generate();
    const before = await snapshot(site.machine);
    for (const [options, reason] of [
      ['--port 2222', 'Nothing listens on port 2222'],
      ['--interface eth9', 'eth9 is not there'],
    ]) {
      const result = await site.firstTerminal(`sh door/install.sh ${options}`);
      expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining(reason!) });
      expect(result.stderr).toContain('Nothing was changed');
    }
    expect(await snapshot(site.machine)).toEqual(before);
  });

  test('a daemon that does not start: the rules are not loaded', async () => {
    await site.machine.must(
      'mkdir -p /opt/sbin && printf "#!/bin/sh\\necho broken >&2\\nexit 1\\n" >/opt/sbin/knockd && chmod 755 /opt/sbin/knockd',
    );
    const result = await site.firstTerminal('PATH=/opt/sbin:$PATH sh door/install.sh');
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('knockd does not listen on eth0: broken'),
    });
    await isOpen();
  });

  test('what is missing is named with the line that installs it', async () => {
    const result = await site.firstTerminal(
      'mv /usr/sbin/knockd /usr/sbin/away; sh door/install.sh; code=$?; mv /usr/sbin/away /usr/sbin/knockd; exit $code',
    );
    expect(result.stderr).toContain(
      'Missing: knockd. Nothing was changed.\nInstall it first:  apt-get install knockd',
    );
  });

  test('run twice and never kept: the time over, the port is open, and keep says so', async () => {
    await site.mustFirstTerminal('sh door/install.sh --undo 60');
    succeeded('again', await site.console('sh door/install.sh --undo 8'));
    expect(await site.port()).toBe('filtered');
    await isOpen();
    const late = await site.console('sh door/install.sh keep');
    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/nothing to keep|Too late/);
    await isOpen();
  });

  test('keep wants a login that came through the door', async () => {
    await site.client(
      `ssh -o ProxyCommand=none -o ControlMaster=yes -o ControlPath=%d/master -o ControlPersist=60 ${HOST} true`,
    );
    await site.mustFirstTerminal('sh door/install.sh --undo 60');
    const early = await site.console('sh door/install.sh keep');
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining(`ssh -S none ${HOST}`) });
    succeeded('through the old connection', await site.client(`ssh -o ControlPath=%d/master ${HOST} true`));
    expect((await site.console('sh door/install.sh keep')).code).toBe(1);
    await logInTimes(site, 1);
    succeeded('keep', await site.console('sh door/install.sh keep'));
    await isShut(site);
    expect(readFileSync(join(site.machine.root, 'etc/knockd.conf'), 'utf8')).toBe(OTHER_DOOR);
    expect(site.homeThere()).toEqual([]);
  });

  test('a flush of all tables, and a daemon that dies, are put right', async () => {
    await site.machine.must('nft flush ruleset; kill -9 $(cat /run/knockproxy/knockd/pid)');
    expect((await site.machine.exec(`${PROGRAM} status`)).code).toBe(1);
    await waitFor('the guard', async () => (await site.machine.exec(`${PROGRAM} status`)).code === 0, 20_000);
    await isShut(site);
    await logInTimes(site, 1);
  });

  test('a power cut while the trial of another port lasts: the kept door stays, the other port opens', async () => {
    await site.machine.must('printf "Port 22\\nPort 2200\\n" >>/etc/ssh/sshd_config; systemctl restart ssh');
    await site.mustClient(`rm -rf two && knockproxy generate ${HOST} --out two --yes --port 2200`);
    await site.mustClient(`scp -rpq two/server ${HOST}:door`);
    succeeded('install', await site.logIn('sh door/install.sh'));
    const probe = () => site.machine.client.probe('10.98.0.2', 2200, 800);
    expect(await probe()).toBe('filtered');
    await site.machine.reboot({ powerCut: true });
    expect(await probe()).toBe('open');
    await isShut(site);
    await logInTimes(site, 1);
  });

  test('a second client is let in beside the first, and revoked alone', async () => {
    await site.mustClient(`rm -rf two && knockproxy generate ${HOST} --client laptop --out two --yes`);
    await site.mustClient(`ssh -S none ${HOST} rm -rf door && scp -rpq two/server ${HOST}:door`);
    succeeded('install', await site.logIn('sh door/install.sh'));
    const laptop = () =>
      site.client(
        `ssh -S none -o "ProxyCommand knockproxy --knock-config ~/two/client/knock_config -- '%h' %p" ${HOST} true`,
      );
    await isShut(site);
    succeeded('laptop', await laptop());
    succeeded('keep', await site.logIn(`${PROGRAM} keep`));
    await isShut(site);
    await logInTimes(site, 1);
    succeeded('revoke', await site.logIn(`${PROGRAM} remove laptop`));
    await isShut(site);
    expect((await laptop()).code).toBe(255);
    await logInTimes(site, 1);
    expect((await site.logIn(`${PROGRAM} status`)).stdout).not.toContain('laptop');
  });

  test('rotate, interrupted between any two steps: run again, it ends well', async () => {
    for (const step of ['scp', 'install.sh', 'keep']) {
      await site.mustClient(
        `mkdir -p bin2 && printf '%s' '${breaking(step)}' >bin2/ssh && cp bin2/ssh bin2/scp && chmod 755 bin2/*`,
      );
      const broken = await site.client(`PATH=$PWD/bin2:$PATH knockproxy rotate ${HOST} --yes`);
      expect(broken.code).toBe(1);
      await isShut(site);
      await logInTimes(site, 1);
    }
    await site.mustClient(`knockproxy rotate ${HOST} --yes`);
    await isShut(site);
    await logInTimes(site, 1);
    const secrets = await site.machine.must('ls -d /etc/knockproxy/kept/clients/*/*');
    expect(secrets.trim().split('\n')).toHaveLength(1);
  });

  test('removed, the port is as open as it was', async () => {
    succeeded('remove', await site.logIn(`${PROGRAM} remove`));
    await isOpen();
    await delay(100);
    expect(await site.machine.must('find /etc /usr/local /var/lib -name "*knockproxy*"')).toBe('');
  });
});

/** An ssh that ends before the command of that name. */
function breaking(step: string): string {
  return `#!/bin/sh\ncase "$0 $*" in *${step}*) exit 1 ;; esac\nexec /usr/bin/$(basename $0) "$@"\n`;
}
