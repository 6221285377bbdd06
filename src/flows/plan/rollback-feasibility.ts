import { kindKey, nameOf } from '../../domain/kube.ts'
import { imagesOf } from '../../domain/manifest/images.ts'
import {
  rollbackFeasibility,
  type RollbackFeasibility,
  type RollbackFeasibilityInput,
} from '../../domain/plan/rollback-feasibility.ts'
import { unpullable } from '../../domain/plan/unpullable.ts'
import { settle } from '../phases/findings.ts'
import type { Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { refusingKeys } from './refusing-keys.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { renderedObjects } from './assess.ts'
import { changing, dryRuns, type Changing } from './dry-runs-back.ts'
import { podSecrets } from './pod-secrets.ts'

type Ports = Pick<DeployPorts, 'signal'>

/**
 * Whether what runs now can be brought back after this deploy, found before anything is written: its kinds are served, its
 * objects pass a dry run, its secrets and images are there, and the schema that comes can be read by its code.
 */
export async function rollbackFeasibilityOf(context: Foreseen, ports: Ports): Promise<RollbackFeasibility> {
  const { releases, liveEntry } = context
  const unknown = unknownOf(context)
  if (unknown !== undefined) return { possible: 'unknown', rows: [`unknown: ${unknown}`] }
  const deployed = releases.filter(({ before }) => before !== undefined)
  // Where nothing was deployed, or nothing changes, there is nothing to go back to.
  const found = deployed.length < releases.length || context.unchanged ? {} : await obstaclesOf(context, ports)
  return rollbackFeasibility({
    releases: releases.map(({ release, before }) => ({
      name: release.name,
      deployed: before !== undefined,
      schema: release.schema,
    })),
    live: liveEntry,
    plans: releases.flatMap(({ plans }) => plans),
    refusing: refusingKeys(context),
    lost: context.losses.losses.map(({ what }) => what),
    ...found,
  })
}

/** Why it is not known what runs: the journal, or a release's records, may not be read. */
export function unknownOf({ unknown, releases }: Pick<Foreseen, 'unknown' | 'releases'>): string | undefined {
  return unknown ?? releases.find((work) => work.unseen !== undefined)?.unseen
}

async function obstaclesOf(
  context: Foreseen,
  ports: Ports,
): Promise<Pick<RollbackFeasibilityInput, 'obstacles' | 'unknown'>> {
  const unserved = [...context.releases.flatMap(({ unread }) => unread ?? []), ...unservedKinds(context)]
  const all = changing(context)
  const [tried, ...found] = await Promise.all([
    dryRuns(all, context, ports),
    missingSecrets(context, ports),
    goneImages(all, context, ports),
  ])
  const backs = context.homes?.plans.flatMap(({ back }) => back ?? []) ?? []
  const lost = backs.flatMap((back) => (back.kind === 'lost' ? [back.why] : []))
  const unseen = backs.flatMap((back) => (back.kind === 'unknown' ? [back.why] : []))
  const risk = context.atRisk.map(({ text }) => text)
  return {
    obstacles: [...unserved, ...lost, ...risk, ...tried.refused, ...found.flat()],
    unknown: [...tried.unknown, ...unseen],
  }
}

function unservedKinds({ releases, facts }: Foreseen): string[] {
  const served = new Set(facts.resources.map(kindKey))
  return releases
    .flatMap(({ previous }) => previous.map(({ object }) => object))
    .filter((kind) => !served.has(kindKey(kind)))
    .map((object) => `${nameOf(object)} is ${object.apiVersion}, which the cluster does not serve any more`)
}

/** Secrets that the present pods use, and that are gone although the pods still run. */
async function missingSecrets(context: Foreseen, ports: Ports): Promise<string[]> {
  const objects = context.releases.flatMap(({ previous }) => previous.map(({ object }) => object))
  const { findings } = await podSecrets(context, objects, ports)
  const unread = findings.filter(({ kind }) => kind === 'unchecked')
  settle({ ...context, notChecked: [] }, unread)
  return findings.flatMap((one) => (one.kind === 'refuse' ? [one.error.message] : []))
}

/** Images that only the present revision uses, and that a node has tried in vain to pull. */
async function goneImages(all: readonly Changing[], context: Foreseen, { signal }: Ports): Promise<string[]> {
  const wanted = new Set(renderedObjects(context).flatMap(imagesOf))
  const old = all.flatMap(({ object }) => imagesOf(object))
  const only = new Set(old.filter((image) => !wanted.has(image)))
  if (only.size === 0) return []
  const { namespace } = context.project.environment
  const pods = await unlessForbidden(context.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }, signal))
  return unpullable(pods ?? [], only).map(({ image, pod }) => `image ${image} cannot be pulled (${pod})`)
}
