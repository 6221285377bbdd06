import { leavingText, isLeaving } from '../../domain/leaving.ts'
import { keyOf, nameOf, namespacesOf, type KubeObject } from '../../domain/kube.ts'
import { usedClaims } from '../../domain/manifest/claim-references.ts'
import { mayBeReplaced } from '../../domain/plan/immutable.ts'
import { ForgeError } from '../../errors.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { GONE_WITHIN_MS, requireGone, showing } from '../observe/until-gone.ts'
import type { StepReport } from '../step.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects } from './assess.ts'

/**
 * Objects of the render that somebody has deleted, and that are still there: helm would write into them, and then they go.
 * A deploy waits until they are gone, so that helm makes them again; a plan names them. What holds data is refused at once,
 * because its data goes with it: E_OBJECT_TERMINATING. Throws E_NOT_GONE when the time is up. Nothing is written; what is still there is
 * returned.
 */
export async function waitForLeaving(
  context: Compared,
  { clock, signal }: Pick<DeployPorts, 'clock' | 'signal'>,
  report?: Pick<StepReport, 'detail'>,
): Promise<ReadonlyMap<string, KubeObject>> {
  const { cluster, options, live } = context
  const rendered = renderedObjects(context)
  const leaving = rendered.flatMap((object) => live.get(keyOf(object)) ?? []).filter(isLeaving)
  const lost = [
    ...leaving.filter((object) => !mayBeReplaced(object)),
    ...(await claimsOfPods(rendered, context, signal)),
  ]
  const [first] = lost
  if (first !== undefined) throw refused(first, lost)
  if (leaving.length === 0 || options.planOnly === true) return live
  report?.detail(`${leaving.map((object) => `${nameOf(object)} ${leavingText(object)}`).join(', ')}: waiting`)
  const limitMs = options.timeoutMs ?? GONE_WITHIN_MS
  await requireGone({ objects: leaving, cluster, limitMs }, { clock, signal })
  const gone = new Set(leaving.map(keyOf))
  return new Map([...live].filter(([key]) => !gone.has(key)))
}

/** Claims that pods use and no chart renders, as those of a StatefulSet: they stay until the last of these pods ends. */
async function claimsOfPods(
  rendered: readonly KubeObject[],
  context: Compared,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const used = rendered.map((object) => ({ object, is: usedClaims(object) })).filter(({ is }) => is !== undefined)
  const lists = await Promise.all(
    namespacesOf(used.map(({ object }) => object)).map(async (namespace) => {
      const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
      return await unlessForbidden(
        context.cluster.list(kind, { namespace, metadataOnly: true }, signal),
        ({ message }) =>
          context.notChecked.push(
            `whether claims in namespace ${namespace} are being deleted: not checked, ${message}`,
          ),
      )
    }),
  )
  return lists
    .flatMap((list) => list ?? [])
    .filter(isLeaving)
    .filter((claim) => used.some(({ is }) => is?.(claim)))
}

function refused(first: KubeObject, lost: readonly KubeObject[]): ForgeError {
  const name = nameOf(first)
  const when =
    first.kind === 'PersistentVolumeClaim' ? 'as soon as the last pod that uses it ends' : 'with all it holds'
  return new ForgeError('E_OBJECT_TERMINATING', `${name} ${leavingText(first)}: its data goes ${when}`, {
    hint: showing(first),
    where: name,
    problems: lost.map((object) => ({ message: `${nameOf(object)} ${leavingText(object)}`, where: nameOf(object) })),
  })
}
