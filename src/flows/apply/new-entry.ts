import type { Checkout } from '../../domain/config/checkout.ts'
import { isPartial } from '../../domain/config/select.ts'
import { orderByNeeds } from '../../domain/config/order.ts'
import { changesLine } from '../../screen/changes.ts'
import { plannedChanges } from '../../screen/planned-changes.ts'
import { refOf } from '../../domain/kube.ts'
import type { Take } from '../../domain/plan/take-over.ts'
import type { JournalEntry, JournalRelease, JournalSecret, JournalTake, NewEntry } from '../../domain/journal/model.ts'
import { carriedRelease, type Carried } from '../../domain/journal/left-out.ts'
import { databaseSchemas } from '../../domain/journal/schema.ts'
import { originOf } from '../../domain/journal/target.ts'
import { BEFORE_HELM } from '../../domain/migrate/undo.ts'
import { imagesOf } from '../../domain/manifest/images.ts'
import { countsBeside } from '../../domain/recovery/as-before.ts'
import { journalHome } from '../../domain/vault/plan.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import { chartText } from '../project/chart-text.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { checksOf, runningChecks, runningStages } from '../prove/part.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'

/** What the journal says of a deploy from its beginning: all that a later rollback, or `forge history`, needs to know. */
export async function newEntry(
  context: Planned,
  known: readonly JournalEntry[],
  { runner, project: ports, redactor }: Pick<DeployPorts, 'runner' | 'project' | 'redactor'>,
): Promise<NewEntry> {
  const { project, releases, secretPlans, target, liveEntry } = context
  const databases = databaseSchemas(known)
  const order = [...(liveEntry === undefined ? [] : [liveEntry]), ...known]
  const meant = new Set(releases.map(({ release }) => release.name))
  const carried = context.leftOut.flatMap(({ name, namespace, history = [], isOwn }) =>
    isOwn && !meant.has(name) ? (carriedRelease({ name, namespace, history }, order) ?? []) : [],
  )
  const own = releases.map(async (work) => await releaseOf(work, databases.get(work.release.name), context, ports))
  return {
    environment: project.environment.name,
    command: runner.command,
    by: runner.identity,
    // What ran before helm is no deploy.
    ...(target === undefined || target.number === BEFORE_HELM
      ? {}
      : { target: target.number, origin: originOf(target, known) }),
    changes: changesLine({
      only: isPartial(project) ? releases.map(({ release }) => release.name) : [],
      first: releases.every(({ before }) => before === undefined),
      target: target?.number,
      adopted: context.migration?.adopted.length ?? 0,
      plans: releases.flatMap(({ plans }) => plans),
      restarts: context.restarts,
      secrets: secretPlans,
    }),
    releases: [
      ...(await Promise.all(own)),
      ...carried.map(({ release }) => {
        const database = databases.get(release.name)
        return { ...release, ...(database === undefined ? {} : { database }) }
      }),
    ],
    secrets: secretPlans.map((plan) => secretOf(plan, context)),
    ...(context.homes === undefined ? {} : { vault: context.homes.plans.map(journalHome) }),
    configuration: configurationOf(context, carried),
    ...(context.secured === undefined || context.secured.length === 0 ? {} : { backups: context.secured }),
    ...(isVerified(context) ? { verified: true } : {}),
    planned: plannedChanges(
      releases.flatMap(({ plans }) => plans),
      context.restarts,
      (text) => redactor.text(text),
    ),
  }
}

async function releaseOf(
  work: ReleasePlan,
  database: JournalRelease['database'],
  context: Planned,
  ports: DeployPorts['project'],
): Promise<JournalRelease> {
  const { release, history, rendered, previous, came, takes = [] } = work
  const { checkouts = checkoutsThen(release.name, context) } = work
  const counts = countsBeside(previous, context.live)
  const before = history[0]?.revision
  const chart = chartThen(work, context) ?? (await chartOf(work, ports))
  return {
    name: release.name,
    namespace: release.namespace,
    ...(before === undefined ? {} : { revisionBefore: before }),
    ...(chart === undefined ? {} : { chart }),
    ...(checkouts.length === 0 ? {} : { checkouts }),
    images: [...new Set(rendered.flatMap(({ object }) => imagesOf(object)))],
    ...(Object.keys(counts).length === 0 ? {} : { counts }),
    ...(came.length === 0 ? {} : { came }),
    ...(takes.length === 0 ? {} : { takes: takes.map(toldTake) }),
    ...(database === undefined ? {} : { database }),
  }
}

/** Helm's record tells it, but for one that forge made of plain objects. */
function chartThen({ release, target }: ReleasePlan, context: Planned): JournalRelease['chart'] {
  const then = context.target?.releases.find((one) => one.name === release.name)?.chart
  return then?.plain === undefined ? target?.chart : then
}

/** What is gone back to was taken from where that deploy had it from. */
function checkoutsThen(name: string, { target }: Planned): readonly Checkout[] {
  return target?.releases.find((one) => one.name === name)?.checkouts ?? []
}

function toldTake({ from, objects }: Take): JournalTake {
  return { from: from.name, namespace: from.namespace, objects: objects.map(({ object }) => refOf(object)) }
}

function secretOf(
  { name, revision, revisionBefore }: Planned['secretPlans'][number],
  { project, target }: Pick<Planned, 'project' | 'target'>,
): JournalSecret {
  const keys = project.secrets.find((one) => one.name === name)?.keys ?? []
  const own = Object.fromEntries(keys.flatMap(({ key, rollback }) => (rollback === 'restore' ? [] : [[key, rollback]])))
  const rules = { ...target?.secrets.find((one) => one.name === name)?.rules, ...own }
  return {
    name,
    revision,
    ...(revisionBefore === undefined ? {} : { revisionBefore }),
    ...(Object.keys(rules).length === 0 ? {} : { rules }),
  }
}

/** A part of the releases proves a part of them. */
function isVerified(context: Planned): boolean {
  // Simulated pods answer nothing.
  const { sandbox } = context.project.environment.cluster
  const made = context.options.skipVerify || sandbox ? 0 : checksOf(context).length
  return made > 0 && made === runningChecks(context).length
}

function configurationOf(context: Planned, carried: readonly Carried[]): NewEntry['configuration'] {
  const { project, releases } = context
  const own = releases.map(({ release, values }) => ({
    name: release.name,
    chart: release.chart.from ?? release.chart.chart,
    ...(release.chart.version === undefined ? {} : { version: release.chart.version }),
    values: values as JsonMap,
    ...(release.schema === undefined ? {} : { schema: release.schema }),
    ...(release.needs.length === 0 ? {} : { needs: release.needs }),
  }))
  return {
    releases: inOrder([...own, ...carried.flatMap(({ configuration }) => configuration ?? [])]),
    stages: runningStages(context),
    verify: runningChecks(context),
    ...(project.components.length === 0
      ? {}
      : { components: Object.fromEntries(project.components.map(({ name, target }) => [name, target])) }),
    ...(project.environment.protected ? { protected: true } : {}),
  }
}

/** A rollback takes them in this order, and in the reverse of it back. */
function inOrder<T extends { readonly name: string; readonly needs?: readonly string[] }>(releases: readonly T[]): T[] {
  const ordered = orderByNeeds(new Map(releases.map(({ name, needs = [] }) => [name, needs])))
  if (!('order' in ordered)) return [...releases]
  return ordered.order.flatMap((name) => releases.find((one) => one.name === name) ?? [])
}

/** A chart from elsewhere says no more here than its reference: helm's record tells the rest. */
async function chartOf(
  { release: { chart, plain } }: ReleasePlan,
  ports: DeployPorts['project'],
): Promise<JournalRelease['chart']> {
  if (!chart.local)
    return chart.version === undefined
      ? undefined
      : { name: chart.chart.split('/').at(-1) ?? chart.chart, version: chart.version }
  const text = await chartText(chart.chart, 'Chart.yaml', ports)
  const found = loadHelmYaml(text ?? '').value as
    Readonly<Record<'name' | 'version' | 'appVersion', string | number | undefined>> | null | undefined
  if (typeof found?.name !== 'string') return undefined
  const { name, version, appVersion } = found
  // A version such as 2.3 is a number in YAML.
  const made = plain?.places && { plain: { objects: plain.places.size, from: plain.paths.map(({ path }) => path) } }
  return {
    name,
    version: String(version),
    ...(appVersion === undefined ? {} : { appVersion: String(appVersion) }),
    ...made,
  }
}
