import { join } from 'node:path';
import {
  ARTICLE_SEQUENCE,
  type Bed,
  createBed,
  type Knockd,
  type KnockdOptions,
  knockdConf,
  mustRun,
  type RunResult,
  type Sshd,
} from '../bed/index.ts';
import { Person } from './person.ts';

/** Ephemeral ports of the client, free of the sequence's: so a port of it in any output is a leak. */
const EPHEMERAL = '20000 27999';

/** What a person configures for `Host server`. */
export interface Setup {
  readonly hostName?: string;
  readonly sequence?: readonly string[];
  /** More lines in knock_config. */
  readonly lines?: readonly string[];
  /** Instead of the ProxyCommand line. */
  readonly proxy?: readonly string[];
}

/** A server as it should be, to be broken by a test, and `knockproxy check` on the client. */
export class CheckScene {
  readonly person: Person;
  knockd: Knockd | undefined;

  static async open(): Promise<CheckScene> {
    const bed = await createBed({ wire: {} }); // ICMP errors need the wire
    await bed.client.must('sh', ['-c', `echo ${EPHEMERAL} > /proc/sys/net/ipv4/ip_local_port_range`]);
    return new CheckScene(bed, await bed.server.sshd());
  }

  private constructor(
    readonly bed: Bed,
    public sshd: Sshd,
  ) {
    const { ip, ip6 } = bed.server;
    const dual = [`${ip} dual.example`, `${ip6} dual.example`];
    this.person = new Person(bed.client, bed.dir, [...dual, '127.0.0.1 here.example']);
  }

  /** Everything in order again, the door shut. */
  async mend(): Promise<void> {
    const { server, client } = this.bed;
    await this.knockd?.stop();
    await Promise.all([server.firewall.article(), client.must('iptables', ['-F'])]);
    await client.must('iptables', ['-t', 'nat', '-F']);
    this.person.forget();
    await server.resetCounts();
    this.configure();
    await Promise.all([this.setMode('config', '600'), this.setMode('knock_config', '600')]);
  }

  async door(conf = knockdConf(), options: KnockdOptions = {}): Promise<void> {
    await this.knockd?.stop();
    this.knockd = await this.bed.server.knockd(conf, options);
  }

  configure({
    hostName = this.bed.server.ip,
    sequence = ARTICLE_SEQUENCE,
    lines = [],
    proxy,
  }: Setup = {}): void {
    const command = `ProxyCommand ${join(this.person.bin, 'knockproxy')} %h %p %n %r`;
    this.person.write('config', ['Host server', `HostName ${hostName}`, ...(proxy ?? [command])]);
    const knock = [`KnockSequence ${sequence.join(',')}`, 'KnockTimeout 0.1', ...lines];
    this.person.write('knock_config', ['Host server', ...knock]);
  }

  /** ~/.ssh/config alone, Knock lines and all. */
  configureInSsh(lines: readonly string[]): void {
    this.person.write('knock_config', []);
    this.person.write('config', lines);
  }

  check(args: readonly string[] = []): Promise<RunResult> {
    return this.person.run('knockproxy', ['check', 'server', ...args]);
  }

  /** Something that listens on a port of the server. */
  async listener(port: number, says: string): Promise<() => void> {
    const source = `require('net').createServer((s) => { s.on('error', () => {}); s.write(${JSON.stringify(says)}); }).listen({ port: ${port}, host: '::' }, () => console.log('ready'))`;
    const child = this.bed.server.spawn(process.execPath, ['-e', source]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return () => child.kill('SIGKILL');
  }

  async setMode(name: string, mode: string): Promise<void> {
    await mustRun(['chmod', mode, join(this.person.home, '.ssh', name)]);
  }

  close(): Promise<void> {
    return this.bed.close();
  }
}
