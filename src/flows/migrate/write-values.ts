import { isEqual } from '../../domain/canonical.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { isLeaving } from '../../domain/leaving.ts'
import { ownObjects } from '../../domain/manifest/hooks.ts'
import { parseManifest } from '../../domain/manifest/parse.ts'
import { helmOwner } from '../../domain/plan/ownership.ts'
import type { Change } from '../../domain/migrate/values-candidates.ts'
import { showValuePath } from '../../domain/config/value-path.ts'
import {
  textsOf,
  valuesText,
  type LeftField,
  type ValuesFile,
  type WrittenValue,
} from '../../domain/migrate/values-file.ts'
import { idOf, setBy, targetsOf, type Difference, type Target } from '../../domain/migrate/values-target.ts'
import { effectiveValues, merged } from '../../domain/migrate/values-tree.ts'
import { looksSecret } from '../../domain/transforms/secret-like.ts'
import type { SourceObject } from '../../domain/migrate/source.ts'
import type { Json, JsonMap } from '../../domain/values/model.ts'
import { ForgeError } from '../../errors.ts'
import { again, forge, program } from '../../hint.ts'
import { counted } from '../../screen/counted.ts'
import { renderOne } from '../desire/render.ts'
import { relativeTo } from '../../domain/config/file-path.ts'
import { isNamespaced } from '../observe/kinds.ts'
import type { Configured, RenderedRelease, Rendering } from '../phases/desired.ts'
import { check } from '../phases/findings.ts'
import type { Found } from '../phases/phases.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderConcealing } from '../plan/plan-deploy.ts'
import type { StepReport } from '../step.ts'
import { checkLegacy, isAdopting, withAdopted } from './adopt.ts'
import { changedBy, searchValues, type FoundValues, type Rendered } from './value-search.ts'

/** Only its owner may read it: it tells what runs. */
const MODE = 0o600

type Targets = ReadonlyMap<string, Target>

/** What was found, and where it was written. */
export interface WrittenValues extends Omit<ValuesFile, 'tree' | 'of'> {
  readonly file: string
  readonly renders: number
  /** Fields of what runs that the first revision changes: without these values, and with them. */
  readonly before: number
  readonly after: number
}

/** With the values of what runs. */
export interface WithValues extends Rendering {
  readonly found: WrittenValues
}

/** A file that a person may have changed is not written over. Throws E_VALUES_EXISTS. */
export async function requireNoFile(file: string, { project: { files } }: Pick<DeployPorts, 'project'>): Promise<void> {
  if (!(await files.exists(file))) return
  throw new ForgeError('E_VALUES_EXISTS', `${file} is there already, and is not written over`, {
    hint: program('mv', file, `${file}.old`),
    where: '--write-values',
  })
}

/** Looks for the values with which the chart renders what is live, and writes them. Writes nothing in the cluster. */
export async function writeValues(
  configured: Configured,
  file: string,
  ports: DeployPorts,
  report: StepReport,
): Promise<Found<WithValues>> {
  const manner = { freezes: false, twice: false, given: new Map<string, string>() }
  const rendering = await withAdopted(await renderConcealing(configured, manner, ports), ports)
  await check(rendering, [checkLegacy], ports)
  const work = onlyOne(rendering)
  const targets = targetsIn(work, rendering)
  const found = await searchValues({
    targets,
    effective: await effectiveOf(work, rendering, ports),
    render: async (more) => await rendered(work, more, rendering, ports),
    isAllowed: (change) => isAllowed(change, ports),
    tell: (renders, left) => report.detail(`${counted(renders, 'render')}, ${counted(left, 'field')} to be found`),
  })
  const { name, namespace } = rendering.project.environment
  const told = toldOf(found, targets, ports)
  const text = valuesText({ ...told, tree: found.tree, of: `${name}, namespace ${namespace}` })
  await ports.project.files.write(file, text, MODE)
  const { renders, before, differences } = found
  const value = { ...rendering, found: { ...told, file, renders, before, after: changedBy(differences) } }
  return { value, said: `${counted(told.written.length, 'value')} found in ${counted(renders, 'render')}` }
}

/** A values file of several releases reaches them all. */
function onlyOne({ releases, project: { environment } }: Rendering): RenderedRelease {
  const [first, second] = releases.filter(isAdopting)
  if (first !== undefined && second === undefined) return first
  const name = (first ?? releases[0])?.release.name ?? environment.name
  if (first === undefined)
    throw new ForgeError('E_MIGRATE_NOTHING', `release ${name} is Helm's already: its values are those of its chart`, {
      hint: forge('plan', '--env', environment.name),
      where: `release ${name}`,
    })
  throw new ForgeError('E_USAGE', 'values are written for one release at a time, and several are to be migrated', {
    hint: again('--release', name, '--only'),
    where: '--write-values',
  })
}

/** What it takes over, and what of the old stack it might. */
function targetsIn({ adopts = new Map<string, KubeObject>() }: RenderedRelease, { legacy }: Rendering): Targets {
  const source = legacy?.source ?? new Map<string, SourceObject>()
  const others = [...source.keys()].flatMap((key) => legacy?.live.get(key) ?? [])
  const free = others.filter((object) => !isLeaving(object) && helmOwner(object) === undefined && !isShared(object))
  const all = new Map([...free, ...adopts.values()].map((object) => [keyOf(object), object]))
  return targetsOf([...all.values()], source)
}

function isShared({ kind }: KubeObject): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition'
}

async function effectiveOf(
  { release, values, configuration: { values: own, origins } }: RenderedRelease,
  { charts, project: { dir } }: Rendering,
  { signal }: DeployPorts,
): Promise<JsonMap> {
  const files = await charts.defaultFiles(release.chart, signal)
  const texts = files.map(({ path, ...one }) => ({ ...one, shown: relativeTo(dir, path) }))
  const all = effectiveValues(texts, { values: own, origins })
  // What forge itself fills in is nobody's to write.
  return Object.fromEntries(Object.entries(all).filter(([name]) => isEqual(values[name], own[name])))
}

/** A chart that does not render with what was tried says what it cannot be given. */
async function rendered(
  work: RenderedRelease,
  more: JsonMap,
  rendering: Rendering,
  { signal }: DeployPorts,
): Promise<Rendered> {
  const values = merged(work.values as JsonMap, more)
  try {
    const manifest = await renderOne({ ...work, values }, rendering, signal)
    const found = parseManifest(manifest, work.release.namespace, isNamespaced(rendering.facts.resources))
    return { objects: ownObjects(found) }
  } catch (error) {
    const isRefused = error instanceof ForgeError && REFUSALS.has(error.code)
    if (!isRefused || signal.aborted) throw error
    const { chain = [] } = error.details
    return { refused: error.code === 'E_VALUES_SCHEMA' ? chain.map((one) => one.split(': ')[0] ?? '') : [] }
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['E_VALUES_SCHEMA', 'E_CHART_RENDER'])

function isAllowed({ value, path, field }: Change, ports: DeployPorts): boolean {
  const names = [String(path.at(-1) ?? ''), namedIn(field)]
  return textsOf(value, '').every(({ name, text }) => {
    const own = name === '' ? (REFERENCE.test(field) ? [] : names) : [name]
    return !isSecret(own, text, ports)
  })
}

/** Where Kubernetes has the name of a Secret, or of one of its keys. */
const REFERENCE = /(?:secretName|secretKeyRef\.(?:name|key)|secretRef\.name|imagePullSecrets\[[^\]]*\](?:\.name)?)$/u
/** Fields of Kubernetes that are called as a secret is, and hold none. */
const HARMLESS = new Set(['key', 'secretName', 'topologyKey'])

/** `LOG_LEVEL` of `spec.template.spec.containers[app].env[LOG_LEVEL].value` */
function namedIn(field: string): string {
  return /env\[([^\]]+)\]/u.exec(field)?.[1] ?? field.split('.').at(-1) ?? ''
}

function isSecret(names: readonly string[], text: string, { redactor }: DeployPorts): boolean {
  const known = redactor.text(text) !== text
  return known || names.some((name) => !HARMLESS.has(name) && looksSecret(name, text) !== undefined)
}

/** Where each value comes from, and what is left. What the chart only adds is no part of it. */
function toldOf(found: FoundValues, targets: Targets, ports: DeployPorts): Pick<WrittenValues, 'written' | 'left'> {
  const written = found.changes.map(({ path, name, key, field }): WrittenValue => {
    const target = targets.get(key)
    const by = target === undefined ? undefined : setBy(field, target)
    return { path: showValuePath(path), object: name, field, ...(by === undefined ? {} : { by }) }
  })
  const left = found.differences.filter(({ live }) => live !== undefined)
  return { written, left: left.map((one) => leftField(one, found, ports)) }
}

function leftField(one: Difference, { withheld }: FoundValues, ports: DeployPorts): LeftField {
  const { name: object, path: field, live, rendered: made } = one
  if (field === '') return { object, field, because: 'the chart does not render it' }
  if (withheld.has(idOf(one))) return { object, field, because: 'it may be a secret, and is not written into a file' }
  const shown = (value: unknown): string => {
    const texts = textsOf(value as Json, REFERENCE.test(field) ? '' : namedIn(field))
    const isHidden = texts.some(({ name, text }) => isSecret([name], text, ports))
    return isHidden ? '•••' : shortened(JSON.stringify(value))
  }
  if (one.stays) return { object, field, because: `live ${shown(live)}, added by hand: it stays as it is` }
  const other = made === undefined ? 'the chart renders nothing there' : `the chart renders ${shown(made)}`
  return { object, field, because: `live ${shown(live)}, ${other}` }
}

const LONGEST = 60

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
