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

\`knockproxy COMMAND --help\` and \`man knockproxy\` describe each option; [client.md](client.md#what-ssh-runs) describes the
form that ssh runs. For completion, add \`eval "$(knockproxy completion bash)"\` to \`~/.bashrc\`, the same with \`zsh\` to
\`~/.zshrc\`, or \`knockproxy completion fish | source\` to fish's configuration.
`;
}

function keywordsPage(): string {
  const ours = KEYWORDS.filter(({ owner }) => owner === 'ours');
  const ssh = KEYWORDS.filter(({ owner }) => owner === 'ssh');
  return `# Every keyword

${table(['keyword', 'value', 'default', 'meaning'], ours.map(row))}

These keywords of ssh_config(5) are used, too:

${table(
  ['keyword', 'meaning'],
  ssh.map(({ name, help }) => [code(name), help]),
)}

[client.md](client.md#configuration) describes the files that contain them; \`man knock_config\` has more about them.
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
