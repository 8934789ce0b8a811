import { defineCommand } from '../shared/command.ts';

type Shell = keyof typeof SCRIPTS;

/** Each asks the program, through yargs, for completions; if there are none, the shell completes file names. */
const SCRIPTS = {
  bash: `_knockproxy() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash ZSH_NAME= knockproxy --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _knockproxy knockproxy
`,
  zsh: `#compdef knockproxy
_knockproxy() {
  local -a found
  found=(\${(f)"$(SHELL=zsh knockproxy --get-yargs-completions "\${(@)words[1,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then _describe knockproxy found; else _files; fi
}
if [[ $funcstack[1] == _knockproxy ]]; then _knockproxy "$@"; else compdef _knockproxy knockproxy; fi
`,
  fish: `function __knockproxy
  set -l found (SHELL=bash knockproxy --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0; printf '%s\\n' $found; else; __fish_complete_path (commandline -ct); end
end
complete -c knockproxy -f -a '(__knockproxy)'
`,
};

const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** Prints a completion script. */
export const completionCommand = defineCommand({
  name: 'completion',
  help: "print a script that completes knockproxy's command line",
  epilogue: 'bash: eval "$(knockproxy completion bash)" in ~/.bashrc',
  operands: { shell: { shown: 'SHELL', choices: SHELLS, help: 'the shell' } },
  options: {},
  run: ({ shell }) => {
    process.stdout.write(SCRIPTS[shell]);
  },
});
