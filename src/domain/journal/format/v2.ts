import * as z from 'zod'
import { isMap } from '../../config/path.ts'
import type { Hint } from '../../../hint.ts'
import type { JsonMap } from '../../values/model.ts'
import { planned, times } from './v2-report.ts'
import { step } from './v2-steps.ts'

const text = z.string()
const number = z.number()
const texts = z.array(text)

const schemaVersion = z.object({ version: number, oldestReader: number })
const position = z.object({ file: text, line: number, column: number })
const ref = z.object({ apiVersion: text, kind: text, namespace: text.exactOptional(), name: text })

const release = z.object({
  name: text,
  namespace: text,
  revisionBefore: number.exactOptional(),
  revisionAfter: number.exactOptional(),
  left: z.enum(['own', 'before']).exactOptional(),
  leftOut: z.object({ deploy: number, at: text }).exactOptional(),
  chart: z
    .object({
      name: text,
      version: text,
      appVersion: text.exactOptional(),
      plain: z.object({ objects: z.number(), from: z.array(text) }).exactOptional(),
    })
    .exactOptional(),
  checkouts: z
    .array(z.object({ folder: text, commit: text.exactOptional(), isChanged: z.literal(true).exactOptional() }))
    .exactOptional(),
  images: texts.exactOptional(),
  counts: z.record(text, number).exactOptional(),
  came: z.array(z.object({ workload: text, mark: text, written: text, came: text })).exactOptional(),
  definitions: z.array(z.object({ ref, isNew: z.boolean(), applied: text.exactOptional() })).exactOptional(),
  takes: z.array(z.object({ from: text, namespace: text, objects: z.array(ref) })).exactOptional(),
  database: schemaVersion.exactOptional(),
})

const secret = z.object({
  name: text,
  revisionBefore: number.exactOptional(),
  revision: number,
  rules: z.record(text, z.enum(['keep', 'refuse'])).exactOptional(),
})

const home = z.object({
  name: text,
  path: text,
  keys: texts,
  version: number.exactOptional(),
  versionBefore: number.exactOptional(),
  rules: z.record(text, z.enum(['keep', 'refuse'])).exactOptional(),
})

const backup = z.object({
  name: text,
  from: text,
  object: text,
  id: text,
  at: text,
  before: texts,
  fresh: z.literal(true).exactOptional(),
})

const limit = number.exactOptional()
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

const configuration = z.object({
  releases: z.array(
    z.object({
      name: text,
      chart: text,
      version: text.exactOptional(),
      values: z.custom<JsonMap>(isMap),
      schema: schemaVersion.exactOptional(),
      needs: texts.exactOptional(),
    }),
  ),
  stages: z.array(
    z.object({
      name: text,
      wait: texts,
      optional: texts,
      timeoutMs: number,
      rules: rules.exactOptional(),
      at: position,
    }),
  ),
  verify: z.array(
    z.object({
      kind: z.literal('http'),
      service: text,
      port: z.union([number, text]),
      path: text,
      status: number,
      timeoutMs: number,
      at: position,
    }),
  ),
  components: z.record(text, text).exactOptional(),
  protected: z.boolean().exactOptional(),
})

/** A hint as `src/hint.ts` has it, but for what was typed: the journal does not keep that. */
const hint: z.ZodType<Hint> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.enum(['kubectl', 'helm']), args: texts, namespace: text.exactOptional() }),
    z.object({ kind: z.literal('forge'), args: texts }),
    z.object({ kind: z.literal('program'), argv: texts }),
    z.object({ kind: z.literal('sequence'), hints: z.array(hint) }),
  ]),
)

const verdict = z.object({
  code: text,
  message: text,
  chain: texts,
  where: text.exactOptional(),
  hint: z.union([hint, text]).exactOptional(),
  log: texts,
})

/**
 * Format 2 of an entry. A field may be added to it, if a forge that does not know it may go on without it: it stores it again
 * as it was. A state, an operation, or a field that must be understood makes a new format, once a forge that writes this one is
 * published.
 */
export const entry = z.object({
  v: z.literal(2),
  /** The oldest forge that reads this format: one that does not can say so. */
  needs: text,
  number,
  project: text,
  environment: text,
  namespace: text,
  command: text,
  by: text,
  state: z.enum([
    'running',
    'deployed',
    'rolled-back',
    'restored',
    'failed',
    'interrupted',
    'uninstalled',
    'paused',
    'resumed',
  ]),
  kind: z.enum(['pause', 'resume']).exactOptional(),
  startedAt: text,
  endedAt: text.exactOptional(),
  target: number.exactOptional(),
  origin: number.exactOptional(),
  brought: number.exactOptional(),
  changes: text.exactOptional(),
  deleted: texts.exactOptional(),
  releases: z.array(release),
  secrets: z.array(secret),
  vault: z.array(home).exactOptional(),
  configuration,
  backups: z.array(backup).exactOptional(),
  verified: z.literal(true).exactOptional(),
  steps: z.array(step),
  planned: planned.exactOptional(),
  times: times.exactOptional(),
  evidence: text.exactOptional(),
  verdict: verdict.exactOptional(),
  omitted: z.array(z.enum(['values', 'log'])).exactOptional(),
})

/** An entry as it is stored. */
export type Entry2 = z.output<typeof entry>
