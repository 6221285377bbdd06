import { keyOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'
import { editManifest } from '../deploy/record.ts'
import type { Run } from '../deploy/run.ts'
import type { StepReport } from '../steps/step.ts'
import { installed, listedClaims, type Removal } from './prepare.ts'

const GONE_WITHIN_MS = 120_000

/** `helm uninstall` of every release, dependents first. Claims that helm would take along are told to stay beforehand. */
export async function removeReleases(
  removals: readonly Removal[],
  context: DeployContext,
  { codec, signal }: DeployPorts,
  report: StepReport,
  run: Run,
): Promise<string> {
  const { cluster, charts } = context
  for (const { work, plan } of removals) {
    if (!installed(work)) continue
    const { name, namespace } = work.release
    const newest = work.history[0]?.revision ?? 1
    report.detail(`helm uninstall ${name}`)
    await run.confirm()
    await run.record.step(`helm uninstall ${name}`, 'running')
    const without = plan.endangered.map(keyOf)
    // helm goes by the manifest in its record, not by what is written on the live object (pkg/action, resource_policy.go).
    const edit = (manifest: string): string => keepValues(manifest, { namespace, objects: {}, without })
    if (without.length > 0) await editManifest(work, newest, edit, { cluster, codec }, signal)
    signal.throwIfAborted()
    await charts.uninstall(name, namespace, run.guard)
    work.upgraded = true
    await run.record.step(`helm uninstall ${name}`, 'done')
  }
  await untilGone(
    removals.flatMap(({ plan }) => plan.goes),
    context,
    signal,
  )
  return removals.map(({ work, plan }) => `${work.release.name}: ${plan.goes.length} objects`).join(', ')
}

/** Only claims that were listed, each as the very object that was seen. The volumes' own policy decides about the disks. */
export async function deleteClaims(
  removals: readonly Removal[],
  context: DeployContext,
  { signal }: DeployPorts,
  run: Run,
): Promise<readonly string[]> {
  const { cluster, project } = context
  const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const { namespace } = project.environment
  const found = listedClaims(removals, await cluster.list(kind, { namespace }, signal))
  if (found.length === 0) return []
  await run.confirm()
  run.record.deleted(found.map(({ metadata }) => metadata.name))
  await run.record.step('claims', 'running')
  await Promise.all(found.map(async (claim) => await cluster.delete(refOf(claim), uidOf(claim), signal)))
  await untilGone(found.map(refOf), context, signal)
  await run.record.step('claims', 'done')
  return found.map(({ metadata }) => metadata.name)
}

function uidOf({ metadata: { uid } }: KubeObject): { uid?: string } {
  return uid === undefined ? {} : { uid }
}

/** Finalizers and pods that still end take their time; a watch tells when it is over, and after two minutes that is said. */
async function untilGone(
  refs: readonly ObjectRef[],
  { cluster, project }: DeployContext,
  signal: AbortSignal,
): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(GONE_WITHIN_MS)])
  const left = new Map(refs.filter(({ namespace }) => namespace !== undefined).map((ref) => [keyOf(ref), ref]))
  const kinds = new Map(
    [...left.values()].map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]),
  )
  if (left.size === 0) return
  const seen = new Set<string>()
  try {
    for await (const { initial, events } of cluster.watch(
      [...kinds.values()],
      project.environment.namespace,
      limited,
    )) {
      for (const { type, object } of events) {
        const key = keyOf(object)
        if (type === 'gone') left.delete(key)
        else if (initial) seen.add(key)
      }
      if (initial) for (const key of left.keys()) if (!seen.has(key)) left.delete(key)
      if (left.size === 0) return
    }
  } catch (error) {
    if (signal.aborted || !limited.aborted) throw error
  }
  // A watch that is aborted may end without an error; what waits then is not over.
  signal.throwIfAborted()
}
