import { expect, it } from 'vitest';
import { parseProxyArgv } from '../../../src/argv.ts';
import { operandsFirst } from '../../../src/cli/operands.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';
import { checkCommandLine } from '../../../src/util/shell-glob-check.ts';
import { Random } from '../../model/random.ts';

const COMMANDS = new Set('knock add import list check remove open close generate completion'.split(' '));

it.each([
  ['-Fx open z 22', '-Fx open z'],
  ['open z 22', 'open z'],
  ['-v knock z 22', 'knock z'],
  ['-F /mine open z 22 z', 'open z'],
  ['--host=x -y import knockd.conf -p 22', '--host=x -y import knockd.conf -p'],
  ['import knockd.conf 22', 'import knockd.conf'],
  ['--all --yes remove 22', '--all --yes remove'],
  ['--help 22', '--help'],
  ['-F 22 oneX root', '-F oneX'],
  ['--knock-config z 22 z', '--knock-config z'],
  ['open -Fx z', '-Fx z'],
  ['-- open -Fx z', '-- -Fx z'],
])('%s in a folder with %s is no command', (line, names) => {
  const isThere = (name: string) => names.split(' ').includes(name);
  expect(() => checkCommandLine(line.split(' '), COMMANDS, isThere)).toThrow(/is the name of a file/);
});

it.each([
  ['list', 'list'],
  ['check web', 'check web'],
  ['check web 2222', 'check'],
  ['knock web 7000 8000', 'knock'],
  ['knock -- web 7000', 'knock web'],
  ['import knockd.conf --host web', 'import knockd.conf web'],
  ['open -- web', 'open web -v'],
])('%s in a folder with %s is what a person typed', (line, names) => {
  const isThere = (name: string) => names.split(' ').includes(name);
  expect(() => checkCommandLine(line.split(' '), COMMANDS, isThere)).not.toThrow();
});

const NAMES = (
  '-Fx -vFx -F -v -4 -6 -v4 --fdpass --knock-config --knock-config=x --knock-config=none -F/tmp/x -- - -y -p --all --yes ' +
  '--host=x --verify --help --version -h --get-yargs-completions x z oneX 22 443 65536 none %n %r web prod evil.example ' +
  [...COMMANDS].join(' ')
).split(' ');
/** [before the tokens, which tokens]; h, n, r are the two names and the user. */
const LINES: [string, string][] = [
  ['', 'hp'],
  ['', 'hpn'],
  ['', 'hpnr'],
  ['', 'hpr'],
  ['-v', 'hpnr'],
  ['-F /mine --knock-config /knock', 'hpnr'],
  ['--', 'hpnr'],
  ['-v -F /mine --', 'hpnr'],
];

/**
 * Random folders, random words that patterns make of them, and a user that splits into words. A line is either
 * refused, or is read as the line itself says: its own options, and one host.
 */
it('100,000 command lines: nothing is chosen by a file name', () => {
  const seed = Number(process.env.HOSTILE_SEED ?? 1);
  const random = new Random(seed);
  const pick = (from: readonly string[], most: number) =>
    Array.from({ length: random.int(1, most) }, () => from[random.int(0, from.length - 1)]!);
  let read = 0;
  for (let i = 0; i < 100_000; i++) {
    const folder = pick(NAMES, 6);
    const [before, tokens] = LINES[random.int(0, LINES.length - 1)]!;
    const own = before === '' ? [] : before.split(' ');
    const words: Record<string, string[]> = {
      h: random.chance(0.7) ? pick(folder, 4) : ['typed'],
      p: ['22'],
      n: random.chance(0.5) ? pick(folder, 3) : ['Typed'],
      r: random.chance(0.7) ? ['root'] : pick([...folder, ...NAMES], 3),
    };
    const argv = [...own, ...[...tokens].flatMap((token) => words[token]!)];
    const args = readOrRefuse(argv, (name) => folder.includes(name));
    if (args === undefined) continue;
    read++;
    const { configFile, knockConfig, fdpass, family, verbose, port } = args;
    const mine = { configFile, knockConfig, fdpass, family, verbose, port };
    const isOption = (option: string) => own.includes(option);
    expect(mine, JSON.stringify({ seed, folder, argv })).toEqual({
      configFile: isOption('-F') ? '/mine' : undefined,
      knockConfig: isOption('--knock-config') ? '/knock' : undefined,
      fdpass: false,
      family: undefined,
      verbose: isOption('-v') ? 1 : 0,
      port: 22,
    });
  }
  expect(read).toBeGreaterThan(10_000);
});

/** undefined: refused, or said to be no command by yargs. */
function readOrRefuse(argv: readonly string[], isThere: (name: string) => boolean) {
  try {
    const args = parseProxyArgv(argv, isThere);
    if (args === undefined) expectNoCommand(argv, isThere);
    return args;
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    return undefined;
  }
}

/** No command of yargs' takes an option, or a host, from there. */
function expectNoCommand(argv: readonly string[], isThere: (name: string) => boolean): void {
  checkCommandLine(argv, COMMANDS, isThere);
  operandsFirst(argv, COMMANDS);
  const first = argv.find((word, index) => COMMANDS.has(word) && index < argv.indexOf('22'));
  expect(first, JSON.stringify(argv)).toBeUndefined();
}
