import { shellWord } from '../../hint.ts'

/**
 * A command line as others may read it in the cluster: what `--set` gives is masked, because nobody knows what it is.
 * (Values that are known to be secret are masked by the Redactor as well.)
 */
export function publicCommand(command: string): string {
  return command
    .replace(/(--set-json[= ])'?\s*\{.*?(?= --?[A-Za-z]|$)/gsu, '$1•••')
    .replace(/(--set(?:-[a-z]+)?[= ][^=\s]+=)(.*?)(?= --?[A-Za-z]|$)/gsu, '$1•••')
}

/**
 * The command that was typed, as a hint and as others may read it: what `--set` gives is masked, what a shell would take
 * apart is quoted.
 */
export function commandOf(program: string, args: readonly string[]): string {
  const shown = args.map((arg, at) => {
    const [, flag = '', assignment = ''] = /^(--set(?:-[a-z]+)?=)(.*)$/su.exec(arg) ?? []
    if (flag !== '') return `${flag}${maskedValue(assignment)}`
    return /^--set(?:-[a-z]+)?$/u.test(args[at - 1] ?? '') ? maskedValue(arg) : arg
  })
  return [program, ...shown.map(shellWord)].join(' ')
}

/** A document of --set-json is a value from its first brace on. */
function maskedValue(assignment: string): string {
  return assignment.replace(/^\s*\{.*$/su, '•••').replace(/=.*$/su, '=•••')
}
