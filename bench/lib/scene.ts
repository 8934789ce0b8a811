import {
  type Bed,
  createBed,
  type Knockd,
  knockdConf,
  type Sshd,
  type SshdOptions,
} from '../../test/netns/index.ts';
import { killAll } from '../../test/netns/kill.ts';

export interface SceneOptions extends SshdOptions {
  /** The round trip between client and server, in ms. 0: a plain veth, without the wire. */
  rttMs?: number;
}

const OPEN_TO_ALL = ['-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'];

/** The article's server: sshd behind its knockd and its firewall, and a client. */
export class Scene {
  static async open({ rttMs = 0, ...sshd }: SceneOptions = {}): Promise<Scene> {
    const bed = await createBed(rttMs === 0 ? {} : { wire: { delayMs: rttMs / 2 } });
    try {
      return new Scene(bed, await bed.server.sshd(sshd), await bed.server.knockd(knockdConf()));
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(
    readonly bed: Bed,
    readonly sshd: Sshd,
    readonly knockd: Knockd,
  ) {}

  /**
   * Shuts the door: no rule, no half-way sequence, and no stop command of an earlier login is left. knockd's children,
   * which wait to run those, have a session of their own: no signal to knockd's group meets them.
   */
  async shut(): Promise<void> {
    await killAll(this.bed.server, 'knockd');
    await this.knockd.restart();
    await this.bed.server.firewall.article();
  }

  /** The same firewall with port 22 open to all. */
  async openToAll(): Promise<void> {
    await this.shut();
    await this.bed.server.must('iptables', OPEN_TO_ALL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed.close();
  }
}
