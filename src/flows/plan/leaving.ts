import { leavingText, isLeaving } from '../../domain/leaving.ts'
import { keyOf, nameOf, namespacesOf, type KubeObject } from '../../domain/kube.ts'
import { usedClaims } from '../../domain/manifest/claim-references.ts'
import { mayBeReplaced } from '../../domain/plan/immutable.ts'
import { refuse, unchecked, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { GONE_WITHIN_MS, requireGone, showing } from '../observe/until-gone.ts'
import type { StepReport } from '../step.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects } from './assess.ts'

/**
 * Objects of the render that somebody has deleted, and that are still there: helm would write into them, and then they go. What
 * holds data is refused, because its data goes with it: E_OBJECT_TERMINATING.
 */
export const checkLeaving: Check<Compared> = async (known, { signal }) => {
  const claims = await claimsOfPods(known, signal)
  const lost = [...leavingIn(known).filter((object) => !mayBeReplaced(object)), ...claims.found]
  const [first] = lost
  if (first === undefined) return claims.unread
  const name = nameOf(first)
  const when =
    first.kind === 'PersistentVolumeClaim' ? 'as soon as the last pod that uses it ends' : 'with all it holds'
  const problems = lost.map((object) => ({
    message: `${nameOf(object)} ${leavingText(object)}`,
    where: nameOf(object),
  }))
  const message = `${name} ${leavingText(first)}: its data goes ${when}`
  return [refuse('E_OBJECT_TERMINATING', message, { hint: showing(first), where: name, problems })]
}

/** Waits until the others are gone, so that helm makes them again. Throws E_NOT_GONE when the time is up. Nothing is written. */
export function waitForLeaving(
  ports: Pick<DeployPorts, 'clock' | 'signal'>,
  report: StepReport,
): (known: Compared) => Promise<Compared> {
  return async (known) => {
    const leaving = leavingIn(known)
    if (leaving.length === 0) return known
    report.detail({ doing: 'until-gone', objects: leaving })
    const limitMs = known.options.timeoutMs ?? GONE_WITHIN_MS
    await requireGone({ objects: leaving, cluster: known.cluster, limitMs }, ports)
    const gone = new Set(leaving.map(keyOf))
    return { ...known, live: new Map([...known.live].filter(([key]) => !gone.has(key))) }
  }
}

function leavingIn(known: Compared): KubeObject[] {
  return renderedObjects(known)
    .flatMap((object) => known.live.get(keyOf(object)) ?? [])
    .filter(isLeaving)
}

/** Claims that pods use and no chart renders, as those of a StatefulSet: they stay until the last of these pods ends. */
async function claimsOfPods(
  known: Compared,
  signal: AbortSignal,
): Promise<{ readonly found: readonly KubeObject[]; readonly unread: readonly Finding[] }> {
  const used = renderedObjects(known).flatMap((object) => {
    const is = usedClaims(object)
    return is === undefined ? [] : [{ object, is }]
  })
  const unread: Finding[] = []
  const lists = await Promise.all(
    namespacesOf(used.map(({ object }) => object)).map(async (namespace) => {
      const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
      const list = known.cluster.list(kind, { namespace, metadataOnly: true }, signal)
      return await unlessForbidden(list, ({ message }) => {
        unread.push(unchecked(`whether claims in namespace ${namespace} are being deleted`, message))
      })
    }),
  )
  const claims = lists.flatMap((list) => list ?? []).filter(isLeaving)
  return { found: claims.filter((claim) => used.some(({ is }) => is(claim))), unread }
}
