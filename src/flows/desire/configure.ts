import { checkoutText, type Checkout } from '../../domain/config/checkout.ts'
import { absolutePath } from '../../domain/config/file-path.ts'
import type { Project, Release } from '../../domain/config/model.ts'
import { showProblem } from '../../domain/config/position.ts'
import { counted } from '../../screen/counted.ts'
import { tellOnce } from '../phases/asked.ts'
import type { Configured, ConfiguredRelease, Resolved } from '../phases/desired.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { ProjectPorts } from '../project/ports.ts'
import { lookUp } from '../../domain/values/layers.ts'
import type { ReleaseConfiguration } from '../../domain/values/model.ts'
import { textOf } from '../../domain/values/text-of.ts'
import { resolveConfiguration } from '../project/configuration.ts'

type Data = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Step 4: every value and ConfigMap of every release, from all its files. Reads only. */
export async function configure(
  context: Resolved,
  { project: ports }: Pick<DeployPorts, 'project'>,
): Promise<Found<Configured>> {
  const found = await resolveConfiguration(context.project, ports, { images: Object.fromEntries(context.images) })
  const resolved = disguised(found, ports.standIn)
  const releases = await Promise.all(
    context.releases.map(async (work) => {
      const configuration = resolved.get(work.release.name)
      if (configuration === undefined) throw new Error(`release ${work.release.name} has no configuration`)
      tellOnce(context.warnings, (configuration.warnings ?? []).map(showProblem))
      return { ...work, configuration, checkouts: await checkoutsOf(work.release, context.project, ports) }
    }),
  )
  const elsewhere = new Set(releases.flatMap(({ checkouts = [] }) => checkouts.map(checkoutText)))
  return { value: { ...context, releases }, said: [configurationSummary(releases), ...elsewhere].join('; ') }
}

/** In a rehearsal no value holds a secret of the environment. */
function disguised(
  found: ReadonlyMap<string, ReleaseConfiguration>,
  standIn: ProjectPorts['standIn'],
): ReadonlyMap<string, ReleaseConfiguration> {
  if (standIn === undefined) return found
  const { disguise } = standIn
  return new Map(
    [...found].map(([name, one]) => {
      const values = disguise.values(one.values)
      const configMaps = Object.entries(one.configMaps).map(([map, data]) => [map, disguise.known(mapOf(data)).data])
      const wholeNumbers = (one.wholeNumbers ?? []).map((number) => ({
        ...number,
        digits: textOf(lookUp(values, number.path)?.value ?? number.digits),
      }))
      return [name, { ...one, values, wholeNumbers, configMaps: Object.fromEntries(configMaps) as Data }]
    }),
  )
}

/** What is secret in one its keys tell. */
function mapOf(data: Data[string]) {
  return { apiVersion: 'v1', kind: 'ConfigMap', data }
}

async function checkoutsOf(
  { chart, plain, values }: Release,
  { dir }: Pick<Project, 'dir'>,
  { checkouts }: ProjectPorts,
): Promise<readonly Checkout[]> {
  const own = plain?.paths.map(({ path }) => path) ?? (chart.local ? [chart.chart] : [])
  const paths = [...own, ...values.map(({ file }) => file)]
  return await checkouts(
    paths.map((path) => absolutePath(dir, path)),
    dir,
  )
}

/** The line of step 4: which ConfigMaps differ from what the live release was given, and in which keys. */
function configurationSummary(releases: readonly ConfiguredRelease[]): string {
  const maps = releases.flatMap(({ configuration }) => Object.keys(configuration.configMaps))
  if (maps.length === 0) return 'no ConfigMaps in forge.yaml'
  const first = releases.every(({ before }) => before === undefined)
  const changes = first ? [] : releases.flatMap(changesOf)
  if (changes.length === 0) return `${counted(maps.length, 'ConfigMap')}${first ? '' : ', no change'}`
  return changes.map(([name, keys]) => `${name} changes: ${keys.join(', ')}`).join('; ')
}

function changesOf({ configuration, before }: ConfiguredRelease): [string, string[]][] {
  const old = (before?.config['configMaps'] ?? {}) as Data
  return Object.entries(configuration.configMaps).flatMap(([name, data]): [string, string[]][] => {
    const then = old[name] ?? {}
    const keys = [...new Set([...Object.keys(data), ...Object.keys(then)])].filter((key) => data[key] !== then[key])
    return keys.length === 0 ? [] : [[name, keys]]
  })
}
