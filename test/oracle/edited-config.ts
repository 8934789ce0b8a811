import fs from 'node:fs';
import path from 'node:path';
import type * as SshConfigPackage from 'ssh-config';
import { expect } from 'vitest';
import { type EditableConfigs, loadPair, settingsFor } from '../../src/cli/config/editable-configs.ts';
import { planRepair } from '../../src/cli/config/plan-repair.ts';
import { planSetup, type SetUp } from '../../src/cli/config/plan-setup.ts';
import { textWithout } from '../../src/config-edit/insert-block.ts';
import { destinationOf } from '../../src/ssh-config/evaluate.ts';
import { wantsFinal } from '../../src/ssh-config/match-criteria.ts';
import { realSystem } from '../../src/ssh-config/system.ts';
import { KnockproxyError } from '../../src/util/errors.ts';

/** What `add` and what `repair` writes: Node has moved between them. */
const PROGRAM = '/usr/bin/knockproxy';
const MOVED_PROGRAM = ['/opt/node/bin/node', '/opt/knockproxy/knockproxy.cjs'];

/** A person's two files, and what the commands do to them, in memory until write(). */
export class EditedConfig {
  readonly added = new Set<string>();
  readonly original: readonly (string | undefined)[];
  readonly #log: string[] = [];
  #pair: EditableConfigs;
  readonly home: string;
  readonly files: ReadonlyMap<string, string>;
  /** Hosts that are edited, and of which ssh is asked. */
  readonly names: readonly string[];

  constructor(
    { home, files, names }: Pick<EditedConfig, 'home' | 'files' | 'names'>,
    private readonly sshConfig: typeof SshConfigPackage,
  ) {
    this.home = home;
    this.files = files;
    this.names = names;
    const config = path.join(home, 'config');
    const knock = path.join(home, 'knock_config');
    for (const [name, text] of files) this.#place(name, text);
    this.#pair = {
      config: { path: config, text: files.get('config') },
      knock: { path: knock, text: files.get('knock_config') },
      named: { configFile: config, knockConfig: knock },
      system: { ...realSystem({ ...process.env, HOME: home }), sshVersion: () => 'OpenSSH_9.2p1' },
    };
    this.original = this.texts();
  }

  isValid(): boolean {
    // ssh would ask a name server.
    const isLocal = [...this.files.values()].every((text) => !/CanonicalizeHostname/i.test(text));
    return isLocal && attempt(() => settingsFor(loadPair(this.#pair), 'other'));
  }

  texts(): (string | undefined)[] {
    return [this.#pair.config.text, this.#pair.knock.text];
  }

  /** @returns false where the command refuses. */
  editAtRandom(host: string, random: () => number): boolean {
    const kinds = this.added.has(host) ? ['rotate', 'add', 'remove'] : ['add', 'import'];
    const kind = kinds[Math.floor(random() * kinds.length)]!;
    if (kind === 'remove') {
      this.remove(host);
      return true;
    }
    const steps = Array.from({ length: 3 }, () => 1024 + Math.floor(random() * 60_000)).join(',');
    const more = [...(random() < 0.3 ? ['User eve'] : []), ...(random() < 0.3 ? ['Port 2022'] : [])];
    const knockLines = [
      `KnockSequence ${steps}`,
      ...(kind === 'import' ? ['KnockSequenceTimeout 12', 'KnockCloseSequence 9,8,7'] : []),
    ];
    const sshLines = kind === 'rotate' ? [] : [`ProxyCommand ${PROGRAM} -- '%h' %p`, ...more];
    return this.#setUp(kind, { host, knockLines, sshLines, force: kind === 'rotate' || random() < 0.8 });
  }

  #setUp(kind: string, setUp: SetUp): boolean {
    this.#log.push(`${kind} ${setUp.host} ${setUp.sshLines.join('; ')}${setUp.force ? ' --force' : ''}`);
    return attempt(() => {
      const { changes } = planSetup(setUp, this.#pair, this.sshConfig);
      for (const { path: file, after } of changes) this.#take(file, after);
      if (changes.length > 0) this.added.add(setUp.host);
    });
  }

  remove(host: string): void {
    this.#log.push(`remove ${host}`);
    for (const which of ['config', 'knock'] as const) {
      const { path: file, text } = this.#pair[which];
      if (text !== undefined) this.#take(file, textWithout(text, file, host));
    }
    this.added.delete(host);
  }

  /** Every host of `add` has the line of today then. */
  repair(): void {
    this.#log.push('repair');
    const { changes } = planRepair(this.#pair, MOVED_PROGRAM);
    for (const { path: file, after } of changes) this.#take(file, after);
    const start = `${MOVED_PROGRAM.join(' ')} -- '%h' %p`;
    for (const host of this.added)
      expect(settingsFor(loadPair(this.#pair), host).get('proxy')?.raw.startsWith(start)).toBe(true);
  }

  #take(file: string, text: string | undefined): void {
    const which = file === this.#pair.config.path ? 'config' : 'knock';
    this.#pair = { ...this.#pair, [which]: { path: file, text } };
  }

  write(): void {
    for (const which of ['config', 'knock'] as const) {
      const { path: file, text } = this.#pair[which];
      if (text === undefined) fs.rmSync(file, { force: true });
      else fs.writeFileSync(file, text, { encoding: 'latin1', mode: 0o600 });
    }
  }

  #place(name: string, text: string): void {
    const file = path.join(this.home, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { encoding: 'latin1', mode: 0o600 });
  }

  /** Whether ssh reads the files twice, then with the HostName of this host, which may be the name of another. */
  mayChangeWithAnother(host: string): boolean {
    const config = loadPair(this.#pair);
    const isReadTwice = wantsFinal(config.ssh, config.system);
    return isReadTwice && destinationOf(config, { alias: host }).host !== host;
  }

  /** The commands, and the files as they were. */
  describe(): string {
    const shown = [...this.files].map(
      ([name, text]) => `--- ${name}\n${JSON.stringify(text).replaceAll('\\n', '\\n\n')}`,
    );
    const now = JSON.stringify(this.#pair.config.text).replaceAll('\\n', '\\n\n');
    return [...this.#log, ...shown, '--- config now', now].join('\n');
  }
}

function attempt(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof KnockproxyError) return false;
    throw error;
  }
}
