/** Random numbers in [0, 1) from a 32-bit seed (mulberry32), so that a failing case can be made again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One case: files by name, the first being the one given with -F, and the command line. Bytes as latin1. */
export interface Case {
  readonly files: ReadonlyMap<string, string>;
  readonly alias: string;
  /** ssh -l */
  readonly user: string | undefined;
  /** ssh -p */
  readonly port: number | undefined;
}

export interface Options {
  /** Every command of Match exec fails. */
  readonly execFails?: boolean;
}

/**
 * A config that ssh mostly accepts, with all that its syntax allows. The value in question is XAuthLocation:
 * free text that `ssh -G` prints.
 *
 * @param folder where the files will lie; `ssh` in it is what $HOME/.ssh is.
 */
export function randomCase(seed: number, folder: string, options: Options = {}): Case {
  return new Generator(seeded(seed), folder, options).make();
}

export const NAMES = [
  'a',
  'ab',
  'foo',
  'Foo',
  'foo.example',
  'web1',
  'web2',
  'b\xc3\xa4r',
  '10.0.0.1',
  'x-y_z',
];
const PATTERNS = [
  ...NAMES,
  '*',
  '?',
  'f*',
  '*o',
  'web?',
  '?oo',
  'b??r',
  'b?r',
  'a,ab',
  '*.example',
  'FOO',
  '**b*',
  'w*b*1',
];
const USERS = ['root', 'bob', 'Bob', 'nobody', 'r*', '*', '?ob'];
const INCLUDES = [
  'inc1',
  'inc2',
  'inc3',
  'inc4',
  'inc*',
  'inc[12]',
  'inc[!1]',
  'inc?',
  'none',
  '.hid*',
  '*',
  '{inc1,inc2}',
  'sub/*',
  '*/deep',
  'i[n-o]c3',
  'inc\\\\*',
  '[[:alpha:]]nc2',
  '"in c"',
  'in\\ c',
  '~/ssh-home/inc1',
  '[i-',
];
const COMMANDS = [
  'true',
  'false',
  'test %n = foo',
  'test %h = foo.example',
  'test %r = bob',
  'test %u = root',
  'test %i = 0',
  'test %k = foo',
  'test %p = 22',
  'test x%% = x%%',
  'exit 3',
  'test %n != %h',
  'test %p = 2222',
  'test %p != 22',
  'test %h:%p = foo.example:2222',
  'test %r@%h = bob@web1',
  'test %r = %u',
  'test %k != %h',
  'case %C in [0-7]*) true;; *) false;; esac',
];
const FAILING_COMMANDS = ['false', 'exit 3', 'test %r = %p'];
const NOISE = [
  `ProxyCommand sh -c 'echo "hi'`,
  'ProxyCommand nc %h %p # no comment',
  'ServerAliveInterval 10',
  'SendEnv LANG LC_*',
  'IgnoreUnknown Knock*,Foo',
  'LocalCommand echo \\',
  '# Host *',
  '#',
  '',
  '   ',
  '\t\r',
  '  # comment "',
  'IdentityFile "~/a b"',
  'Compression yes',
  'Cipher x',
  '"Compression" no',
  'SetEnv A=b',
  'ProxyJump none',
];

class Generator {
  readonly #random: () => number;
  readonly #folder: string;
  readonly #commands: readonly string[];
  #value = 0;

  constructor(random: () => number, folder: string, { execFails = false }: Options) {
    this.#random = random;
    this.#folder = folder;
    this.#commands = execFails ? FAILING_COMMANDS : COMMANDS;
  }

  make(): Case {
    const alias = this.#pick(NAMES);
    const files = new Map([['config', this.#file(0)]]);
    for (const name of ['inc1', 'inc2', 'inc3', 'in c', '.hidden', 'sub/a', 'sub/deep']) {
      if (this.#chance(0.7))
        files.set(`.ssh/${name}`, this.#file(name.startsWith('sub') ? 3 : Number(name.at(-1)) || 2));
    }
    if (this.#chance(0.3)) files.set('ssh-home/inc1', this.#file(3));
    return {
      files,
      alias,
      user: this.#chance(0.3) ? this.#pick(['bob', 'root']) : undefined,
      port: this.#chance(0.25) ? this.#pick([22, 2222]) : undefined,
    };
  }

  /** @param level files include only files of a higher level, so that few cases recurse. */
  #file(level: number): string {
    const lines: string[] = [];
    const count = 1 + Math.floor(this.#random() * (level === 0 ? 14 : 6));
    for (let i = 0; i < count; i++) lines.push(this.#line(level));
    const end = this.#chance(0.8) ? '\n' : '';
    const feed = this.#chance(0.1) ? '\r\n' : '\n';
    return lines.join(feed) + end;
  }

  #line(level: number): string {
    const roll = this.#random();
    if (roll < 0.25) return this.#join('Host', this.#list(PATTERNS, ' ', 0.2));
    if (roll < 0.44) return this.#join('Match', this.#match());
    if (roll < 0.67) return this.#join('XAuthLocation', this.#text());
    if (roll < 0.69) return this.#join('HostKeyAlias', this.#pick(['foo', 'key']));
    if (roll < 0.77)
      return this.#join(
        'HostName',
        this.#pick(['foo.example', '%h.example', 'web1', '%h', 'Foo', 'x%%y', 'a', '"web2"']),
      );
    if (roll < 0.82) return this.#join('User', this.#pick(['bob', 'root', 'nobody']));
    if (roll < 0.86) return this.#join('Port', this.#pick(['22', '2222', '2222', '0022', 'ssh', 'https']));
    if (roll < 0.865) return this.#join('CanonicalizeHostname', this.#pick(['yes', 'no', 'always']));
    if (roll < 0.92 && (level < 3 || this.#chance(0.05))) return this.#join('Include', this.#includes(level));
    return this.#pick(NOISE);
  }

  #includes(level: number): string {
    const names = this.#chance(0.1)
      ? INCLUDES
      : level === 0
        ? INCLUDES
        : INCLUDES.filter((name) => name > `inc${level}` || name.startsWith('sub'));
    const one = this.#pick(names.length > 0 ? names : ['none']);
    const path = this.#chance(0.1) && !/["\\~]/.test(one) ? `${this.#folder}/.ssh/${one}` : one;
    return this.#chance(0.2) ? `${path} ${this.#pick(names)}` : path;
  }

  #match(): string {
    if (this.#chance(0.06)) return this.#odd(this.#chance(0.8) ? 'all' : '!all');
    const parts: string[] = [];
    do parts.push(this.#criterion());
    while (this.#chance(0.35));
    if (this.#chance(0.03)) parts.push('all');
    return parts.join(this.#chance(0.9) ? ' ' : '\t ');
  }

  #criterion(): string {
    const not = this.#chance(0.2) ? '!' : '';
    const roll = this.#random();
    if (roll < 0.12) return not + this.#odd(this.#pick(['final', 'final', 'canonical']));
    const [name, argument] =
      roll < 0.3
        ? ['exec', this.#command()]
        : roll < 0.55
          ? ['host', this.#list(PATTERNS, ',', 0.2)]
          : roll < 0.75
            ? ['originalhost', this.#list(PATTERNS, ',', 0.2)]
            : roll < 0.9
              ? ['user', this.#list(USERS, ',', 0.2)]
              : ['localuser', this.#list(USERS, ',', 0.2)];
    const separator = this.#chance(0.9) ? ' ' : this.#pick(['=', ' = ', '\t', '  ', ' =']);
    return not + this.#odd(name!) + separator + this.#quote(argument!);
  }

  #command(): string {
    return this.#pick(this.#commands);
  }

  #quote(argument: string): string {
    const roll = this.#random();
    if (argument.includes(' ')) return roll < 0.97 ? `"${argument}"` : `'${argument}'`;
    if (roll < 0.85) return argument;
    if (roll < 0.96) return `"${argument}"`;
    return this.#pick([
      `'${argument}'`,
      `${argument}\\"`,
      `${argument[0]}"${argument.slice(1)}"`,
      `\\\\${argument}`,
    ]);
  }

  #text(): string {
    const value = `v${this.#value++}`;
    const roll = this.#random();
    if (roll < 0.8) return value;
    return this.#pick([
      `"${value}"`,
      `'${value} b'`,
      `"${value} b"`,
      `${value}#x`,
      `${value}\\ b`,
      `"${value}\\"b"`,
      `${value}\\'b`,
      `${value}\\b`,
      `${value}"q"`,
      `"${value}`,
      `${value}\\`,
      `${value} # c`,
      `${value} #"c`,
      `${value} b`,
      `\xe9${value}`,
      `=${value}`,
      `"${value}"'s'`,
      `${value}\r`,
    ]);
  }

  #list(from: readonly string[], separator: string, negated: number): string {
    const items: string[] = [];
    do items.push((this.#chance(negated) ? '!' : '') + this.#pick(from));
    while (this.#chance(0.35));
    if (separator === ' ' && this.#chance(0.05)) items.push(`"${this.#pick(from)}"`);
    return items.join(separator);
  }

  /** Keyword and value as one line, now and then strangely written. */
  #join(keyword: string, value: string): string {
    const indent = this.#chance(0.5) ? '' : this.#pick(['  ', '\t', ' \t', '    ', '\r', '= ', ' = ']);
    const separator = this.#chance(0.85)
      ? ' '
      : this.#pick(['=', ' = ', '\t', '   ', ' =', '= ', ' == ', '\r']);
    const name = this.#chance(0.97)
      ? this.#odd(keyword)
      : this.#pick([`"${keyword}"`, `${keyword.slice(0, 2)}"${keyword.slice(2)}"`, `"${keyword}`]);
    const tail = this.#chance(0.8) ? '' : this.#pick([' ', '\t', '\r', '\f', ' # c', ' \f\r ', '\0x']);
    return indent + name + separator + value + tail;
  }

  /** A keyword in some case. */
  #odd(keyword: string): string {
    if (this.#chance(0.7)) return keyword;
    return this.#chance(0.5) ? keyword.toLowerCase() : keyword.toUpperCase();
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }
}
