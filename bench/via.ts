import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTICLE_SEQUENCE, type Bed, createBed, knockdConf } from '../test/netns/index.ts';
import { Server } from '../test/netns/server.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { programUnderTest } from './lib/programs.ts';
import { publish } from './lib/publish.ts';
import { pairedRatio, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, spreadText } from './lib/table.ts';

const BASTION = '10.78.0.1';
const BASTION_PORT = 2200;
const PLAIN = 'ssh -J, open port';
const KNOCK = `knock 10.77.0.2 ${ARTICLE_SEQUENCE.join(' ')}`;

/** A host whose door sees only a bastion: KnockVia beside a knock from the bastion and ssh -J, in ms. */
export async function run(): Promise<void> {
  const samples = await measure();
  const rows = Object.entries(samples).map(([name, times]) => [
    name,
    spreadText(spread(times), 0),
    spreadText(pairedRatio(times, samples[PLAIN]!), 2),
    `${times.filter((ms) => ms !== undefined).length}/${times.length}`,
  ]);
  publish('via', { text: markdownTable(['way', 'ms', `x ${PLAIN}`, 'logged in'], rows), data: samples });
}

async function measure(): Promise<Samples> {
  await using bed = await createBed({ clientsBehindRouter: 1 });
  const dir = join(bed.dir, 'b');
  mkdirSync(dir);
  const bastion = new Server(bed.router!.name, { ip: BASTION, ip6: 'fd78:0::1' }, dir, bed.keys);
  await bastion.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
  await Promise.all([bed.server.sshd(), bastion.sshd({ port: BASTION_PORT })]);
  await bed.server.knockd(knockdConf({ cmdTimeoutS: 0 }));
  mkdirSync(join(bed.dir, 'run'), { mode: 0o700 });
  const env = { XDG_STATE_HOME: join(bed.dir, 'state'), XDG_RUNTIME_DIR: join(bed.dir, 'run') };
  const ssh = (config: string, ...args: string[]) => `ssh -F ${config} ${args.join(' ')}`;
  const [own, shared] = [writeConfig(bed, []), writeConfig(bed, sharing(bed))];
  const ways: readonly (readonly [name: string, command: string, isOpen?: boolean])[] = [
    [PLAIN, ssh(own, '-J bastion plain true'), true],
    ['ssh bastion knock; ssh -J', `${ssh(own, 'bastion', KNOCK)}; ${ssh(own, '-J bastion plain true')}`],
    ['KnockVia', ssh(own, 'target true')],
    [
      'ssh bastion knock; ssh -J, ControlMaster',
      `${ssh(shared, 'bastion', KNOCK)}; ${ssh(shared, '-J bastion plain true')}`,
    ],
    ['KnockVia, ControlMaster', ssh(shared, 'target true')],
  ];
  const cases = ways.map(
    ([name, command, isOpen]): Case => ({
      name,
      measure: async () => {
        await (isOpen ? bed.server.firewall.open() : bed.server.firewall.article());
        if (name.endsWith('ControlMaster')) await bed.client.exec('sh', ['-c', ssh(shared, 'bastion true')]);
        const { ms, code } = await timed(bed.client, ['sh', '-c', command], { env });
        return code === 0 ? ms : undefined;
      },
    }),
  );
  try {
    return await interleaved('via', cases, roundsOr(15));
  } finally {
    await bed.client.exec('sh', ['-c', ssh(shared, '-O exit bastion')]);
  }
}

function sharing(bed: Bed): string[] {
  return [`ControlPath ${join(bed.dir, 'run', 'cm')}`, 'ControlMaster auto', 'ControlPersist 60'];
}

/** Both hosts, with the door of one of them in the same file. @param lines of the bastion's block. */
function writeConfig(bed: Bed, lines: readonly string[]): string {
  const path = join(bed.dir, lines.length === 0 ? 'own' : 'shared');
  const proxy = `${process.execPath} ${programUnderTest()} -F ${path} --knock-config none -- '%h' %p '%n'`;
  const top = [
    'IgnoreUnknown Knock*',
    'Host target',
    `ProxyCommand ${proxy}`,
    `KnockSequence ${ARTICLE_SEQUENCE.join(',')}`,
    'KnockVia bastion',
    'Host target plain',
    'HostName 10.77.0.2',
  ];
  const config = bed.sshConfig({ top, host: 'bastion', hostName: BASTION, port: BASTION_PORT, lines });
  writeFileSync(path, readFileSync(config, 'utf8'), { mode: 0o600 });
  return path;
}
