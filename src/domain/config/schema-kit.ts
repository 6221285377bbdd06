import * as z from 'zod'
import { parseQuantity } from '../quantity.ts'
import { DURATION, parseDuration } from './duration.ts'
import { sourceMap } from './schema-source.ts'

// Read once: a validator compiled for many readings costs more than it saves.
z.config({ jitless: true })

export const text = z.string().min(1, { error: 'must not be empty' })
export const texts = z.array(text)
export const flag = z.boolean()
export const scalar = z.union([z.string(), z.number(), z.boolean()])
export const wholeNumber = z.int({ error: 'must be a whole number' })

const named = (max: number, pattern: RegExp, error: string) => z.string().max(max, { error }).regex(pattern, { error })

export const label = named(
  50,
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/u,
  'must be lower-case letters, digits and dashes, at most 50',
)
export const objectName = named(
  253,
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u,
  'must be a Kubernetes name: lower-case letters, digits, dashes and dots',
)
/** A letter first: keys that are numbers would lose their place in the order. */
export const stageName = named(
  50,
  /^[a-z][-a-z0-9]*$/u,
  'must start with a letter and hold lower-case letters, digits and dashes',
)
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export const labelKey = named(
  317,
  /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/u,
  'must be the key of a label, such as team or pod-security.kubernetes.io/enforce',
)
export const labelValue = named(
  63,
  /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/u,
  'must be the value of a label: text of at most 63 letters, digits, dashes, dots and underscores',
)
export const dataKey = named(
  253,
  /^(?!\.\.?$)[-._a-zA-Z0-9]+$/u,
  'must hold letters, digits, dashes, dots and underscores only',
)
export const workload = named(
  320,
  /^[A-Z][A-Za-z0-9]*(\.[a-z0-9.-]+)?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u,
  'must be Kind/name, such as Deployment/app',
)
export const backupSource = named(
  320,
  /^(?:ScheduledBackup|CronJob)\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u,
  'must be ScheduledBackup/NAME (of CloudNativePG) or CronJob/NAME',
)
export const preserved = named(
  500,
  /^[A-Z][A-Za-z0-9]*\/[^:\s]+:\S+$/u,
  'must be Kind/name:field, such as Deployment/worker:spec.replicas',
)
export const definitionName = named(
  300,
  /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/v\d\w*)?$/u,
  'must be plural.group, such as certificates.cert-manager.io',
)
export const operatorName = named(
  320,
  /^(?:[a-z0-9-]+\/)?[a-z0-9][-a-z0-9.]*$/u,
  'must be NAME or NAMESPACE/NAME of its workload, such as cnpg-system/cnpg-controller-manager',
)
export const serviceAddress = named(
  320,
  /^(?:[a-z0-9-]+\/[a-z0-9-]+|[a-z0-9-]+(?:\.[a-z0-9-]+(?:\.svc(?:\.[a-z0-9.-]+)?)?)?)(?::[a-z0-9-]+)?$/u,
  'must be NAME, NAME:PORT, NAME.NAMESPACE:PORT or NAMESPACE/NAME:PORT, such as temporal-frontend.temporal:7233',
)
export const argumentName = named(
  253,
  /^[A-Za-z_]\w*$/u,
  'must be a name as variables have it: letters, digits and underscores',
)
export const secretId = named(253, /^[\w.-]+$/u, 'must hold letters, digits, dashes, dots and underscores only')
export const vaultPath = named(
  500,
  /^\/?[^\s/]+(?:\/[^\s/]+)+\/?$/u,
  'must be a path in a KV engine of Vault, such as secret/shop/app',
)
export const platformName = named(
  100,
  /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/u,
  'must be a platform, such as linux/amd64 or linux/arm/v7',
)
export const duration = z
  .string({ error: 'must be a duration, such as 3m or 90s' })
  .refine((value) => parseDuration(value) !== undefined, { error: 'must be a duration, such as 3m, 90s or 1h30m' })
  .meta({ pattern: DURATION.source })

const quantity = (error: string, isFit: (amount: number) => boolean) =>
  z.union([z.string(), z.number()], { error }).refine((value) => isFit(parseQuantity(value) ?? Number.NaN), { error })
/** What nobody has is a slip of the unit. */
export const cores = quantity('must be a number of cores, such as 8.5 or 8500m', (cpu) => cpu > 0 && cpu < 1e6)
export const bytes = quantity(
  'must be a number of bytes with its unit, such as 8.5Gi or 512M',
  (memory) => memory >= 1e6,
)

export const rollback = z
  .enum(['restore', 'keep', 'refuse'])
  .optional()
  .describe('What a rollback does with the key: restore, keep (its other half lives elsewhere) or refuse.')
export const optional = flag.optional().describe('A missing source leaves the key out.')

export type Kit = ReturnType<typeof kitFor>

/**
 * How sections are built: as the project has them, or (`overlay`) as an environment has them, where all may be absent and
 * null removes an entry. Both have one type: what an overlay left out, the project's section holds once they are merged.
 */
export function kitFor(overlay: boolean) {
  return {
    overlay,
    object: <S extends z.core.$ZodLooseShape>(shape: S) =>
      z.strictObject((overlay ? Object.fromEntries(Object.entries(shape).map(withNull)) : shape) as S),
    entries: <K extends z.ZodString, V extends z.ZodType>(key: K, value: V) =>
      z.record(key, (overlay ? value.nullable() : value) as V),
    needed: <V extends z.ZodType>(value: V) => (overlay ? value.optional() : value) as V,
    source: <T extends z.core.$ZodLooseShape>(extra: T) => z.union([text, sourceMap(extra, overlay)]),
    sourceMap: <T extends z.core.$ZodLooseShape>(extra: T) => sourceMap(extra, overlay),
  }
}

/** Its description stays where editors look for it. */
function withNull([key, value]: [string, z.ZodType]): [string, z.ZodType] {
  const { description } = value
  return [key, description === undefined ? value.nullable() : value.nullable().describe(description)]
}
