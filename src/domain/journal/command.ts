/**
 * A command line as others may read it in the cluster: what `--set` gives is masked, because nobody knows what it is.
 * (Values that are known to be secret are masked by the Redactor as well.)
 */
export function publicCommand(command: string): string {
  return command.replace(/(--set(?:-[a-z]+)?[= ][^=\s]+=)(.*?)(?= --?[A-Za-z]|$)/gsu, '$1•••')
}
