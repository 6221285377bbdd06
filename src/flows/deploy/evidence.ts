import { verdictOf } from '../../domain/journal/entry.ts'
import { keyOf } from '../../domain/kube.ts'
import type { ForgeError } from '../../errors.ts'
import { gatherEvidence, type Evidence } from '../state/evidence.ts'
import type { DeployContext, DeployPorts } from './context.ts'
import { JudgedFailure } from './failure.ts'

/** What the rollback will destroy: the failing workloads, their pods, logs, events and the manifest. */
export async function saveEvidence(context: DeployContext, ports: DeployPorts, error: ForgeError): Promise<Evidence> {
  const { cluster, project, number, works } = context
  const { clock, redactor, evidence } = ports
  const { name: environment, namespace } = project.environment
  return await gatherEvidence(
    { cluster, logs: cluster, store: evidence, clock, redactor },
    {
      project: project.name,
      environment,
      namespace,
      deploy: number,
      failing: failingTargets(context, error, clock.monotonic()),
      manifests: works
        .filter(({ upgraded }) => upgraded)
        .map(({ release, manifest }) => ({ release: release.name, text: manifest })),
      verdict: verdictOf(error, error instanceof JudgedFailure ? error.lines : []),
    },
    // Ctrl-C has begun the rollback; evidence is bounded in time by itself.
    new AbortController().signal,
  )
}

/** The one that ended the deploy first, then all that are not ready. */
function failingTargets(
  { stages, follower }: DeployContext,
  error: ForgeError,
  at: number,
): DeployContext['stages'][number]['targets'] {
  const first = error instanceof JudgedFailure ? [error.failed.target] : []
  const seen = new Set(first.map(keyOf))
  const waiting = stages
    .flatMap(({ targets }) => targets)
    .filter((target) => !seen.has(keyOf(target)) && follower?.judge.verdict(target, at).state !== 'ready')
  return [...first, ...waiting]
}
