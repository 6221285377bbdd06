import * as z from 'zod'
import { isMap } from '../../config/path.ts'
import type { Hint } from '../../../hint.ts'
import type { JsonMap } from '../../values/model.ts'

/** What is missing, or of another kind, gets its empty form: so format 1 was read from the beginning. */
const text = z.string().catch('')
const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)
const number = maybe(z.number())
const maybeText = maybe(z.string())
const filtered = <T>(is: (one: unknown) => one is T) => {
  return (value: unknown): T[] => (Array.isArray(value) ? value.filter(is) : [])
}
const texts = z.preprocess(
  filtered((one) => typeof one === 'string'),
  z.array(z.string()),
)
const list = <T extends z.ZodType>(item: T) => z.preprocess(filtered(isMap), z.array(item))

const name = z.string()
const schemaVersion = z.object({ version: z.number(), oldestReader: z.number() })
const position = z
  .object({ file: z.string(), line: z.number(), column: z.number() })
  .catch({ file: 'the journal', line: 1, column: 1 })
const ref = z.object({ apiVersion: name, kind: name, namespace: z.string().exactOptional(), name })

const release = z.object({
  name: text,
  namespace: text,
  revisionBefore: number,
  revisionAfter: number,
  left: maybe(z.enum(['own', 'before'])),
  leftOut: maybe(z.object({ deploy: z.number(), at: z.string() })),
  chart: maybe(z.object({ name, version: z.string(), appVersion: z.string().exactOptional() })),
  images: maybe(z.array(z.string())),
  counts: maybe(z.record(z.string(), z.number())),
  came: maybe(z.array(z.object({ workload: name, mark: name, written: name, came: name }))),
  definitions: maybe(z.array(z.object({ ref, isNew: z.boolean().catch(false), applied: z.string().exactOptional() }))),
  database: maybe(schemaVersion),
})

const secret = z.object({
  name: maybeText,
  revision: number,
  revisionBefore: number,
  rules: maybe(z.record(z.string(), z.enum(['keep', 'refuse']))),
})

const limit = number
const rules = z.object({
  minReadyPercent: limit,
  settleMs: limit,
  crashesAllowed: limit,
  oomKillsAllowed: limit,
  evictionsAllowed: limit,
  unschedulableGraceMs: limit,
  pullGraceMs: limit,
  volumeGraceMs: limit,
  admissionGraceMs: limit,
  quotaGraceMs: limit,
  missingGraceMs: limit,
  statusGraceMs: limit,
  controllerGraceMs: limit,
  unknownErrorGraceMs: limit,
})

/** What was waited for where an entry does not say it: the default of forge.yaml at the time. */
const STAGE_TIMEOUT_MS = 300_000

/** An entry whose releases or stages are malformed cannot be acted upon. */
const configuration = z.object({
  releases: z
    .array(
      z.object({
        name,
        chart: text,
        version: maybeText,
        values: z.custom<JsonMap>(isMap).catch({}),
        schema: maybe(schemaVersion),
        needs: maybe(z.array(z.string())),
      }),
    )
    .default([]),
  stages: z
    .array(
      z.object({
        name,
        wait: z.array(z.string()).default([]),
        optional: z.array(z.string()).default([]),
        timeoutMs: z.number().catch(STAGE_TIMEOUT_MS),
        rules: maybe(rules),
        at: position,
      }),
    )
    .default([]),
  verify: z
    .array(
      z.object({
        kind: z.literal('http'),
        service: z.string(),
        port: z.union([z.number(), z.string()]),
        path: z.string(),
        status: z.number(),
        timeoutMs: z.number(),
        at: position,
      }),
    )
    .default([]),
  protected: maybe(z.boolean()),
})

const hint: z.ZodType<Hint> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.enum(['kubectl', 'helm']), args: z.array(z.string()), namespace: z.string().exactOptional() }),
    z.object({ kind: z.literal('forge'), args: z.array(z.string()) }),
    z.object({ kind: z.literal('program'), argv: z.array(z.string()) }),
    z.object({ kind: z.literal('sequence'), hints: z.array(hint) }),
  ]),
)

/**
 * Format 1 of an entry: what forge wrote before its steps were data. It is frozen. It names no format, or 1. A state that it
 * never had was written by a newer forge.
 */
export const entry = z.object({
  v: z.literal(1).optional(),
  number: z.number(),
  project: text,
  environment: text,
  namespace: text,
  command: text,
  by: text,
  state: z
    .enum(['running', 'deployed', 'rolled-back', 'restored', 'failed', 'interrupted', 'uninstalled'])
    .default('failed'),
  startedAt: text,
  endedAt: maybeText,
  target: number,
  origin: number,
  brought: number,
  changes: maybeText,
  deleted: maybe(z.array(z.string())),
  releases: list(release),
  secrets: list(secret),
  configuration: z.preprocess((value) => (isMap(value) ? value : {}), configuration),
  steps: list(
    z.object({
      name: text,
      outcome: z.enum(['running', 'done', 'skipped', 'failed']).catch('failed'),
      startedAt: text,
      endedAt: maybeText,
      detail: maybeText,
    }),
  ),
  verdict: maybe(
    z.object({
      code: text,
      message: text,
      chain: texts,
      where: maybeText,
      // A line where an older forge wrote it.
      hint: maybe(z.union([hint, z.string().min(1)])),
      log: texts,
    }),
  ),
  omitted: maybe(texts),
})

export type Entry1 = z.output<typeof entry>
