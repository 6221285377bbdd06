import { definitionDifferences, droppedVersions, instanceFaults, readAs } from '../../domain/definitions/definition.ts'
import { comingRevision } from '../../domain/helm/record.ts'
import { keyOf, nameOf, refOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { isBundledDefinition, parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import { statedDifferences } from '../../domain/plan/diff.ts'
import type { PlannedDefinition } from '../../domain/plan/document.ts'
import { counted } from '../../screen/counted.ts'
import { kubectl } from '../../hint.ts'
import type { DesiredRelease } from '../phases/desired.ts'
import { refuse, unchecked, warn, type Check, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { isNamespaced } from '../observe/kinds.ts'
import { renderRequest } from '../desire/render.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

type Ports = Pick<DeployPorts, 'signal'>

/** The definitions of crds/ that forge writes itself (`crds: update`). */
export function ownDefinitions({ release, rendered }: Pick<DesiredRelease, 'release' | 'rendered'>): KubeObject[] {
  if (release.crds !== 'update') return []
  return rendered.filter(isBundledDefinition).map(({ object }) => object)
}

/** As they are applied: a definition that is there would lose what its objects hold. E_CRD_VERSION, E_CRD_INSTANCES. */
export const checkDefinitions: Check<Compared> = async (context, { signal }) => {
  const changing = context.releases.flatMap(ownDefinitions).flatMap((wanted) => {
    const live = context.live.get(keyOf(wanted))
    return live === undefined || statedDifferences(wanted, live).length === 0 ? [] : [{ wanted, live }]
  })
  const dropping = changing.flatMap(({ wanted, live }): Finding[] => {
    const [first] = droppedVersions(wanted, live)
    if (first === undefined) return []
    const what = `${nameOf(wanted)} would lose version ${first}, in which objects are stored`
    const hint = kubectl(['get', 'customresourcedefinition', wanted.metadata.name, '-o', 'yaml'])
    const where = nameOf(wanted)
    return [refuse('E_CRD_VERSION', `${what}: migrate them to another version first`, { hint, where })]
  })
  if (dropping.length > 0) return dropping
  return (await Promise.all(changing.map(async (one) => await checkInstances(one, context, signal)))).flat()
}

async function checkInstances(
  { wanted, live }: { readonly wanted: KubeObject; readonly live: KubeObject },
  { cluster }: Compared,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const kind = readAs(live)
  if (kind === undefined) return []
  const unread: Finding[] = []
  const instances = await unlessForbidden(cluster.list(kind, {}, signal), (needed) => {
    unread.push(unchecked(`whether what there is of ${wanted.metadata.name} still meets it`, needed))
  })
  if (instances === undefined) return unread
  const faults = instanceFaults(wanted, instances)
  const broken = faults.filter(({ problems }) => problems.length > 0)
  const [first, ...others] = broken
  if (first === undefined)
    return faults.map(({ object, dropped }) => {
      const lost = `${object} would lose ${dropped.join(', ')} with its next write`
      return warn(`${lost}: ${nameOf(wanted)} of crds/ does not know it`)
    })
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'more object')})`
  const message = `${first.object} would not meet ${nameOf(wanted)} of crds/ any more: ${first.problems[0] ?? ''}${more}`
  const details = {
    hint: kubectl(['get', resourceName(kind), '--all-namespaces']),
    where: nameOf(wanted),
    problems: broken.map(({ object, problems }) => ({ message: `${object}: ${problems.join(', ')}` })),
  }
  return [refuse('E_CRD_INSTANCES', message, details)]
}

/** What helm leaves as it is (`crds: create`), though the chart states it otherwise: for a plan, which is looked at. */
export async function leftDefinitions(context: Compared, { signal }: Ports): Promise<PlannedDefinition[]> {
  const created = context.releases.filter(({ release }) => release.crds === 'create')
  return (await Promise.all(created.map(async (work) => await leftOf(work, context, signal)))).flat()
}

async function leftOf(work: DesiredRelease, context: Compared, signal: AbortSignal): Promise<PlannedDefinition[]> {
  const { isUpgrade } = comingRevision(work.history)
  const bundled = isUpgrade ? await definitionsOf(work, context, signal) : work.rendered.filter(isBundledDefinition)
  const found = bundled.map(async ({ object }): Promise<PlannedDefinition[]> => {
    const live = await liveDefinition(object, context, signal)
    if (live === 'hidden' || (live === undefined && !isUpgrade)) return []
    const fields = live === undefined ? [] : definitionDifferences(object, live).map(({ path }) => path)
    const isSame = live !== undefined && fields.length === 0
    return isSame ? [] : [{ object: nameOf(object), release: work.release.name, missing: live === undefined, fields }]
  })
  return (await Promise.all(found)).flat()
}

async function liveDefinition(
  object: KubeObject,
  { live, cluster, notChecked }: Compared,
  signal: AbortSignal,
): Promise<KubeObject | 'hidden' | undefined> {
  const known = live.get(keyOf(object))
  if (known !== undefined) return known
  const read = cluster.get(refOf(object), signal).then((found) => ({ found }))
  const answer = await unlessForbidden(read, ({ message }) => {
    notChecked.push(`${nameOf(object)} of crds/: not checked, ${message}`)
  })
  return answer === undefined ? 'hidden' : answer.found
}

async function definitionsOf(work: DesiredRelease, context: Compared, signal: AbortSignal): Promise<Rendered[]> {
  const text = await context.charts.definitions(renderRequest(work, context), signal)
  return parseManifest(text, work.release.namespace, isNamespaced(context.facts.resources)).filter(
    ({ object }) => object.kind === 'CustomResourceDefinition',
  )
}
