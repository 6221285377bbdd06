import { flagName, isJoined } from '../../hint.ts'
import { FLAG_GROUPS } from '../../hint-flags.ts'
import type { StepInputs } from './inputs.ts'

/** Those that tell what happens (`--events`). */
const TELLING = [
  'deploy',
  'plan',
  'rehearse',
  'rollback',
  'recover',
  'uninstall',
  'migrate-to-helm',
  'secrets apply',
  'secrets rotate',
]
/** Those with a document that says more than their exit status, though they tell nothing meanwhile. */
const DOCUMENTING = ['validate']

/** Those that write down what they do in the journal, and so have a page (`forge report`). */
const JOURNALED = ['deploy', 'rollback', 'recover', 'uninstall', 'migrate-to-helm']
/** What leads another command to where this one was. Each takes a value. */
const LEADING = new Set('--dir --env --kubeconfig --context --namespace --project --allow-env --allow-chart'.split(' '))

/** Where a run leaves what is worth keeping. */
export interface Kept {
  readonly events: string
  readonly plan: string
  readonly evidence: string
}

export interface CommandLine {
  readonly args: readonly string[]
  /** A document comes by stdout; else what forge prints goes to the log as it stands. */
  readonly isDocumented: boolean
  readonly tells: boolean
}

/** `shows`: forge prints for people, and what programs want of it is in its events. */
export function commandLine(
  { words, env, args, context, dir }: StepInputs,
  kubeconfig: string | undefined,
  kept: Kept,
  { shows = false }: { readonly shows?: boolean } = {},
): CommandLine {
  const command = words.join(' ')
  const groups = FLAG_GROUPS[words[0] ?? ''] ?? []
  const tells = TELLING.includes(command)
  const isDocumented = !shows && (tells || DOCUMENTING.includes(command))
  const has = (flag: string): boolean => args.some((one) => one === flag || one.startsWith(`${flag}=`))
  const given = (flag: string, value: string, when: boolean): string[] =>
    when && value !== '' && !has(flag) ? [flag, value] : []
  return {
    args: [
      ...words,
      ...given('-C', dir, groups.includes('project') && !has('--dir')),
      ...given('--env', env, groups.includes('project')),
      ...given('--context', context, groups.includes('cluster')),
      ...given('--kubeconfig', kubeconfig ?? '', groups.includes('cluster')),
      ...given('--events', kept.events, tells),
      ...given('--out', kept.plan, command === 'plan'),
      ...given('--evidence', kept.evidence, command === 'deploy'),
      ...(isDocumented && !has('--json') ? ['--json'] : []),
      ...args,
    ],
    isDocumented,
    tells,
  }
}

/** The page of a deploy that such a command made. Undefined: it has none. */
export function pageLine(
  inputs: StepInputs,
  kubeconfig: string | undefined,
  deploy: number,
  out: string,
): string[] | undefined {
  if (!JOURNALED.includes(inputs.words.join(' '))) return undefined
  const args = [...leadingFlags(inputs.args), '--out', out, '--json']
  const kept = { events: '', plan: '', evidence: '' }
  return [...commandLine({ ...inputs, words: ['report', String(deploy)], args }, kubeconfig, kept).args]
}

function leadingFlags(args: readonly string[]): string[] {
  return args.flatMap((word, at) => {
    if (!word.startsWith('-') || !LEADING.has(flagName(word))) return []
    return isJoined(word) ? [word] : [word, args[at + 1] ?? '']
  })
}
