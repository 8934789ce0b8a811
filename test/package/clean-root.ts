import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reaper } from '../netns/reaper.ts';
import { mustRun, type RunOptions, type RunResult, run } from '../netns/run.ts';

/**
 * The Debian of this machine without any Node of its own, but Debian's: an overlay, of which nothing stays. A home and
 * /tmp are empty.
 */
export class CleanRoot {
  private constructor(
    private readonly folder: string,
    private readonly reaper: Reaper,
  ) {}

  static async create(): Promise<CleanRoot> {
    const dir = mkdtempSync(join(tmpdir(), 'knockproxy-root-'));
    const folder = join(dir, 'disk/root');
    mkdirSync(join(dir, 'disk'));
    const inside = ['tmp', 'root', 'dev', 'proc'].map((name) => join(folder, name));
    const root = new CleanRoot(folder, new Reaper(dir, [], [...inside, folder, join(dir, 'disk')]));
    try {
      await mustRun(['sh', '-ec', MOUNT, 'sh', join(dir, 'disk')]);
      await root.must(INSTALL_NODE, { timeoutMs: 300_000 });
      return root;
    } catch (error) {
      await root.close();
      throw error;
    }
  }

  /** Path on this machine of a file in the root. */
  path(inside: string): string {
    return join(this.folder, inside);
  }

  /** Runs a script of sh there, as root. @param prefix a command line before it: another network namespace. */
  exec(script: string, options: RunOptions = {}, prefix: readonly string[] = []): Promise<RunResult> {
    const argv = [...prefix, 'chroot', this.folder, 'sh', '-ec', script];
    return run(argv, { env: CLEAN_ENV, timeoutMs: 120_000, ...options });
  }

  async must(script: string, options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.exec(script, options);
    if (code !== 0) throw new Error(`${script}: ${code}\n${stderr}${stdout}`);
    return stdout;
  }

  /**
   * What is different from this machine: every file and new folder, and by the letter `c` what has been deleted; but for
   * what dpkg, apt and their like keep for themselves.
   */
  async changes(): Promise<Set<string>> {
    const { stdout } = await mustRun(['find', join(this.folder, '../upper'), '-printf', '%y %P\\n']);
    const isOwn = (line: string) => /^. var\/(lib\/(dpkg|apt)|cache|log)\b/.test(line);
    const isOld = (line: string) => line.startsWith('d ') && existsSync(`/${line.slice(2)}`);
    return new Set(stdout.split('\n').filter((line) => line && !isOwn(line) && !isOld(line)));
  }

  close(): Promise<void> {
    return this.reaper.reap();
  }
}

const CLEAN_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
  SHELL: '/bin/sh',
  DEBIAN_FRONTEND: 'noninteractive',
  NODE_OPTIONS: undefined,
  XDG_STATE_HOME: undefined,
  XDG_RUNTIME_DIR: undefined,
};

/** $1: an empty folder for the disk. */
const MOUNT = `
mount -t tmpfs -o mode=755 tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" root
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mount -t tmpfs -o mode=700 tmpfs root/root
mount --bind /dev root/dev
mount -t proc proc root/proc
`;

/** Of the versions that apt knows, Debian's own is called dfsg. */
const INSTALL_NODE = `
# The index of man pages takes long, and is no file of the package's.
rm -f /var/lib/man-db/auto-update
rm -rf /usr/local/bin/node /usr/local/bin/knockproxy /usr/local/lib/node_modules
apt-get update -q >/dev/null
version=$(apt-cache madison nodejs | awk '$3 ~ /dfsg/ { print $3; exit }')
apt-get install -q -y --no-install-recommends --allow-downgrades "nodejs=$version"
`;
