import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, createBed, type Fwknopd, type Sshd } from '../netns/index.ts';
import { Person } from './person.ts';
import type { Mode } from './scene.ts';

const key = (bytes: number) => randomBytes(bytes).toString('base64');

export const KEYS = { keyBase64: key(32), hmacKeyBase64: key(64) };
/** Another pair: of somebody else. */
export const WRONG_KEYS = { keyBase64: key(32), hmacKeyBase64: key(64) };

export const SPA_PORT = 62201;

/** A stanza that the real client could read too. */
export const stanza = ({ keyBase64, hmacKeyBase64 } = KEYS) => [
  `KEY_BASE64 ${keyBase64}`,
  `HMAC_KEY_BASE64 ${hmacKeyBase64}`,
];

/** NAT, for those who ask for it. */
const CONF = ['ENABLE_IPT_FORWARDING Y;', 'ENABLE_IPT_LOCAL_NAT Y;'];

/** A person at the client, and a real sshd behind a real fwknopd with its defaults. */
export class SpaScene {
  readonly person: Person;

  /** @param accessLines more lines of access.conf. */
  static async open(accessLines: readonly string[] = []): Promise<SpaScene> {
    const bed = await createBed();
    try {
      await bed.server.firewall.article();
      const fwknopd = bed.server.fwknopd({ ...KEYS, confLines: CONF, accessLines });
      return new SpaScene(bed, ...(await Promise.all([bed.server.sshd(), fwknopd])));
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(
    readonly bed: Bed,
    readonly sshd: Sshd,
    readonly fwknopd: Fwknopd,
  ) {
    this.person = new Person(bed.client, bed.dir, [
      `${bed.server.ip} v4.example`,
      `${bed.server.ip6} v6.example`,
    ]);
  }

  /** What a person writes: `Host server` in ~/.ssh/config, and its door in ~/.ssh/knock_config. */
  configure(mode: Mode, door: readonly string[], port = 22): void {
    const path = this.bed.sshConfig({
      proxyCommand: "knockproxy -- '%h' %p '%n' '%r'",
      proxyUseFdpass: mode === 'fdpass',
      port,
      top: [],
    });
    this.person.write('config', [readFileSync(path, 'utf8')]);
    this.person.write('knock_config', ['Host *', ...door]);
  }

  /** Writes a file into the home. */
  home(name: string, lines: readonly string[], mode = 0o600): void {
    writeFileSync(join(this.person.home, name), `${lines.join('\n')}\n`, { mode });
  }

  /** Takes back whatever fwknopd has let in; a login after this needs a packet that it takes. */
  async shut(): Promise<void> {
    const flush = 'iptables -F FWKNOP_INPUT; iptables -t nat -F FWKNOP_PREROUTING';
    await this.bed.server.must('sh', ['-ec', flush]);
  }

  /** The rules that stand for whom it lets in. */
  async letIn(): Promise<string[]> {
    const rules = await this.bed.server.firewall.rules('iptables', 'FWKNOP_INPUT');
    return rules.filter((rule) => rule.startsWith('-A '));
  }

  close(): Promise<void> {
    return this.bed.close();
  }
}

/** Node's -e: prints, a line each in hex, the datagrams that come to a port in a time. */
export const LISTEN = `
const socket = require('dgram').createSocket('udp4');
socket.on('message', (message) => console.log(message.toString('hex')));
socket.bind(+process.argv[1], () => console.log('ready'));
setTimeout(() => process.exit(), +process.argv[2]);`;

/** Node's -e: sends hex as a datagram, from an address of this machine. */
export const SEND = `
const socket = require('dgram').createSocket('udp4');
const [host, port, hex, from] = process.argv.slice(1);
socket.bind(0, from, () => socket.send(Buffer.from(hex, 'hex'), +port, host, () => socket.close()));`;
