import type { CodedProblem } from '../../domain/config/problems.ts'
import type { Project } from '../../domain/config/model.ts'
import { byPosition } from '../../domain/config/position.ts'
import type { ResolvedSecrets, SecretsPlan } from '../../domain/secrets/model.ts'
import { gitopsOwner } from '../../domain/gitops.ts'
import { heldKeys, withoutPreserved } from '../../domain/secrets/held.ts'
import { obstacles } from '../../domain/secrets/obstacles.ts'
import { dataOf, fromBase64, planSecret } from '../../domain/secrets/plan.ts'
import { forge } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import type { SecretSink } from './ports.ts'
import { refuseProblems, register } from './secrets.ts'

export interface PlanSecretsPorts {
  readonly cluster: Pick<ClusterReader, 'get'>
  readonly signal: AbortSignal
  /** Does anything that the charts render use a secret of this name? Asked only where one is not as it should be. */
  readonly used: () => Promise<(secret: string) => boolean>
  /** What somebody else holds is overwritten all the same (`--overwrite-drift`), or only told (`forge secrets diff`). */
  readonly held?: 'overwrite' | 'tell' | undefined
}

/**
 * The resolved secrets compared with the live ones. Throws one ForgeError for all that stands in the way, in the sources
 * or in the cluster: E_SECRET_* (exit status 3). Secrets that nothing uses are not asked for: what is wrong with them
 * leaves them out. Writes nothing.
 */
export async function planSecrets(
  project: Project,
  { secrets }: ResolvedSecrets,
  { cluster, signal, used, held }: PlanSecretsPorts,
  redact: SecretSink,
  lastRevisions: ReadonlyMap<string, number>,
): Promise<SecretsPlan> {
  const { namespace, drift, name: environment } = project.environment
  const found = await Promise.all(
    secrets.map(async (resolved) => {
      const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: resolved.spec.name }
      const live = await cluster.get(ref, signal)
      for (const value of Object.values(live === undefined ? {} : dataOf(live))) register(fromBase64(value), redact)
      const desired = withoutPreserved(resolved, live, drift)
      const hint = forge('secrets', 'diff', '--env', environment)
      const conflicts = heldKeys(desired, live, project.name).map((problem) => ({ ...problem, hint }))
      const owner = live === undefined ? undefined : gitopsOwner(live)
      // Whoever it is that wrote there: a tool that owns the whole Secret is told as that.
      const refused = held === undefined && drift.policy !== 'overwrite' && owner === undefined ? conflicts : []
      const problems = [...desired.problems, ...obstacles(desired, live, project.environment), ...refused]
      return { desired, live, owner, problems, told: held === 'tell' ? conflicts : [] }
    }),
  )
  const faulty = found.filter(({ problems }) => problems.length > 0)
  const isUsed = faulty.length === 0 ? (): boolean => true : await used()
  const wanted = found.filter(({ problems, desired }) => problems.length === 0 || isUsed(desired.spec.name))
  refuseProblems(
    project,
    wanted.flatMap(({ problems }): CodedProblem[] => problems),
  )
  return {
    plans: wanted.map(({ desired, live, owner }) => {
      const lastRevision = lastRevisions.get(desired.spec.name) ?? 0
      const plan = planSecret(desired, live, { project: project.name, namespace, lastRevision })
      return owner === undefined ? plan : { ...plan, owner }
    }),
    warnings: wanted.flatMap(({ desired, told }) => [...desired.warnings, ...told]).toSorted(byPosition),
    unused: faulty.filter((one) => !wanted.includes(one)).map(({ desired }) => desired.spec.name),
  }
}
