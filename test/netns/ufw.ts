import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import type { Host } from './host.ts';

/**
 * A real ufw with the files that its package ships. What it writes are copies, mounted over the machine's own where
 * only this ufw sees them.
 */
export class Ufw {
  private constructor(
    private readonly host: Host,
    /** Runs as `ufw` does, on any machine of the bed: for a knock daemon's commands. */
    readonly command: string,
  ) {}

  /** Enabled, with the package's default: what no rule allows is dropped. */
  static async enable(host: Host, base: string): Promise<Ufw> {
    // links must not lead back to the machine's own files, which ufw would then write
    const copy = { recursive: true, dereference: true };
    cpSync('/usr/share/ufw', `${base}.etc`, copy);
    cpSync('/etc/ufw', `${base}.etc`, { ...copy, force: false });
    const settings = readFileSync('/etc/default/ufw', 'utf8');
    // the machine's modules and sysctls are none of the bed's business
    writeFileSync(`${base}.default`, settings.replace(/^(IPT_SYSCTL|IPT_MODULES)=.*$/gm, '$1='));
    writeFileSync(`${base}.sh`, script(base), { mode: 0o755 });
    const ufw = new Ufw(host, `${base}.sh`);
    await ufw.run('--force', 'enable');
    return ufw;
  }

  async run(...args: string[]): Promise<void> {
    await this.host.must(this.command, args);
  }
}

function script(base: string): string {
  return `#!/bin/sh
exec unshare --mount sh -ec '
mount --bind ${base}.etc /etc/ufw
mount --bind ${base}.default /etc/default/ufw
mount -t tmpfs tmpfs /run
exec ufw "$@"' ufw "$@"
`;
}
