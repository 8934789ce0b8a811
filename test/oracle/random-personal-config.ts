import { seeded } from './random-config.ts';

const HOSTS = ['a', 'ab', 'foo', 'web1', 'inc1', 'gw', 'other'];

/** A config as people write them: globals, Includes, a block for each host, `Host *` at the end; seldom a jump host. */
export function randomPersonalConfig(seed: number, folder: string): { files: ReadonlyMap<string, string> } {
  const random = seeded(seed);
  const chance = (probability: number) => random() < probability;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const setting = () =>
    pick([
      'User bob',
      'Port 2222',
      'ServerAliveInterval 30',
      'ProxyCommand nc %h %p',
      'ProxyJump gw',
      'ProxyCommand=nc -X 5 %h %p',
      'HostName 192.0.2.7',
      'HostName %h.example',
      'AddKeysToAgent yes',
      '# a comment',
      '',
    ]);
  const block = (header: string) => {
    const indent = pick(['  ', '\t', '', '    ']);
    const lines = Array.from({ length: Math.floor(random() * 4) }, () => indent + setting());
    return [...(chance(0.2) ? ['# about it'] : []), header, ...lines, ...(chance(0.4) ? [''] : [])];
  };
  const header = () =>
    pick([
      `Host ${pick(HOSTS)}`,
      `Host ${pick(HOSTS)}`,
      `Host ${pick(HOSTS)} ${pick(HOSTS)}`,
      `Host * !${pick(HOSTS)}`,
      `Host ${pick(HOSTS)}*`,
      `Match host ${pick(HOSTS)}`,
      `Match originalhost ${pick(HOSTS)} user bob`,
      'Match all',
    ]);
  const include = () => `Include ${pick(['config.d/*', 'config.d/a', `${folder}/.ssh/config.d/b`, 'none'])}`;
  const blocks = () => Array.from({ length: Math.floor(random() * 5) }, () => block(header())).flat();
  const text = (lines: readonly string[]) =>
    lines.join(chance(0.1) ? '\r\n' : '\n') + (chance(0.8) ? pick(['\n', '\n', '\n\n']) : '');
  const config = [
    ...(chance(0.2) ? ['# my hosts', ''] : []),
    ...(chance(0.4) ? [include()] : []),
    ...(chance(0.3) ? [setting(), setting()] : []),
    ...blocks(),
    ...(chance(0.2) ? [include()] : []),
    ...(chance(0.6) ? block('Host *') : []),
  ];
  const included = () => text([...(chance(0.3) ? [setting()] : []), ...blocks()]);
  return {
    files: new Map([
      ['config', text(config)],
      ['.ssh/config.d/a', included()],
      ['.ssh/config.d/b', included()],
      ...(chance(0.3) ? [['knock_config', knockConfig(pick(HOSTS))] as const] : []),
    ]),
  };
}

function knockConfig(host: string): string {
  return `# doors\nKnockTimeout 5\nHost ${host}\n  KnockSequence 7000,8000\nHost *\n  KnockDelay 20`;
}
