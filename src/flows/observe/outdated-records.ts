import { groupOf } from '../../domain/kube.ts'
import { counted } from '../../domain/screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader } from '../../ports.ts'
import type { ObservedRelease, OutdatedRecord } from '../phases/observed.ts'

/**
 * A kind may be missing from discovery because the server behind its API does not answer: then nothing is known of its
 * objects, and a record must not lose them. Throws E_RECORD_API.
 */
export async function requireAnswering(
  works: readonly Pick<ObservedRelease, 'outdated' | 'release'>[],
  cluster: Pick<ClusterReader, 'get'>,
  signal: AbortSignal,
): Promise<void> {
  const gone = works.flatMap(({ outdated = [] }) => outdated.flatMap(({ objects }) => objects))
  const versions = new Set(gone.filter(({ to }) => to === undefined).map(({ from }) => from))
  for (const version of versions) {
    const group = groupOf(version)
    const name = `${version.slice(group.length + 1)}.${group}`
    const service = await cluster.get({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name }, signal)
    const served = (service?.['spec'] as { service?: unknown } | undefined)?.service
    if (served === undefined || served === null) continue
    throw new ForgeError(
      'E_RECORD_API',
      `${version} is an API of a server that does not answer, so its objects are unknown`,
      {
        hint: kubectl(['get', 'apiservice', name]),
        where: `APIService/${name}`,
      },
    )
  }
}

/** What is said of them in the plan, one sentence per record. */
export function outdatedText(release: string, { revision, objects }: OutdatedRecord): string {
  const [first] = objects
  if (first === undefined) return ''
  const { object, from, to } = first
  const more = objects.length === 1 ? '' : ` (and ${counted(objects.length - 1, 'more object')})`
  const mend = to === undefined ? 'it has to be taken out of the record' : `the record has to be rewritten to ${to}`
  return `helm's record of ${release} revision ${revision} has ${object} as ${from}, which the cluster does not serve any more${more}: ${mend}, else helm cannot read it`
}
