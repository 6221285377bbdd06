import { RECORD_DOUBT, RECORD_LIMIT } from '../../domain/helm/record.ts'
import { backupBefore, pastText } from '../../domain/backup/past.ts'
import { badImages, type BadImage } from '../../domain/images/rendered.ts'
import { canRead } from '../../domain/journal/schema.ts'
import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { isBundledDefinition, type Rendered } from '../../domain/manifest/parse.ts'
import { findTwice } from '../../domain/plan/twice.ts'
import { forge, kubectl } from '../../hint.ts'
import { hooksOf } from '../desire/hooks.ts'
import { checkPermissions, neededPermissions } from '../observe/permissions.ts'
import type { Desired, RenderedRelease, Rendering } from '../phases/desired.ts'
import { refuse, unchecked, warn, type Check } from '../phases/findings.ts'
import type { Opened } from '../phases/opened.ts'
import type { Compared, Foreseen } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { renderedObjects } from './assess.ts'

export const checkTwice: Check<Rendering> = ({ releases }) => {
  const found = findTwice(releases.map(({ release: { name }, rendered }) => ({ name, rendered })))
  if (found === undefined) return []
  const { message, ...details } = found
  return [refuse('E_OBJECT_TWICE', message, { hint: forge('render'), ...details })]
}

/** A definition of crds/ that is there already is helm's no more. */
export const checkRights: Check<Compared> = async (known, { signal }) => {
  const { objects, definitions } = writtenObjects(known.releases)
  const coming = definitions.filter((one) => !known.live.has(keyOf(one)))
  return checkPermissions(await neededPermissions(known, { objects, definitions: coming, compares: true }, signal))
}

/** What helm writes of these releases, with all their hooks, and the definitions that it makes where they are not there. */
export function writtenObjects(releases: readonly Pick<RenderedRelease, 'rendered'>[]): {
  readonly objects: readonly KubeObject[]
  readonly definitions: readonly KubeObject[]
} {
  const all = releases.flatMap(({ rendered }) => rendered).filter(({ hook }) => !isTest(hook))
  const [definitions, objects] = [all.filter(isBundledDefinition), all.filter((one) => !isBundledDefinition(one))]
  return { objects: objects.map(({ object }) => object), definitions: definitions.map(({ object }) => object) }
}

/** Nobody runs those of `helm test` here. */
function isTest(hook: Rendered['hook']): boolean {
  return hook?.events.every((event) => event.startsWith('test')) === true
}

/** A custom resource before its definition: helm would fail in the middle of the upgrade. */
export const checkKinds: Check<Desired> = (known) => {
  const { facts, releases } = known
  const own = new Set(releases.flatMap(({ rendered }) => rendered).flatMap(({ object }) => definedKind(object)))
  const unknown = renderedObjects(known).find(
    ({ apiVersion, kind }) =>
      !own.has(kind) && !facts.resources.some((one) => one.apiVersion === apiVersion && one.kind === kind),
  )
  if (unknown === undefined) return []
  const { apiVersion, kind } = unknown
  const message = `the cluster does not know ${kind} (${apiVersion}), which ${nameOf(unknown)} is`
  const hint = kubectl(['api-resources', `--api-group=${apiVersion.split('/')[0] ?? ''}`])
  return [refuse('E_CRD_MISSING', message, { hint, where: nameOf(unknown) })]
}

function definedKind(object: KubeObject): string[] {
  const names = (object['spec'] as { names?: { kind?: string } } | undefined)?.names
  return object.kind === 'CustomResourceDefinition' && names?.kind !== undefined ? [names.kind] : []
}

/** What no node can pull would be found out only when the old pods are gone. */
export const checkImages: Check<Desired> = (known) => {
  const bad = badImages([...renderedObjects(known), ...known.releases.flatMap(hooksOf).map(({ object }) => object)])
  const [first] = bad
  if (first === undefined) return []
  const text = ({ image, by, problem }: BadImage): string =>
    `image "${image}" of ${by} is not a valid image reference: ${problem}`
  const problems = bad.map((one) => ({ message: text(one) }))
  return [refuse('E_IMAGE_REFERENCE', text(first), { hint: forge('render'), where: first.by, problems })]
}

/** How many bytes helm's record of each release takes, about. */
export async function measureRecords(
  { releases, charts }: Desired,
  { signal }: Pick<DeployPorts, 'signal'>,
): Promise<Compared['recordBytes']> {
  const sizes = releases.map(async ({ release: { name, chart }, values, manifest }) => {
    return [name, await charts.recordSize({ chart, values, manifest }, signal)] as const
  })
  return new Map(await Promise.all(sizes))
}

export const checkRecordSizes: Check<Compared> = ({ releases, recordBytes }) => {
  return releases.flatMap(({ release: { name, chart } }) => {
    const bytes = recordBytes.get(name) ?? 0
    if (bytes > RECORD_LIMIT * (1 + RECORD_DOUBT)) {
      const message = `the record that helm keeps of ${name} would take ${Math.round(bytes / 1024)} KiB; a Secret holds 1024`
      return [
        refuse('E_RECORD_SIZE', message, {
          hint: forge('render', '--out', 'rendered'),
          where: chart.from ?? chart.chart,
        }),
      ]
    }
    if (bytes <= RECORD_LIMIT * 0.8) return []
    const share = `${Math.round((bytes / RECORD_LIMIT) * 100)} %`
    const doubt = bytes > RECORD_LIMIT * (1 - RECORD_DOUBT) ? ': it may not fit' : ''
    return [warn(`helm's record of ${name} takes about ${share} of what a Secret holds${doubt}`)]
  })
}

/** What nobody may look at may be lost. */
export const checkLosses: Check<Foreseen> = ({ losses }) => {
  return losses.unknown.map((why) => unchecked('whether data is deleted', why))
}

/**
 * Before anything is touched, in a deploy and in a rollback: old code could not read what the database holds by now.
 * E_SCHEMA_GATE; with `--accept-data-loss` it is a warning.
 */
export const checkSchemas: Check<Opened> = ({ project, databases, deploys, target, options }) => {
  return project.releases.flatMap(({ name, schema, at }) => {
    const database = databases.get(name)
    if (database === undefined || schema === undefined || canRead(schema, database)) return []
    const who = target === undefined ? 'this project' : `#${target.number}`
    const { version, oldestReader } = database
    const what = `${who} has code for schema ${schema.version} of ${name}, and its database is at ${version}, which only ${oldestReader} and newer can read`
    const past = backupBefore(deploys, name, schema.version)
    if (options.acceptDataLoss === true) return [warn(`${what} (--accept-data-loss)`)]
    const env = ['--env', project.environment.name]
    const details = {
      hint: past === undefined ? forge('deploy', ...env) : forge('history', String(past.deploy), ...env),
      where: target === undefined ? `${at.file}:${at.line}` : `release ${name}, schema ${schema.version}`,
      chain: [who, `schema ${schema.version}`, `database at ${version}`],
    }
    const saved = past === undefined ? '' : `; ${pastText(past)}`
    return [refuse('E_SCHEMA_GATE', `${what}${saved}`, details)]
  })
}
