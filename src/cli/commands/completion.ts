import { defineCommand } from '../shared/command.ts';

type Shell = keyof typeof SCRIPTS;

/**
 * Each asks the program for what may stand at the end of the line (completion/answer-shell.ts); the answer `/` is for
 * the names of files. bash expands nothing of an answer that `read` gives it, unlike with `compgen -W`.
 */
const SCRIPTS = {
  bash: `_knockproxy() {
  local word
  COMPREPLY=()
  compopt +o default 2>/dev/null
  while IFS= read -r word; do
    if [[ $word == / ]]; then compopt -o default 2>/dev/null; else COMPREPLY+=("$word"); fi
  done < <(knockproxy --complete bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _knockproxy knockproxy
`,
  zsh: `#compdef knockproxy
_knockproxy() {
  local -a found
  found=(\${(f)"$(knockproxy --complete zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if [[ \${found[1]} == / ]]; then _files; elif (( $#found )); then _describe knockproxy found; fi
}
if [[ $funcstack[1] == _knockproxy ]]; then _knockproxy "$@"; else compdef _knockproxy knockproxy; fi
`,
  fish: `function __knockproxy
  set -l words (commandline -opc)
  set -l found (knockproxy --complete fish $words[2..-1] (commandline -ct) 2>/dev/null)
  if test "$found" = /; __fish_complete_path (commandline -ct); else; printf '%s\\n' $found; end
end
complete -c knockproxy -f -a '(__knockproxy)'
`,
};

const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** Prints a completion script. */
export const completionCommand = defineCommand({
  name: 'completion',
  help: "print a script that completes knockproxy's command line",
  epilogue:
    'In ~/.bashrc: eval "$(knockproxy completion bash)"\n\n' +
    'In ~/.zshrc, after compinit: eval "$(knockproxy completion zsh)"\n\n' +
    'In ~/.config/fish/config.fish: knockproxy completion fish | source',
  operands: { shell: { shown: 'SHELL', choices: SHELLS, help: 'the shell that runs the script' } },
  options: {},
  run: ({ shell }) => {
    process.stdout.write(SCRIPTS[shell]);
  },
});
