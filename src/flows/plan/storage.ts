import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { kubectl } from '../../hint.ts'
import { passedOver, refuse, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects } from './assess.ts'

/** A claim of an object that asks for a volume; undefined `className`: the default class. */
interface Asking {
  readonly object: KubeObject
  readonly what: string
  readonly className: string | undefined
  /** The claim that it makes first, by its name. */
  readonly first?: string
}

/** A claim that has its volume asks for none, whatever has become of its class. */
export const checkStorage: Check<Compared> = async (known, { signal }) => {
  const claims = renderedObjects(known).filter(
    (object) => object.kind === 'PersistentVolumeClaim' && !isBound(known.live.get(keyOf(object))),
  )
  const own = claims.map((object): Asking => {
    const { storageClassName: className } = (object['spec'] ?? {}) as { readonly storageClassName?: string }
    return { object, what: `${nameOf(object)} needs`, className }
  })
  return await withoutClass([...own, ...claimsOfSets(known)], known, signal)
}

interface ClaimTemplate {
  readonly metadata?: { readonly name?: string }
  readonly spec?: { readonly storageClassName?: string }
}

/** Claims that StatefulSets make. One that is there has its volumes. */
function claimsOfSets(known: Compared): Asking[] {
  const sets = renderedObjects(known).filter((one) => one.kind === 'StatefulSet' && !known.live.has(keyOf(one)))
  return sets.flatMap((object) => {
    const { replicas = 1, volumeClaimTemplates = [] } = (object['spec'] ?? {}) as {
      readonly replicas?: number
      readonly volumeClaimTemplates?: readonly ClaimTemplate[]
    }
    if (replicas === 0) return []
    return volumeClaimTemplates.map(({ metadata: { name = '' } = {}, spec: { storageClassName } = {} }) => ({
      ...{ object, what: `the claims ${name} of ${nameOf(object)} need`, className: storageClassName },
      first: `${name}-${object.metadata.name}-0`,
    }))
  })
}

function isBound(claim: KubeObject | undefined): boolean {
  return (claim?.['spec'] as { volumeName?: string } | undefined)?.volumeName !== undefined
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

/** E_STORAGE_CLASS of each that neither a class, of the cluster or the charts, nor a volume made by hand can serve. */
async function withoutClass(asking: readonly Asking[], known: Compared, signal: AbortSignal): Promise<Finding[]> {
  if (asking.length === 0) return []
  const listed = async (apiVersion: string, kind: string): Promise<readonly KubeObject[] | undefined> =>
    await unlessForbidden(known.cluster.list({ apiVersion, kind }, {}, signal))
  const live = await listed('storage.k8s.io/v1', 'StorageClass')
  if (live === undefined) return [passedOver('StorageClasses of claims', 'you may not list storageclasses')]
  const rendered = renderedObjects(known)
  const classes = [...live, ...rendered.filter(({ kind }) => kind === 'StorageClass')]
  const names = new Set(classes.map(({ metadata }) => metadata.name))
  const hasDefault = classes.some(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
  const lacking = asking.filter(({ className }) =>
    className === undefined ? !hasDefault : className !== '' && !names.has(className),
  )
  if (lacking.length === 0) return []
  const kept = await Promise.all(lacking.map(async (one) => await isKept(one, known, signal)))
  // A claim is bound to a volume whose class has its name, whether there is such a class or not.
  const volumes = await listed('v1', 'PersistentVolume')
  if (volumes === undefined) return [passedOver('volumes for claims', 'you may not list persistentvolumes')]
  const byHand = [...volumes, ...rendered.filter(({ kind }) => kind === 'PersistentVolume')]
  const served = new Set(byHand.map(({ spec }) => (spec as { storageClassName?: string }).storageClassName ?? ''))
  return lacking
    .filter((_, at) => kept[at] !== true)
    .filter(({ className = '' }) => !served.has(className))
    .map(({ object, what, className }) => {
      const wants =
        className === undefined
          ? 'a default StorageClass, and the cluster has none'
          : `StorageClass ${className}, which the cluster does not have`
      const details = { hint: kubectl(['get', 'storageclass']), where: nameOf(object) }
      return refuse('E_STORAGE_CLASS', `${what} ${wants}`, details)
    })
}

/** An earlier StatefulSet of that name has left it, with its volume. */
async function isKept({ object, first }: Asking, known: Compared, signal: AbortSignal): Promise<boolean> {
  if (first === undefined) return false
  const { namespace = known.project.environment.namespace } = object.metadata
  const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: first }
  return isBound(await unlessForbidden(known.cluster.get(ref, signal)))
}
