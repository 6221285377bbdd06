import { verdictOf } from '../../domain/journal/entry.ts'
import { objectYaml } from '../../domain/evidence/objects.ts'
import type { KnownText } from '../../domain/evidence/plan.ts'
import { learnSecrets } from '../state/known-secrets.ts'
import { gatherEvidence } from '../state/evidence.ts'
import { unlessItFails } from '../../expected.ts'
import type { ForgeError } from '../../errors.ts'
import { hintLine } from '../../hint.ts'
import { JudgedFailure } from '../prove/failure.ts'
import type { Following } from './ports.ts'
import type { FollowedStages } from './read-stages.ts'

/** What shows why: the failing workloads with their pods, logs and events, and what Flux or Argo CD say. Undefined: none could be kept. */
export async function saveFollowed({
  following,
  error,
  cause,
  stages,
}: {
  readonly following: Following
  readonly error: ForgeError
  /** What ended it, as it was thrown. */
  readonly cause: ForgeError
  readonly stages: FollowedStages | undefined
}): Promise<string | undefined> {
  const { scope, ports } = following
  const { cluster } = scope.connected
  const { clock, redactor, evidence } = ports
  const { project, environment, namespace, journal } = scope
  const { signal } = new AbortController()
  await unlessItFails(learnSecrets({ cluster, project, namespace }, redactor, signal), () => undefined)
  const texts = [...(following.seen.chain?.objects.values() ?? [])].map((object): KnownText => {
    const { kind, metadata } = object
    const file = `gitops/${kind}.${metadata.namespace ?? ''}.${metadata.name}.yaml`
    return { file, about: `${kind} ${metadata.name}, as it was last seen`, text: objectYaml(object, redactor) }
  })
  const first = cause instanceof JudgedFailure ? [cause.failed.target] : []
  const failing = first.length > 0 ? first : (stages?.stages.flatMap(({ targets }) => targets) ?? [])
  const saved = await gatherEvidence(
    { cluster, logs: cluster, store: evidence, clock, redactor },
    {
      ...{ project, environment, namespace, failing, texts, manifests: [] },
      deploy: journal.entries[0]?.number ?? 0,
      next: hintLine(error.hint, ports.here),
      verdict: verdictOf(error, cause instanceof JudgedFailure ? cause.lines : []),
    },
    signal,
  )
  return saved.path
}
