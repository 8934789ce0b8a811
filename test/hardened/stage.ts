import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bed, createBed, mustRun } from '../netns/index.ts';
import { PROGRAM } from '../reliability/login.ts';
import { SEQUENCE, type Shut } from './doors.ts';
import type { Row } from './rows.ts';

/** What one login came to, and what the server saw of it. */
export interface Login {
  readonly opened: boolean;
  readonly ms: number;
  /** SYNs that arrived for port 22, and for the first port of the sequence. */
  readonly syns: number;
  readonly sequences: number;
  /** Connections that sshd was given, those included that it finds closed. */
  readonly accepted: number;
  readonly stderr: string;
}

/** Who logs in: knockproxy, or `knock; sleep 0.3; ssh`. */
export type Who = 'knockproxy' | 'control';

const LOGINS = 4;
/** ssh and its ProxyCommand give up after this, s; what comes later is no login. */
const CONNECT_TIMEOUT_S = 10;
/** knockd reads packets in batches of 50 ms, then its command runs. */
const KNOCKD_MS = 150;
const ADDRESSES: Record<Who, string> = { control: '10.77.0.11', knockproxy: '10.77.0.12' };
/** $0 is the source of all that is sent from now on. */
const TAKE_ADDRESS = 'ip addr flush dev eth0 scope global; ip addr add "$0/24" dev eth0';
const FIRST_PORT = Number(SEQUENCE[0]!.split(':')[0]);

/** A server with a limit, and a client whose address it has never seen; another one for each who logs in. */
export class Stage {
  static async open({ limiter, door, rttMs }: Row): Promise<Stage> {
    const bed = await createBed({ wire: { delayMs: rttMs / 2 } });
    try {
      const { server } = bed;
      const options = (await limiter.sshd?.(server)) ?? {};
      await server.sshd(options);
      const shut = await door.start(server, limiter);
      await limiter.start?.(server, options, door.doorFirst);
      const { stdout } = await mustRun(['ip', 'netns', 'pids', server.name]);
      return new Stage(bed, shut, rttMs, Number(stdout.split('\n')[0]));
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(
    private readonly bed: Bed,
    private readonly shut: Shut,
    private readonly rttMs: number,
    /** A process in the server's namespace: its counters are in /proc. */
    private readonly serverPid: number,
  ) {}

  /** Four logins in a row, each through a shut door. Every limit counts by source address: this one is new to it. */
  async logins(who: Who): Promise<Login[]> {
    await this.bed.client.must('sh', ['-ec', TAKE_ADDRESS, ADDRESSES[who]]);
    // A client has its gateway's address long before: over the wire of the bed, ARP would hold the first packets back.
    await this.bed.client.exec('ping', ['-c', '1', '-W', '1', this.bed.server.ip]);
    const argv = commandLine(this.bed, who);
    const logins: Login[] = [];
    while (logins.length < LOGINS) logins.push(await this.login(argv, ADDRESSES[who]));
    return logins;
  }

  private async login([command, ...args]: readonly [string, ...string[]], address: string): Promise<Login> {
    const before = await this.counts();
    const { code, ms, stderr } = await this.bed.client.exec(command, args);
    await delay(this.rttMs + KNOCKD_MS);
    const after = await this.counts();
    await this.shut(address);
    const [syns, sequences, accepted] = after.map((count, n) => count - before[n]!) as [
      number,
      number,
      number,
    ];
    return { opened: code === 0, ms, syns, sequences, accepted, stderr };
  }

  /** SYNs, sequences, accepted connections so far. The last is the kernel's PassiveOpens. */
  private async counts(): Promise<readonly number[]> {
    const { syn } = await this.bed.server.counts();
    const lines = readFileSync(`/proc/${this.serverPid}/net/snmp`, 'utf8').match(/^Tcp: .*$/gm)!;
    const [names, values] = lines.map((line) => line.split(' ')) as [string[], string[]];
    return [syn.get(22) ?? 0, syn.get(FIRST_PORT) ?? 0, Number(values[names.indexOf('PassiveOpens')])];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bed.close();
  }
}

function commandLine(bed: Bed, who: Who): readonly [string, ...string[]] {
  const lines = [`ConnectTimeout ${CONNECT_TIMEOUT_S}`];
  if (who === 'control') {
    const knocks = `knock ${bed.server.ip} ${SEQUENCE.join(' ')}; sleep 0.3`;
    return ['sh', '-c', `${knocks}; exec ssh -F ${bed.sshConfig({ lines })} server true`];
  }
  const knockConfig = join(bed.dir, 'knock_config');
  writeFileSync(knockConfig, `Host *\n    KnockSequence ${SEQUENCE.join(',')}\n`, { mode: 0o600 });
  const proxyCommand = `${process.execPath} ${PROGRAM} --knock-config ${knockConfig} %h %p %n %r`;
  return ['ssh', '-F', bed.sshConfig({ lines, proxyCommand }), 'server', 'true'];
}
