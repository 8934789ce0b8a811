import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES, example, exampleSequence } from '../docs/example-files.ts';
import { type Bed, createBed, type Knockd, waitFor } from '../netns/index.ts';
import { Person, USER } from './person.ts';

/** Hosts of the examples; all are the server of the bed. */
const HOSTS = ['server', 'git', 'backup', 'web1.fleet', 'web2.fleet'].map((name) => `${name}.example`);

/** Their users, who do not exist on this machine. */
const USERS = /^(\s*User|ansible_user) .*$/gm;

/** Ephemeral ports of the client, free of the sequence's: so a port of it in any output is a leak. */
const EPHEMERAL = '20000 27999';

/** Of which server a door is made, by the folder in examples/server. */
export type ServerKind = 'knockd' | 'nftables' | 'recent';

/** Somebody who copies the examples, and a server with an sshd that does too. */
export class ExampleScene {
  readonly person: Person;
  private knockd: Knockd | undefined;

  static async open(): Promise<ExampleScene> {
    const bed = await createBed();
    try {
      await bed.client.must('sh', ['-c', `echo ${EPHEMERAL} > /proc/sys/net/ipv4/ip_local_port_range`]);
      await bed.server.sshd();
      return new ExampleScene(bed);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(readonly bed: Bed) {
    const hosts = HOSTS.map((name) => `${bed.server.ip} ${name}`);
    this.person = new Person(bed.client, bed.dir, hosts);
    this.person.write('knock_config', [example('ssh_config/knock_config')]);
    this.program('pass', `case "$*" in "show knock/web"*) echo ${exampleSequence()};; *) exit 1;; esac`);
  }

  /** Puts ssh_config examples, by their paths in examples/, into ~/.ssh/config. */
  configure(...paths: readonly string[]): void {
    const texts = paths.map((path) => asHere(example(path)));
    this.person.write('config', [...texts, readFileSync(this.bed.sshConfig({ top: [] }), 'utf8')]);
  }

  /** Copies a folder of examples/ into the person's home; returns where it is. */
  copy(folder: string): string {
    const to = join(this.person.home, folder);
    cpSync(join(EXAMPLES, folder), to, { recursive: true });
    return to;
  }

  /** Makes the server's door as the files in examples/server say, shut, whatever was there before. */
  async serve(kind: ServerKind): Promise<void> {
    this.person.forget();
    await this.knockd?.stop();
    await this.bed.server.firewall.open();
    await this.load(kind);
    if (kind === 'knockd') this.knockd = await this.bed.server.knockd(example('server/knockd/knockd.conf'));
    await this.isShut();
  }

  /** Loads the firewall's files over what is there. */
  async load(kind: ServerKind): Promise<void> {
    const { server } = this.bed;
    const folder = join(EXAMPLES, 'server', kind);
    if (kind === 'nftables') {
      await server.must('nft', ['-f', join(folder, 'knockproxy.nft')]);
    } else {
      await server.must('iptables-restore', ['--noflush', join(folder, 'iptables.rules')]);
      await server.must('ip6tables-restore', ['--noflush', join(folder, 'ip6tables.rules')]);
    }
  }

  /** Waits until the door is shut over both families; a door of the examples shuts itself after 10 s. */
  async isShut(): Promise<void> {
    const { client, server } = this.bed;
    const shut = async (ip: string) => (await client.probe(ip, 22)) === 'filtered';
    await waitFor('the door to shut', async () => (await shut(server.ip)) && shut(server.ip6), 30_000);
  }

  /** Puts a shell script on the person's PATH. */
  program(name: string, script: string): void {
    writeFileSync(join(this.person.bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  close(): Promise<void> {
    return this.bed.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** With a user who exists on this machine. */
function asHere(text: string): string {
  return text.replace(USERS, `$1 ${USER}`);
}
