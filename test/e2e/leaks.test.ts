import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import {
  ARTICLE_SEQUENCE,
  type Bed,
  createBed,
  type Host,
  KNOCKPROXY_COMMAND,
  knockdConf,
} from '../netns/index.ts';

const SECRET = new RegExp(`\\b(${ARTICLE_SEQUENCE.map((step) => step.split(':')[0]).join('|')})\\b`);
const LOGINS = 20;

/** What every process of a machine shows to others, or to root: its arguments and its environment. */
function processTexts(machine: Host): string[] {
  const { ino } = fs.statSync(`/run/netns/${machine.name}`);
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && networkOf(name) === `net:[${ino}]`)
    .flatMap((pid) => ['cmdline', 'environ'].map((file) => readIfThere(`/proc/${pid}/${file}`)));
}

function networkOf(pid: string): string {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** Every file below a folder, with its path. */
function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describeBed('a sequence', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await createBed();
    // Ports of the kernel's own choice must not look like steps.
    await bed.client.must('sh', ['-c', 'echo 20000 27999 > /proc/sys/net/ipv4/ip_local_port_range']);
    await bed.server.sshd({ maxStartups: '200' });
    await bed.server.knockd(knockdConf());
    await bed.server.firewall.article();
  });
  afterAll(() => bed?.close());

  it.each([
    ['a setting', `KnockSequence ${ARTICLE_SEQUENCE.join(',')}`],
    ['a file', 'KnockSequenceFile SECRET_FILE'],
    ['a command', 'KnockSequenceCommand cat SECRET_FILE'],
  ])('from %s shows in no process, message, state or temporary file while 20 logins run', async (_, door) => {
    const secretFile = join(bed.dir, 'sequence');
    fs.writeFileSync(secretFile, `${ARTICLE_SEQUENCE.join(' ')}\n`, { mode: 0o600 });
    const temporary = fs.mkdtempSync(join(bed.dir, 'tmp-'));
    const knockConfig = join(bed.dir, 'knock_config');
    const close = `KnockCloseSequence ${[...ARTICLE_SEQUENCE].reverse().join(' ')}`;
    fs.writeFileSync(knockConfig, `${door.replace('SECRET_FILE', secretFile)}\n${close}\n`, { mode: 0o600 });
    const config = bed.sshConfig({
      proxyCommand: `${KNOCKPROXY_COMMAND} -vvv --knock-config ${knockConfig} -- '%h' %p '%n' '%r'`,
    });
    let running = true;
    const logins = Promise.all(
      Array.from({ length: LOGINS }, () =>
        bed.client.exec('ssh', ['-F', config, 'server', 'true'], { env: { TMPDIR: temporary } }),
      ),
    ).finally(() => {
      running = false;
    });
    let looks = 0;
    while (running) {
      expect(processTexts(bed.client).find((text) => SECRET.test(text))).toBeUndefined();
      looks++;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const results = await logins;
    expect(results.map(({ code }) => code)).toEqual(Array(LOGINS).fill(0));
    expect(results.find(({ stderr }) => SECRET.test(stderr))).toBeUndefined();
    expect(results[0]!.stderr).toContain('knockproxy: debug1:');
    expect(looks).toBeGreaterThan(10);
    const written = [...filesBelow(temporary), ...filesBelow(bed.client.env.XDG_STATE_HOME!)];
    expect(written.length).toBeGreaterThan(1);
    expect(written.find((file) => SECRET.test(readIfThere(file)))).toBeUndefined();
  });
});
