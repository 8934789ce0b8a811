/** A person's ssh configuration; HOST is `web`, `@` in a text is the folder it lies in. */
export interface SshConfig {
  readonly name: string;
  /** undefined: there is no config. */
  readonly text: string | undefined;
  /** Other files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** `config` is a symbolic link to this. */
  readonly link?: string;
  /** Options for `add`. */
  readonly options?: readonly string[];
}

const plain = (name: string, ...lines: string[]): SshConfig => ({ name, text: `${lines.join('\n')}\n` });

/** Forty ways to write one. */
export const SSH_CONFIGS: readonly SshConfig[] = [
  { name: 'none at all', text: undefined },
  { name: 'an empty file', text: '' },
  { name: 'line feeds only', text: '\n\n\n' },
  { name: 'comments only, no final newline', text: '# my config\n#Host web\n#  Port 1' },
  plain('one other host', 'Host mail', '  HostName mail.example.com', '  User bob'),
  plain('its block', 'Host web', '  HostName web.example.com', '  User bob', '', 'Host mail', '  Port 2222'),
  plain('tabs', 'Host web', '\tHostName\tweb.example.com', '\tUser\tbob', 'Host mail', '\tPort\t2222'),
  plain('equals signs', 'Host=web', 'HostName=web.example.com', 'Port = 2222', 'Host =mail', 'User= bob'),
  plain('strange case', 'hOsT web', '  hostNAME web.example.com', 'HOST *', '  USER bob'),
  plain('no indentation', 'Host web', 'Port 2222', 'Host mail', 'Port 2223', 'Host *', 'User bob'),
  { name: 'CRLF', text: 'Host web\r\n  Port 2222\r\n\r\nHost *\r\n  User bob\r\n' },
  { name: 'CRLF, another host, no final newline', text: 'Host mail\r\n  Port 2222\r\n  User bob' },
  { name: 'mixed line ends', text: 'Host mail\r\n  Port 2222\nHost web\n  User bob\r\n' },
  { name: 'its Host line ends the file', text: 'Host mail\n  Port 2222\nHost web' },
  { name: 'no final newline', text: 'Host *\n  User bob\nHost web\n  Port 2222' },
  plain('a ProxyCommand', 'Host web', '  Port 2222', '  ProxyCommand ssh -W %h:%p mail', '  User bob'),
  plain('a ProxyCommand with =', 'Host web', '\tProxyCommand=nc -X 5 %h %p', '\tUser bob'),
  plain(
    'two ProxyCommands',
    'Host web',
    '  ProxyCommand nc %h %p',
    '  ProxyCommand none',
    'Host mail',
    ' User b',
  ),
  plain('a ProxyJump', 'Host web', '  ProxyJump mail', 'Host mail', '  Port 2222'),
  plain('ProxyCommand none', 'Host web', '  ProxyCommand none', 'Host *', '  ProxyCommand nc %h %p'),
  plain(
    'a quoted ProxyCommand',
    'Host web',
    `  ProxyCommand sh -c 'nc "$1" "$2"' -- %h %p`,
    'Host *',
    ' User b',
  ),
  plain('a ProxyCommand for all', 'Host web', '  Port 2222', 'Host *', '  ProxyCommand nc %h %p'),
  plain('Host * first', 'Host *', '  ProxyCommand nc %h %p', '  User bob', 'Host web', '  Port 2222'),
  plain('several patterns', 'Host web mail', '  User bob', '', '# rest', 'Host *', '  Port 2222'),
  plain('patterns', 'Host w?b *.example.com', '  User bob', 'Host m*', '  Port 2222', 'Host *', '  User eve'),
  plain('negations', 'Host * !web !other', '  User bob', 'Host !mail *', '  Port 2222'),
  plain('quoted patterns', 'Host "web"', '  User bob', 'Host "mail" \'other\'', '  Port 2222'),
  plain(
    'double blanks',
    'Host  web   mail',
    '  User   bob',
    '  SendEnv  LANG   LC_*',
    'Host *',
    '  Port  2222',
  ),
  plain(
    'comments everywhere',
    '# top',
    'Host web # here',
    '  # in',
    '  Port 2222 # there',
    '# below',
    'Host mail',
  ),
  { name: 'trailing blanks', text: 'Host web  \n  Port 2222\t \n\t\n \nHost mail \t\n  User bob  \n   ' },
  plain('globals first', 'User bob', 'ServerAliveInterval 30', '', 'Host web', '  Port 2222', 'Host mail'),
  plain(
    'globals with a ProxyCommand',
    '# all',
    'ProxyCommand nc %h %p',
    'User bob',
    'Host web',
    '  Port 2222',
  ),
  plain('globals only', 'User bob', 'ProxyCommand nc %h %p', 'Port 2222'),
  plain('IgnoreUnknown', 'IgnoreUnknown UseKeychain,Knock*', 'UseKeychain yes', 'Host web', '  Port 2222'),
  {
    name: 'Match in many forms',
    text:
      'Match host web.example.com user bob\n  Port 2222\nMatch originalhost mail\n  User eve\n' +
      'Match exec "test -e /nowhere"\n  ProxyCommand nc %h %p\nMatch exec true\n  User bob\n' +
      'Match !localuser nobody host "w*"\n  ProxyCommand nc -4 %h %p\nMatch all\n  Port 22\n',
  },
  plain(
    'Match final',
    'Host web',
    '  HostName web.example.com',
    'Match final host *.example.com',
    '  User bob',
  ),
  {
    name: 'an Include first, with the host',
    text: 'Include @/conf.d/*\n\nHost *\n  User bob\n',
    files: {
      'conf.d/a': 'Host web\n  ProxyCommand nc %h %p\n  Port 2222\n',
      'conf.d/b': 'Host mail\n  Port 2223\n',
    },
  },
  {
    name: 'Includes in blocks',
    text: 'Host mail\n  Include @/inc\n  User bob\nHost web\n  Include @/inc\nHost *\n  Include @/none\n',
    files: { inc: 'Port 2222\nHost web\n  ProxyCommand nc %h %p\nMatch all\n  ServerAliveInterval 7\n' },
  },
  {
    name: 'a link into a dotfile repository',
    text: 'Host web\n  ProxyCommand ssh -W %h:%p mail\n\nHost *\n  AddKeysToAgent yes\n',
    link: 'dotfiles/ssh/config',
    files: { 'dotfiles/.git/HEAD': 'ref: refs/heads/main\n' },
  },
  {
    name: 'what the ssh-config package throws on',
    text: "Host mail\n  ProxyCommand sh -c 'echo \"hi'\n  SendEnv A\\\nHost web\n  ProxyCommand nc %h %p\n",
  },
  {
    name: 'bytes that are not UTF-8',
    text: '# caf\u00e9 \u00ff\nHost web\n  User b\u00e9b\nHost caf\u00c3\u00a9\n  Port 1\n',
  },
  {
    name: 'every option, where others are for all',
    text: 'Host mail\n  Port 1\nHost *\n  User bob\n  HostName %h.example.com\n  Port 2222\n',
    options: ['--hostname', 'web.example.org', '--port', '2022', '--user', 'eve', '--fdpass'],
  },
  {
    name: 'every option, into its block',
    text: 'Host web\n  HostName web.example.org\n  IdentityFile ~/.ssh/id\n\nHost *\n  User bob\n',
    options: ['--hostname', 'web.example.org', '--port', '2022', '--user', 'eve', '--fdpass', '--portable'],
  },
];
