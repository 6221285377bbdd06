import type { LeftOut, Observed } from '../phases/observed.ts'
import { isPartial, releaseNames, withNeeds } from '../../domain/config/select.ts'
import { lastDeployed } from '../../domain/helm/record.ts'
import type { Resolved } from '../phases/desired.ts'
import type { Opened } from '../phases/opened.ts'
import { otherReleases } from '../../domain/journal/left-out.ts'
import { ownerOf } from '../../domain/journal/owner.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { consumersOf } from '../../domain/secrets/consumers.ts'
import { againWithout } from '../../hint.ts'
import { needed, refuse, warn, type Check } from '../phases/findings.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { inspectRecord } from './release-records.ts'

/** Their records. No request where nothing is left out. */
export async function readLeftOut(context: Opened, signal: AbortSignal): Promise<LeftOut[]> {
  const { project, liveEntry, cluster, journal } = context
  const all = [...(project.selection?.leftOut ?? []), ...otherReleases(liveEntry, releaseNames(project))]
  if (all.length === 0) return []
  const others = (await journal?.others()) ?? []
  return await Promise.all(
    all.map(async ({ name, namespace }) => {
      const read = cluster.history(name, namespace, signal)
      const history = await unlessForbidden(read, needed(context, `helm's records of ${name}`))
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

/** `--only`: what the releases need must be there, else E_RELEASE_NEEDED. */
export const checkNeeded: Check<Observed> = ({ project, leftOut }) => {
  const all = [...project.releases, ...(project.selection?.leftOut ?? [])]
  const missing = leftOut.filter(({ history }) => history !== undefined && lastDeployed(history) === undefined)
  const needs = (name: string, other: string): boolean => withNeeds([name], all).includes(other)
  const lacking = project.releases.flatMap(({ name }) => {
    const others = missing.filter((one) => needs(name, one.name)).map((one) => one.name)
    return others.length === 0 ? [] : [`${name} needs ${others.join(', ')}`]
  })
  if (lacking.length === 0) return []
  const message = `${lacking.join(', ')}: not deployed yet, and --only leaves it out`
  return [refuse('E_RELEASE_NEEDED', message, { hint: againWithout(['--only']), where: '--only' })]
}

/** What their pods take of the Secrets that change: they go on with what they have, and nobody is promised a restart. */
export const checkLeftConsumers: Check<Resolved> = (context) => {
  const changing = context.secretPlans.filter(({ changedKeys }) => changedKeys.length > 0)
  if (context.leftOut.length === 0 || changing.length === 0) return []
  return consumersOf(leftOutObjects(context), changing).flatMap(({ secret, object, keys }) => {
    const changed = changing.find(({ name }) => name === secret)?.changedKeys ?? []
    if (keys !== undefined && !keys.some((key) => changed.includes(key))) return []
    const what = `secret ${secret} changes, and ${object}, which is left out, takes it`
    return [warn(`${what}: its pods go on with the old one until their release is deployed`)]
  })
}

/** Releases that forge.yaml does not name any more go on running, and the journal goes on knowing them; and one may have failed. */
export const checkLeftOut: Check<Observed> = ({ project, leftOut }) => {
  const known = releaseNames(project)
  return leftOut
    .filter((one) => one.isOwn && isInstalled(one))
    .flatMap(({ name, history: [newest] = [] }) => {
      if (!known.includes(name)) return [warn(`release ${name} is not in forge.yaml any more; it stays as it is`)]
      if (newest === undefined || newest.status === 'deployed') return []
      return [warn(`release ${name} is left out, and its revision ${newest.revision} is ${newest.status}`)]
    })
}

/** What is said of it, in the head of a run. */
export function selectedRow(context: Pick<Observed, 'project'>): string[] {
  const { project } = context
  if (!isPartial(project)) return []
  return [`only ${project.releases.map(({ name }) => name).join(', ')}; left out: ${leftOutNames(context).join(', ')}`]
}
