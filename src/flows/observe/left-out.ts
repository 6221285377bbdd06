import type { LeftOut, Observed } from '../phases/observed.ts'
import { isPartial, releaseNames, withNeeds } from '../../domain/config/select.ts'
import { lastDeployed } from '../../domain/helm/record.ts'
import type { Resolved } from '../phases/desired.ts'
import { otherReleases } from '../../domain/journal/left-out.ts'
import { ownerOf } from '../../domain/journal/owner.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { consumersOf } from '../../domain/secrets/consumers.ts'
import { ForgeError } from '../../errors.ts'
import { againWithout } from '../../hint.ts'
import { onlyInPlan, unlessForbidden } from '../unless-forbidden.ts'
import { inspectRecord } from './release-records.ts'

/** Their records. No request where nothing is left out. */
export async function readLeftOut(
  context: Pick<Observed, 'project' | 'liveEntry' | 'cluster' | 'options' | 'notChecked' | 'journal'>,
  signal: AbortSignal,
): Promise<LeftOut[]> {
  const { project, liveEntry, cluster, journal } = context
  const all = [...(project.selection?.leftOut ?? []), ...otherReleases(liveEntry, releaseNames(project))]
  if (all.length === 0) return []
  const others = (await journal?.others()) ?? []
  return await Promise.all(
    all.map(async ({ name, namespace }) => {
      const read = cluster.history(name, namespace, signal)
      const history = await unlessForbidden(read, onlyInPlan(context, `helm's records of ${name}`))
      const held = { name, namespace, installedAt: history?.[0]?.installedAt }
      return { name, namespace, history, isOwn: ownerOf(held, journal?.entries ?? [], others).kind === 'own' }
    }),
  )
}

/** Names of forge.yaml that this run leaves out. */
export function leftOutNames({ project }: Pick<Observed, 'project'>): string[] {
  return (project.selection?.leftOut ?? []).map(({ name }) => name)
}

/** What their newest readable records hold, hooks included. */
export function leftOutObjects({ leftOut, facts }: Pick<Observed, 'leftOut' | 'facts'>): KubeObject[] {
  return leftOut.flatMap(({ namespace, history = [] }) => {
    const record = lastDeployed(history) ?? history[0]
    if (record === undefined || record.status === 'uninstalled') return []
    const { rendered, hooks } = inspectRecord(record, namespace, facts.resources)
    return [...rendered, ...hooks].map(({ object }) => object)
  })
}

export function isInstalled({ history = [] }: LeftOut): boolean {
  return history.length > 0 && history[0]?.status !== 'uninstalled'
}

/** `--only`: what the releases need must be there. Throws E_RELEASE_NEEDED. */
export function requireNeeded({ project, leftOut }: Pick<Observed, 'project' | 'leftOut'>): void {
  const all = [...project.releases, ...(project.selection?.leftOut ?? [])]
  const missing = leftOut.filter(({ history }) => history !== undefined && lastDeployed(history) === undefined)
  const needs = (name: string, other: string): boolean => withNeeds([name], all).includes(other)
  const lacking = project.releases.flatMap(({ name }) => {
    const needed = missing.filter((one) => needs(name, one.name)).map((one) => one.name)
    return needed.length === 0 ? [] : [`${name} needs ${needed.join(', ')}`]
  })
  if (lacking.length === 0) return
  throw new ForgeError('E_RELEASE_NEEDED', `${lacking.join(', ')}: not deployed yet, and --only leaves it out`, {
    hint: againWithout(['--only']),
    where: '--only',
  })
}

/** What their pods take of the Secrets that change: they go on with what they have, and nobody is promised a restart. */
export function warnOfLeftConsumers(context: Resolved): void {
  const changing = context.secretPlans.filter(({ changedKeys }) => changedKeys.length > 0)
  if (context.leftOut.length === 0 || changing.length === 0) return
  for (const { secret, object, keys } of consumersOf(leftOutObjects(context), changing)) {
    const changed = changing.find(({ name }) => name === secret)?.changedKeys ?? []
    if (keys !== undefined && !keys.some((key) => changed.includes(key))) continue
    context.warnings.push(
      `secret ${secret} changes, and ${object}, which is left out, takes it: its pods go on with the old one until their release is deployed`,
    )
  }
}

/** Releases that forge.yaml does not name any more go on running, and the journal goes on knowing them; and one may have failed. */
export function warnOfLeftOut({ project, leftOut, target, options, warnings }: Observed): void {
  if (target !== undefined || options.removes === true) return
  const known = releaseNames(project)
  for (const one of leftOut.filter((some) => some.isOwn && isInstalled(some))) {
    const { name, history: [newest] = [] } = one
    if (!known.includes(name)) warnings.push(`release ${name} is not in forge.yaml any more; it stays as it is`)
    else if (newest !== undefined && newest.status !== 'deployed')
      warnings.push(`release ${name} is left out, and its revision ${newest.revision} is ${newest.status}`)
  }
}

/** What is said of it, in the head of a run. */
export function selectedRow(context: Pick<Observed, 'project'>): string[] {
  const { project } = context
  if (!isPartial(project)) return []
  return [`only ${project.releases.map(({ name }) => name).join(', ')}; left out: ${leftOutNames(context).join(', ')}`]
}
