/** The shells that complete what is typed for forge. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** What a shell is to run once: at each press of Tab it asks forge itself, so that it knows commands of a newer one, too. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]
}

/** bash takes the words apart at `=`, and has no place for what is said of one. */
const BASH = `# forge in bash: source <(forge completion bash)
_forge() {
  local IFS=$'\\n' answer
  answer="$("$1" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" || return
  COMPREPLY=()
  case "$answer" in
    :file) compopt -o default ;;
    :folder) compopt -o dirnames ;;
    '') ;;
    *) mapfile -t COMPREPLY < <(cut -f 1 <<<"$answer") ;;
  esac
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == --*= ]]; then compopt -o nospace; fi
}
complete -o nosort -F _forge forge
`

const ZSH = `#compdef forge
# forge in zsh: source <(forge completion zsh), or as _forge into a folder of $fpath
_forge() {
  local answer line
  local -a found
  answer="$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)" || return
  case "$answer" in
    :file) _files; return ;;
    :folder) _files -/; return ;;
    '') return 1 ;;
  esac
  for line in "\${(@f)answer}"; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line:#*$'\\t'*}:+:\${line#*$'\\t'}}")
  done
  _describe -V forge found
}
if [[ "$funcstack[1]" == _forge ]]; then _forge; else compdef _forge forge; fi
`

const FISH = `# forge in fish: forge completion fish > ~/.config/fish/completions/forge.fish
function __forge
  set -l words (commandline -opc) (commandline -ct)
  set -l answer ($words[1] __complete $words[2..-1] 2>/dev/null)
  switch "$answer[1]"
    case :file
      __fish_complete_path (commandline -ct)
    case :folder
      __fish_complete_directories (commandline -ct) ''
    case '*'
      printf '%s\\n' $answer
  end
end
complete -c forge -f -k -a '(__forge)'
`

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
