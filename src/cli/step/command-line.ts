import { FLAG_GROUPS } from '../../hint-flags.ts'
import type { StepInputs } from './inputs.ts'

/** Those that tell what happens (`--events`). */
const TELLING = [
  'deploy',
  'plan',
  'rollback',
  'recover',
  'uninstall',
  'migrate-to-helm',
  'secrets apply',
  'secrets rotate',
]
/** Those with a document that says more than their exit status, though they tell nothing meanwhile. */
const DOCUMENTING = ['validate']

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
