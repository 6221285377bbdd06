import { capacityFindings } from '../../domain/access/capacity.ts'
import { RECORD_DOUBT, RECORD_LIMIT } from '../../domain/helm/record.ts'
import { badImages, type BadImage } from '../../domain/images/rendered.ts'
import { nameOf, type KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import type { Desired } from '../phases/desired.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

/** A custom resource before its definition: helm would fail in the middle of the upgrade. */
export function checkKinds({ facts, works }: Desired, objects: readonly KubeObject[]): void {
  const own = new Set(works.flatMap(({ rendered }) => rendered).flatMap(({ object }) => definedKind(object)))
  const unknown = objects.find(
    ({ apiVersion, kind }) =>
      !own.has(kind) && !facts.resources.some((one) => one.apiVersion === apiVersion && one.kind === kind),
  )
  if (unknown === undefined) return
  throw new ForgeError(
    'E_CRD_MISSING',
    `the cluster does not know ${unknown.kind} (${unknown.apiVersion}), which ${nameOf(unknown)} is`,
    {
      hint: kubectl(['api-resources', `--api-group=${unknown.apiVersion.split('/')[0] ?? ''}`]),
      where: nameOf(unknown),
    },
  )
}

function definedKind(object: KubeObject): string[] {
  const names = (object['spec'] as { names?: { kind?: string } } | undefined)?.names
  return object.kind === 'CustomResourceDefinition' && names?.kind !== undefined ? [names.kind] : []
}

/** What no node can pull would be found out only when the old pods are gone. */
export function checkImages(objects: readonly KubeObject[]): void {
  const [first, ...others] = badImages(objects)
  if (first === undefined) return
  const text = ({ image, by, problem }: BadImage): string =>
    `image "${image}" of ${by} is not a valid image reference: ${problem}`
  throw new ForgeError('E_IMAGE_REFERENCE', text(first), {
    hint: forge('render'),
    where: first.by,
    problems: [first, ...others].map((one) => ({ message: text(one) })),
  })
}

export function checkCapacity(context: Desired, objects: readonly KubeObject[]): void {
  const { nodes } = context.facts
  if (nodes === undefined) return
  for (const { certain, message, where } of capacityFindings(objects, nodes)) {
    if (certain) throw new ForgeError('E_CAPACITY', message, { hint: kubectl(['describe', 'nodes']), where })
    context.warnings.push(message)
  }
}

export async function checkStorage(
  { cluster }: Desired,
  objects: readonly KubeObject[],
  { signal }: DeployPorts,
): Promise<void> {
  const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  if (claims.length === 0) return
  const classes = await unlessForbidden(
    cluster.list({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, {}, signal),
  )
  if (classes === undefined) return
  const names = new Set(classes.map(({ metadata }) => metadata.name))
  const hasDefault = classes.some(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  )
  for (const claim of claims) {
    const name = (claim['spec'] as { storageClassName?: string }).storageClassName
    if (name === '' || (name === undefined ? hasDefault : names.has(name))) continue
    const wants =
      name === undefined
        ? 'a default StorageClass, and the cluster has none'
        : `StorageClass ${name}, which the cluster does not have`
    throw new ForgeError('E_STORAGE_CLASS', `${nameOf(claim)} needs ${wants}`, {
      hint: kubectl(['get', 'storageclass']),
      where: nameOf(claim),
    })
  }
}

/** How many bytes helm's record of each release takes, by release. Throws E_RECORD_SIZE. */
export async function recordSizes(context: Desired, { signal }: DeployPorts): Promise<ReadonlyMap<string, number>> {
  const sizes = await Promise.all(
    context.works.map(async (work) => {
      const { release, values, manifest } = work
      const bytes = await context.charts.recordSize({ chart: release.chart, values, manifest }, signal)
      const share = `${Math.round((bytes / RECORD_LIMIT) * 100)} %`
      if (bytes > RECORD_LIMIT * (1 + RECORD_DOUBT)) {
        throw new ForgeError(
          'E_RECORD_SIZE',
          `the record that helm keeps of ${release.name} would take ${Math.round(bytes / 1024)} KiB; a Secret holds 1024`,
          {
            hint: forge('render', '--out', 'rendered'),
            where: release.chart.chart,
          },
        )
      }
      if (bytes > RECORD_LIMIT * 0.8)
        context.warnings.push(
          `helm's record of ${release.name} takes about ${share} of what a Secret holds${bytes > RECORD_LIMIT * (1 - RECORD_DOUBT) ? ': it may not fit' : ''}`,
        )
      return [release.name, bytes] as const
    }),
  )
  return new Map(sizes)
}
