import { parseRevision, wantedText, type WantedRevision } from '../../domain/gitops/revision.ts'
import { placed } from '../../domain/gitops/standing.ts'
import { TOOL_NAMES } from '../../domain/gitops.ts'
import { keyOf, type ObjectRef } from '../../domain/kube.ts'
import type { Project } from '../../domain/config/model.ts'
import { projectOf } from '../../domain/journal/project.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge, hintLine } from '../../hint.ts'
import { headRow } from '../../screen/head.ts'
import { environmentIn, targetNamed } from '../observe/environment.ts'
import { JudgedFailure } from '../prove/failure.ts'
import { refusal } from '../refusal.ts'
import { begun } from '../run-events.ts'
import { openScope, type ScopeRequest } from '../state/scope.ts'
import { recordSteps, runStep, type StepReport } from '../step.ts'
import { appliersIn } from './chain.ts'
import { revertHint } from './errors.ts'
import { saveFollowed } from './evidence.ts'
import { findOwners } from './find-owners.ts'
import type { Following, FollowPorts, FollowScope } from './ports.ts'
import { lackingError, proveStages } from './prove.ts'
import { readStages, releasesOf, type FollowedStages } from './read-stages.ts'
import { reportOf, type FollowReport, type Found } from './report.ts'
import { requireApplied, untilApplied, type AppliedChain } from './until-applied.ts'

export interface FollowOptions {
  readonly scope: ScopeRequest
  /** `--revision`; undefined: the commit that the checkout is at. */
  readonly revision: string | undefined
  /** How long the controller may take. */
  readonly timeoutMs: number
  readonly skipVerify: boolean
}

export type { FollowReport }

export interface FollowEnd {
  readonly report: FollowReport
  readonly error: ForgeError | undefined
  readonly seconds: number
  readonly flags: readonly string[]
}

/**
 * `forge follow`: waits until Flux or Argo CD has applied exactly one revision, then proves the stages as a deploy does. Writes
 * nothing but evidence. Throws for what is wrong before it knows what to wait for; everything else is in the report.
 */
export async function follow(ports: FollowPorts, options: FollowOptions): Promise<FollowEnd> {
  const begin = ports.clock.monotonic()
  const scope = await openScope(options.scope, ports)
  const following = await followingOf(scope, ports, options)
  const project = projectIn(scope)
  ports.events.tell(begun('follow', scope.project, project.environment))
  const steps = recordSteps(ports)
  const found: Found = { applied: undefined, stages: undefined, remarks: [] }
  let error: ForgeError | undefined
  let evidence: string | undefined
  try {
    ports.say(headRows(following, options.revision === undefined))
    await carryThrough(following, project, options, found)
  } catch (thrown) {
    const cause = refusal(thrown, ports.signal)
    error = await toldAs(cause, following)
    if (error.exitStatus === 4) evidence = await saveFollowed({ following, error, cause, stages: found.stages })
  }
  const report = reportOf(following, found, { steps, error, evidence })
  return { report, error, seconds: (ports.clock.monotonic() - begin) / 1000, flags: scope.flags }
}

async function followingOf(
  scope: FollowScope,
  ports: FollowPorts,
  { revision, timeoutMs }: FollowOptions,
): Promise<Following> {
  const commits = scope.checkout === undefined ? undefined : ports.commits(scope.checkout.dir)
  const given = await wantedOf(revision, commits, scope)
  const until = ports.clock.monotonic() + timeoutMs
  const own = commits !== undefined && (await commits.resolve(given.hex)) !== undefined ? commits : undefined
  const origin = await commits?.origin()
  return {
    scope,
    ports,
    wanted: given,
    commits: own,
    origin,
    until,
    timeoutMs,
    seen: { chain: undefined },
    had: new Set(),
  }
}

async function wantedOf(
  revision: string | undefined,
  commits: Following['commits'],
  { checkout }: FollowScope,
): Promise<WantedRevision> {
  if (revision === undefined) {
    const head = await commits?.resolve('HEAD')
    if (head !== undefined) return { hex: head }
    const why =
      checkout === undefined ? 'there is no checkout' : `${checkout.dir} is in no checkout of Git with a commit`
    throw new ForgeError(
      'E_FOLLOW_REVISION',
      `which revision to follow is not known: ${why}, and --revision is not given`,
      {
        hint: again('--revision', 'COMMIT'),
        where: '--revision',
      },
    )
  }
  const parsed = parseRevision(revision)
  if (parsed === undefined)
    throw new ForgeError(
      'E_USAGE',
      `--revision ${revision} is no commit and no digest: write at least 7 of its letters, or sha256:…`,
      { hint: forge('follow', '--help'), where: '--revision' },
    )
  // The whole id, where the checkout has it: letters may fit two.
  const whole = parsed.algorithm === 'sha256' ? undefined : await commits?.resolve(parsed.hex)
  return whole === undefined ? parsed : { ...parsed, hex: whole }
}

function projectIn(scope: FollowScope): Project {
  const { checkout, journal, connected } = scope
  const entry = journal.live ?? journal.entries[0]
  if (checkout !== undefined) return checkout
  if (entry !== undefined) return projectOf(entry, environmentIn(scope, entry))
  throw new Error(
    `neither a checkout nor the journal of ${targetNamed(connected.cluster).sandbox ? 'the sandbox' : 'the cluster'} knows the project`,
  )
}

function headRows({ scope, wanted }: Following, isHead: boolean): string[] {
  const { project, environment, namespace, connected } = scope
  const of = isHead ? ', HEAD of this checkout' : ''
  return [
    headRow({ project, environment, cluster: connected.cluster.context, namespace }),
    `follows ${wantedText(wanted)}${of}`,
    '',
  ]
}

async function carryThrough(
  following: Following,
  project: Project,
  { skipVerify }: FollowOptions,
  found: Found,
): Promise<void> {
  const { ports, scope, wanted } = following
  let read = await readStages(scope, [], ports.signal)
  const names = read.stages.length
  const owners = await findOwners(read.live, { scope, releases: releasesOf(scope), signal: ports.signal })
  const first = { index: 1, total: 1 + names, name: toolOf(owners) }
  await runStep({ ...ports, stopping: stopping(following) }, first, async (report) => {
    const end = await untilAll(owners, following, report)
    found.applied = end.applied
    read = found.stages = end.stages
    return `${wantedText(wanted)} is applied by ${appliersIn(end.applied.chain).map(placed).join(', ')}`
  })
  const { applied } = found
  if (applied === undefined) return
  if (read.lacking.length > 0) throw lackingError(read.lacking, wantedText(wanted), scope.flags)
  requireSeen(read, following)
  const remarks = await proveStages({ following, project, applied, skipVerify, stages: read.stages }, 2)
  found.remarks = remarks.map(({ hint, ...said }) => ({
    ...said,
    hint: hint === undefined ? null : hintLine(hint, ports.here),
  }))
  found.applied = await requireApplied([...applied.chain.refs.values()], following)
}

/** What was applied may bring objects of other owners: until there are none that are not followed. */
async function untilAll(
  owners: readonly ObjectRef[],
  following: Following,
  report: StepReport,
): Promise<{ readonly applied: AppliedChain; readonly stages: FollowedStages }> {
  const { scope, ports } = following
  let known = owners
  for (;;) {
    const applied = await untilApplied(known, following, (text) => report.detail(text))
    const stages = await readStages(scope, [...applied.chain.objects.values()], ports.signal)
    const all = await findOwners(stages.live, { scope, releases: releasesOf(scope), signal: ports.signal })
    const keys = new Set(known.map(keyOf))
    const more = all.filter((ref) => !keys.has(keyOf(ref)) && !applied.chain.refs.has(keyOf(ref)))
    if (more.length === 0) return { applied, stages }
    known = [...known, ...more]
  }
}

/** What could not be looked at is unknown, and nothing to look at is no proof. */
function requireSeen({ unseen, stages }: FollowedStages, { scope, wanted }: Following): void {
  const isEmpty = stages.every(({ targets }) => targets.length === 0)
  const all = isEmpty ? [...unseen, `no workload of it is known in namespace ${scope.namespace}`] : unseen
  const [first] = all
  if (first === undefined) return
  throw new ForgeError(
    'E_FOLLOW_UNKNOWN',
    `${wantedText(wanted)} is applied, and whether it runs is not known: ${first}`,
    {
      hint: forge('status', ...scope.flags),
      where: `namespace ${scope.namespace}`,
      problems: all.map((message) => ({ message })),
    },
  )
}

function stopping({ ports, wanted }: Following): { readonly signal: AbortSignal; readonly words: () => string } {
  return {
    signal: ports.signal,
    words: () => `stopping: nothing was written; whether ${wantedText(wanted)} gets applied is not known`,
  }
}

function toolOf(owners: readonly ObjectRef[]): string {
  return owners.some(({ kind }) => kind === 'Application') ? TOOL_NAMES.argocd : TOOL_NAMES.flux
}

/** A stage that failed is not rolled back: Git is, by the hint. */
async function toldAs(error: ForgeError, following: Following): Promise<ForgeError> {
  const isOfRevision =
    error instanceof JudgedFailure || ['E_FOLLOW_FAILED', 'E_OBJECT_GONE', 'E_VERIFY'].includes(error.code)
  if (!isOfRevision) return error
  const hint = await revertHint(following, error.hint)
  const now = error.details.now ?? `${wantedText(following.wanted)} is applied, and not rolled back`
  return error.with({ hint, now, exit: 4 })
}
