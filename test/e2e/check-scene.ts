import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  ARTICLE_SEQUENCE,
  type Bed,
  createBed,
  type Knockd,
  type KnockdOptions,
  knockdConf,
  type RunResult,
  type Sshd,
} from '../netns/index.ts';
import { KNOCK_SEQUENCE, Person } from './person.ts';

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
    await Promise.all([
      server.firewall.article(),
      server.resetCounts(),
      client.must('sh', ['-c', 'iptables -w -F && iptables -w -t nat -F']),
    ]);
    this.person.forget();
    this.configure();
    for (const name of ['config', 'knock_config']) this.setMode(name, 0o600);
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
    const command = `ProxyCommand ${join(this.person.bin, 'knockproxy')} -- '%h' %p '%n' '%r'`;
    this.person.write('config', ['Host server', `HostName ${hostName}`, ...(proxy ?? [command])]);
    const knock = [`KnockSequence ${sequence.join(',')}`, ...lines, 'KnockTimeout 0.1'];
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

  /** Opens the door, however busy the machine is. */
  async open(conf = knockdConf()): Promise<void> {
    await this.door(conf);
    this.person.write('knock_config', ['Host server', KNOCK_SEQUENCE]);
    expect(await this.check()).toMatchObject({ code: 0, stderr: '' });
  }

  /** The check of a server that is set up as it should be; `broken` does it otherwise. */
  async checkBroken(broken?: () => unknown, setup: Setup = {}, args: readonly string[] = []) {
    // One attempt is enough for what fails; a door that opens may need more on a busy machine.
    const isFine = broken === undefined && setup.sequence === undefined;
    this.configure(isFine ? { ...setup, lines: [...(setup.lines ?? []), 'KnockTimeout 8'] } : setup);
    await (broken === undefined ? this.door() : broken());
    const { code, stdout, stderr } = await this.check(args);
    expect(stderr).toBe('');
    const verdict = stdout.slice(stdout.indexOf('\nverdict:') + 1);
    return { code, stdout, verdict, class: /^verdict: ([\w-]+)/.exec(verdict)?.[1] };
  }

  /** Keys that no server knows. */
  writeSpaKeys(): void {
    const keys = [`KEY_BASE64 ${'A'.repeat(43)}=`, `HMAC_KEY_BASE64 ${'E'.repeat(43)}=`];
    writeFileSync(join(this.person.home, '.ssh', 'spa'), `${keys.join('\n')}\n`, { mode: 0o600 });
  }

  /** Something that listens on a port of the server. */
  async listener(port: number, says: string): Promise<() => void> {
    const source = `require('net').createServer((s) => { s.on('error', () => {}); s.write(${JSON.stringify(says)}); }).listen({ port: ${port}, host: '::' }, () => console.log('ready'))`;
    const child = this.bed.server.spawn(process.execPath, ['-e', source]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return () => child.kill('SIGKILL');
  }

  setMode(name: string, mode: number): void {
    chmodSync(join(this.person.home, '.ssh', name), mode);
  }

  close(): Promise<void> {
    return this.bed.close();
  }
}
