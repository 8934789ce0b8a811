import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, createBed } from '../test/netns/index.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { programUnderTest } from './lib/programs.ts';
import { publish } from './lib/publish.ts';
import { pairedDifference, present, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, rangeText, spreadText, type Verdict } from './lib/table.ts';
import { environment, plainSsh, type Way } from './lib/ways.ts';

/** What a login by SPA may take beyond plain ssh, in ms (issue 6); fwknopd looks for packets every 100 ms. */
const MOST_OVER_PLAIN_MS = 250;
const PLAIN = 'plain ssh, open port';
const KNOCKPROXY = ['knockproxy', 'knockproxy fdpass'] as const;

/** Time of `ssh host true` behind a real fwknopd with its defaults, in ms, beside the real client. */
export async function run(): Promise<void> {
  const samples = await measure(roundsOr(19));
  const over = (name: string) => pairedDifference(samples[name]!, samples[PLAIN]!);
  const rows = Object.entries(samples).map(([name, times]) => [
    name,
    spreadText(spread(times)),
    rangeText(over(name)),
    `${present(times).length}/${times.length}`,
  ]);
  publish('spa', {
    text: markdownTable(['way', 'ms', 'over plain ssh, ms', 'logged in'], rows),
    verdicts: KNOCKPROXY.map(
      (name): Verdict => [
        `${name}: at most ${MOST_OVER_PLAIN_MS} ms over plain ssh`,
        `${rangeText(over(name))} ms`,
        over(name).median <= MOST_OVER_PLAIN_MS,
      ],
    ),
    plot: {
      title: 'ssh host true behind fwknopd',
      axis: 'ms, median and quartiles',
      categories: ['one packet'],
      series: Object.fromEntries(Object.entries(samples).map(([name, times]) => [name, [spread(times)]])),
    },
    data: samples,
  });
}

async function measure(rounds: number): Promise<Samples> {
  await using bed = await createBed();
  await bed.server.firewall.article();
  const keys = { keyBase64: key(32), hmacKeyBase64: key(64) };
  await bed.server.fwknopd(keys);
  await bed.server.sshd();
  const rc = writeRc(bed, keys);
  const ways = [plainSsh(bed), realClient(bed, rc), ...KNOCKPROXY.map((name) => ours(bed, name))];
  for (const way of ways) await login(bed, way);
  const cases = ways.map((way): Case => ({ name: way.name, measure: () => login(bed, way) }));
  return await interleaved('spa', cases, rounds);
}

const key = (bytes: number) => randomBytes(bytes).toString('base64');

/** What both clients read. */
function writeRc(
  bed: Bed,
  { keyBase64, hmacKeyBase64 }: { keyBase64: string; hmacKeyBase64: string },
): string {
  const lines = [
    '[server]',
    `SPA_SERVER ${bed.server.ip}`,
    'ACCESS tcp/22',
    `ALLOW_IP ${bed.client.ip}`,
    `KEY_BASE64 ${keyBase64}`,
    `HMAC_KEY_BASE64 ${hmacKeyBase64}`,
    'USE_HMAC Y',
  ];
  const file = join(bed.dir, '.fwknoprc');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

/** As people use it: they wait a second, because nothing tells when the door opens. */
function realClient(bed: Bed, rc: string): Way {
  const ssh = `ssh -F ${bed.sshConfig()} server true`;
  return {
    name: 'fwknop; sleep 1; ssh',
    argv: ['sh', '-c', `fwknop --rc-file ${rc} --no-save-args -n server && sleep 1 && exec ${ssh}`],
  };
}

function ours(bed: Bed, name: (typeof KNOCKPROXY)[number]): Way {
  const isFdpass = name === 'knockproxy fdpass';
  const doors = join(bed.dir, 'spa_knock_config');
  writeFileSync(doors, 'Host server\n    KnockSpa server\n', { mode: 0o600 });
  const command = `${process.execPath} ${programUnderTest()} -F ${bed.sshConfig()} --knock-config ${doors}`;
  const config = bed.sshConfig({
    proxyCommand: `env HOME=${bed.dir} ${command}${isFdpass ? ' --fdpass' : ''} -- '%h' %p '%n' '%r'`,
    proxyUseFdpass: isFdpass,
  });
  const folder = join(bed.dir, `state-${name.replace(' ', '-')}`);
  return { name, argv: ['ssh', '-F', config, 'server', 'true'], stateFolder: folder };
}

/** One login, in ms; undefined when it failed. */
async function login(bed: Bed, way: Way): Promise<number | undefined> {
  const { server } = bed;
  await server.must('sh', ['-ec', 'iptables -F FWKNOP_INPUT']);
  await (way.needsOpenPort ? openToAll(bed) : undefined);
  const { ms, code, stderr } = await timed(bed.client, way.argv, { env: environment(way) });
  if (way.needsOpenPort) await server.must('iptables', ['-D', ...OPEN_TO_ALL]);
  if (code === 0) return ms;
  process.stderr.write(`\n${way.name} failed: ${stderr}`);
  return undefined;
}

const OPEN_TO_ALL = ['INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'];

async function openToAll({ server }: Bed): Promise<void> {
  await server.must('iptables', ['-I', ...OPEN_TO_ALL]);
}
