import { KEYWORDS, type Keyword } from '../src/config/keywords.ts';
import { readCommands, synopsis } from './help.ts';

/** The pages of docs/ that come from the tables of commands and keywords, by name. */
export const REFERENCE: Readonly<Record<string, () => string>> = {
  'commands.md': commandsPage,
  'keywords.md': keywordsPage,
};

function commandsPage(): string {
  return `# Every command

\`\`\`
${readCommands().map(synopsis).join('\n')}
\`\`\`

\`--help\` after a command and \`man knockproxy\` describe each option; [client.md](client.md#what-ssh-runs) has the form that
ssh runs. Completion: \`eval "$(knockproxy completion bash)"\` in \`~/.bashrc\`, the same with zsh,
\`knockproxy completion fish | source\` in fish.
`;
}

function keywordsPage(): string {
  const ours = KEYWORDS.filter(({ owner }) => owner === 'ours');
  const ssh = KEYWORDS.filter(({ owner }) => owner === 'ssh');
  return `# Every keyword

${table(['keyword', 'value', 'default', 'meaning'], ours.map(row))}

These keywords of ssh_config(5) count, too:

${table(
  ['keyword', 'meaning'],
  ssh.map(({ name, help }) => [code(name), help]),
)}

[client.md](client.md#how-a-host-gets-its-door) says where they are read from, \`man knock_config\` the same as this page.
`;
}

function row({ name, value, default: fallback, help }: Keyword): string[] {
  return [code(name), code(value), fallback, help];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map(() => '---');
  return [heads, rule, ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
