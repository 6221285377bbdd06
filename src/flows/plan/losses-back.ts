import type { AtRisk, Assessed } from '../phases/planned.ts'
import { claimsFor, takingSets, takingText } from '../../domain/plan/losses-back.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** No request where no StatefulSet takes claims over that it would not give back. */
export async function claimsAtRisk({ releases, cluster }: Assessed, signal: AbortSignal): Promise<AtRisk[]> {
  const taking = releases.flatMap((work) => takingSets(work).map((set) => ({ set, release: work.release.name })))
  const found = await Promise.all(
    taking.map(async ({ set, release }) => {
      const { namespace = '' } = set.metadata
      const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
      const claims = claimsFor(set, (await unlessForbidden(cluster.list(kind, { namespace }, signal))) ?? [])
      return claims.length === 0 ? [] : [{ release, text: takingText(set, claims) }]
    }),
  )
  return found.flat()
}
