import { failureText, waitsText, whereOf } from '../../domain/gitops/judge.ts'
import { revisionText, wantedText } from '../../domain/gitops/revision.ts'
import { fluxStatus } from '../../domain/gitops/shapes.ts'
import { placed, type Standing } from '../../domain/gitops/standing.ts'
import { keyOf, resourceName, type ObjectRef } from '../../domain/kube.ts'
import { duration } from '../../domain/readiness/failure.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge, kubectl, program, sequence, type Hint } from '../../hint.ts'
import type { Chain } from './chain.ts'
import type { Following } from './ports.ts'

type Of<State extends Standing['state']> = Extract<Standing, { state: State }>

/** The controller could not apply it, or took it back. Its hint becomes the revert once it is known how (revertHint). */
export function failed(first: Of<'failing'>, standings: readonly Standing[], following: Following): ForgeError {
  const { wanted } = following
  const others = standings.flatMap((one) => (one.state === 'failing' && one.on !== first.on ? [failureText(one)] : []))
  const problems = [failureText(first), ...new Set(others)].map((message) => ({ message }))
  return new ForgeError('E_FOLLOW_FAILED', `${wantedText(wanted)} could not be applied: ${failureText(first)}`, {
    hint: look(first.on),
    where: whereOf(first),
    chain: [...first.chain, first.reason],
    now: first.undone ?? 'it is not rolled back: Git is as it is',
    problems,
  })
}

export function heldUp({ why, resume, on, chain }: Of<'held'>, { wanted }: Following): ForgeError {
  return new ForgeError('E_FOLLOW_SUSPENDED', `${wantedText(wanted)} is not applied: ${why}`, {
    ...{ hint: resume, where: whereOf({ on } as Standing), chain },
  })
}

export function overtaken({ by, why, on, chain }: Of<'superseded'>, { wanted, scope }: Following): ForgeError {
  const [, hex = by] = /([0-9a-f]{7,})$/u.exec(by) ?? []
  return new ForgeError('E_FOLLOW_SUPERSEDED', `${wantedText(wanted)} was overtaken by ${by}: ${why}`, {
    hint: forge('follow', ...scope.flags, '--revision', hex),
    where: whereOf({ on } as Standing),
    chain,
    now: 'whether it ever ran, and how, nobody can say',
  })
}

export function noOperator(on: ObjectRef, text: string, { wanted }: Following): ForgeError {
  return new ForgeError(
    'E_NO_OPERATOR',
    `${wantedText(wanted)} is not applied, and nothing acts on ${placed(on)}: ${text}`,
    {
      hint: kubectl(['get', 'deployments,statefulsets', '--all-namespaces']),
      where: placed(on),
      chain: [placed(on), text],
      exit: 8,
    },
  )
}

/** What the wanted revision cannot be one of. */
export function notOurs({ refs, objects }: Chain, { wanted }: Following): ForgeError {
  const sources = [...refs.values()].filter(({ kind }) => /Repository$|^Bucket$/u.test(kind))
  const [first] = sources
  const texts = sources.map((ref) => {
    const { artifact } = fluxStatus(objects.get(keyOf(ref))?.['status'])
    return `${placed(ref)} (${revisionText(artifact?.revision)})`
  })
  const digest = fluxStatus(objects.get(first === undefined ? '' : keyOf(first))?.['status']).artifact?.revision
  const said = /(sha256:[0-9a-f]+)$/u.exec(digest ?? '')?.[1]
  const from = texts.length === 0 ? 'nothing that it names a source of' : texts.join(', ')
  return new ForgeError(
    'E_FOLLOW_REVISION',
    `${wantedText(wanted)} is a commit, and what is applied here comes from ${from}: say which revision with --revision`,
    { hint: said === undefined ? again('--help') : again('--revision', said), where: texts[0] ?? 'sources' },
  )
}

/** Nobody knows: the time is up. */
export async function timedOut(
  standings: readonly Standing[],
  { objects }: Chain,
  { wanted, timeoutMs, commits }: Following,
): Promise<ForgeError> {
  const open = standings.find(({ state }) => state === 'waiting')
  const isPushed = commits === undefined ? undefined : await commits.isPushed(wanted.hex)
  const isSource = open !== undefined && /Repository$/u.test(open.on.kind) && objects.has(keyOf(open.on))
  const unpushed = isSource && isPushed === false
  const more = unpushed ? '; no remote branch of this checkout has it: is it pushed?' : ''
  const message = `${wantedText(wanted)} is not applied after ${duration(timeoutMs)}: ${waitsText(standings)}${more}`
  return new ForgeError('E_FOLLOW_TIMEOUT', message, {
    hint: unpushed ? program('git', 'push') : open === undefined ? again() : look(open.on),
    where: open === undefined ? 'the controller' : whereOf(open),
    ...(open === undefined ? {} : { chain: open.chain }),
    now: 'nobody knows: it may be applied later',
    problems: standings.flatMap((one) => (one.state === 'waiting' ? [{ message: one.why }] : [])),
  })
}

/** How its controller says that it stands. */
function look(ref: ObjectRef): Hint {
  return kubectl(['describe', resourceName(ref), ref.name], ref.namespace)
}

/** What takes the commit back in Git; a digest has no such command. */
export async function revertHint({ commits, wanted, scope }: Following, otherwise: Hint): Promise<Hint> {
  if (wanted.algorithm === 'sha256' || wanted.hex.length > 40) return otherwise
  const dir = scope.checkout?.dir
  const isElsewhere = commits === undefined || (await commits.resolve(wanted.hex)) === undefined
  const parent = !isElsewhere && (await commits.isMerge(wanted.hex)) ? ['--mainline', '1'] : []
  const git = (...words: readonly string[]): Hint =>
    isElsewhere || dir === undefined ? program('git', ...words) : program('git', '-C', dir, ...words)
  return sequence(git('revert', '--no-edit', ...parent, wanted.hex), git('push'))
}
