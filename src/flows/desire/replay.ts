import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { parseManifest, type Rendered } from '../../domain/manifest/parse.ts'
import { mendManifest } from '../../domain/manifest/outdated.ts'
import { wholeText } from '../../domain/manifest/record.ts'
import { canonical } from '../../domain/canonical.ts'
import { cameIn } from '../../domain/journal/target.ts'
import { consumersOf, withMarks } from '../../domain/secrets/consumers.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import type { JsonMap, ReleaseConfiguration } from '../../domain/values/model.ts'
import { wholeNumbersIn } from '../../domain/values/whole-numbers.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { AS_RECORDED, NO_CONFIGURATION, type Desired, type DesiredRelease, type Resolved } from '../phases/desired.ts'
import type { ObservedRelease } from '../phases/observed.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { remarked } from '../vault/marks.ts'
import { isNamespaced } from '../observe/kinds.ts'
import { renderOne } from './render.ts'
import { withNewRevisions } from './secret-revisions.ts'

/**
 * Fills in each release as it runs, with nothing but the new revisions of secrets in the pod templates that carry one: a
 * restart through the release itself, so that helm's record, the next deploy and a rollback all know of it. What the
 * project would deploy by now is left for the next deploy. Releases that were never deployed have nothing to restart.
 */
export async function replayReleases(
  context: Resolved,
  names: readonly string[] | undefined,
  ports: Pick<DeployPorts, 'signal' | 'redactor'>,
): Promise<Desired> {
  const releases = context.releases.map(async (work) => await replayOne(work, context, names, ports))
  return { ...context, releases: (await Promise.all(releases)).flat() }
}

async function replayOne(
  work: ObservedRelease,
  context: Resolved,
  names: readonly string[] | undefined,
  ports: Pick<DeployPorts, 'signal' | 'redactor'>,
): Promise<DesiredRelease[]> {
  const { signal } = ports
  const { before, release } = work
  if (before === undefined) return []
  if (work.unread !== undefined) throw unreadBefore(before, work.unread, context)
  const parse = (manifest: string): Rendered[] =>
    parseManifest(manifest, release.namespace, isNamespaced(context.facts.resources))
  const values = withNewRevisions(before.config, context.secretPlans)
  const mend = (manifest: string): string =>
    work.outdated?.length === 0 ? manifest : mendManifest(manifest, context.facts.resources)
  const live = parse(mend(wholeText(before)))
  // helm runs with the project's chart, if only to be given this manifest in place of its render.
  const render = async (configuration: ReleaseConfiguration): Promise<Rendered[]> =>
    parse(await renderOne({ ...work, values, configuration }, context, signal))
  let configuration = NO_CONFIGURATION
  let now = await render(configuration)
  if (otherHook(live, now) !== undefined) {
    // `set` may have given some of the numbers, which a record does not tell from others.
    configuration = { ...configuration, wholeNumbers: wholeNumbersIn(values as JsonMap) }
    now = await render(configuration)
  }
  refuseOtherHooks(live, now, work, context)
  const charts = new Map(now.map(({ object }) => [keyOf(object), object]))
  // A rotation restarts the consumers of one secret, whatever else waits for a restart.
  const isMeant = (object: KubeObject): boolean =>
    names === undefined || consumersOf([object], context.secretPlans).some(({ secret }) => names.includes(secret))
  const inVault = remarked(context.homes, names, ports)
  const rendered = await Promise.all(
    live.map(async (one) => {
      const marked = isMeant(one.object) && withMarks(one.object, context.secretPlans, charts.get(keyOf(one.object)))
      const object = marked === false ? one.object : marked
      return { ...one, object: one.hook === undefined ? await inVault(object) : object }
    }),
  )
  context.warnings.push(...silentConsumers(rendered, release, context))
  const manifest = mend(before.manifest)
  const came = cameIn(context.liveEntry, release.name)
  const kept = { frozen: manifest, came, keepsRevision: true }
  return [{ ...work, ...AS_RECORDED, configuration, values, manifest, rendered, ...kept }]
}

/** All that runs is written again, so all of it must be known. */
function unreadBefore({ name, revision }: ReleaseRecord, unread: string, { project }: Resolved): ForgeError {
  return new ForgeError('E_SECRET_CONSUMERS', `${unread}; without it nothing can be restarted alone`, {
    hint: forge('deploy', '--env', project.environment.name),
    where: `the record of ${name} revision ${revision}`,
  })
}

/** Hooks do not pass through a post-renderer with helm 3: those of another chart would run. */
function refuseOtherHooks(
  live: readonly Rendered[],
  now: readonly Rendered[],
  { release }: ObservedRelease,
  { project }: Resolved,
): void {
  const other = otherHook(live, now)
  if (other === undefined) return
  const name = nameOf(other.object)
  throw new ForgeError(
    'E_SECRET_CONSUMERS',
    `the chart of ${release.name} here has another hook ${name} than the one that runs: a restart alone would run it`,
    { hint: forge('deploy', '--env', project.environment.name), where: other.template },
  )
}

function otherHook(live: readonly Rendered[], now: readonly Rendered[]): Rendered | undefined {
  const own = new Set(live.flatMap(hookText))
  return now.find((one) => hookText(one).some((text) => !own.has(text)))
}

function hookText({ object, hook }: Rendered): string[] {
  const runs = hook !== undefined && !hook.events.every((event) => event === 'test')
  return runs ? [canonical(object)] : []
}

/** A chart that does not say which revisions its pods run: nothing would tell the next deploy that they were restarted. */
function silentConsumers(
  rendered: readonly Rendered[],
  release: ObservedRelease['release'],
  { secretPlans }: Resolved,
): string[] {
  const changing = secretPlans.filter(({ object }) => object !== undefined)
  const objects = rendered.map(({ object }) => object)
  const silent = consumersOf(objects, changing).filter(({ runs }) => runs === undefined)
  return [...new Set(silent.map(({ object }) => object))].map(
    (object) =>
      `${object} is not restarted, since its chart carries no revisions: kubectl rollout restart ${object.toLowerCase()} --namespace ${release.namespace}`,
  )
}
