import { z } from 'zod'

/** `Deployment/web` as data. Without `namespace`: it belongs to the cluster. */
const subject = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
})

const begun = z.strictObject({
  type: z.literal('begun').describe('The run knows what it is about. First event.'),
  command: z
    .string()
    .describe(
      '`deploy`, `plan`, `rollback`, `uninstall`, `recover`, `pause`, `resume`, `backup`, `follow`, `secrets apply`, `secrets rotate`.',
    ),
  project: z.string(),
  environment: z.string(),
  namespace: z.string().describe("The environment's."),
  cluster: z.string().describe('The context; `sandbox` for the sandbox.'),
})

const step = z.strictObject({
  type: z.literal('step').describe('A step of the run has begun, or has ended.'),
  name: z.string(),
  index: z.int().describe('From 1; 0: it has no number (evidence, rollback).'),
  total: z.int(),
  state: z.enum(['running', 'done', 'skipped', 'failed']),
  seconds: z.number().optional().describe('Of one that has ended.'),
  text: z.string().optional().describe('What it found, for people; its words may change.'),
})

const workload = z.strictObject({
  type: z.literal('workload').describe('A workload stands otherwise than before: another state, reason or count.'),
  stage: z.string(),
  subject,
  way: z.enum(['there', 'back']).describe('`back`: during the rollback.'),
  state: z.enum(['progressing', 'ready', 'paused', 'failed']),
  ready: z.int().optional().describe('Pods that count, of `wanted`; absent where none are counted.'),
  wanted: z.int().optional(),
  code: z.string().optional().describe('Of one that has failed: the code of docs/verdicts.md.'),
  chain: z.array(z.string()).optional().describe('From the workload to the container at fault.'),
  text: z.string().describe('The reason, for people; its words may change.'),
})

const operation = z.strictObject({
  type: z.literal('operation').describe('Something is about to be written, or was. The journal has the same.'),
  operation: z.string().describe('As the journal names it: `upgrade`, `return`, `write-secrets`, …'),
  release: z.string().optional().describe('Of one that is about a release.'),
  state: z.enum(['running', 'done', 'skipped', 'failed']),
})

const line = z.strictObject({
  type: z.literal('line').describe('A line of a log that the screen shows, or of a build.'),
  source: z.string().describe('Pod, hook or image.'),
  text: z.string(),
})

const ended = z.strictObject({
  type: z.literal('ended').describe('Last event: what became of the run.'),
  outcome: z.enum([
    'deployed',
    'unchanged',
    'planned',
    'rolled-back',
    'restored',
    'failed',
    'refused',
    'interrupted',
    'uninstalled',
    'paused',
    'resumed',
    'backed-up',
    'rehearsed',
    'would-fail',
    'applied',
    'unknown',
  ]),
  deploy: z.int().nullable().describe('Its number; null: none was taken.'),
  code: z.string().nullable().describe('Why it did not reach its end; null: it did.'),
  message: z.string().nullable(),
  chain: z.array(z.string()),
  where: z.string().nullable(),
  hint: z.string().nullable().describe('The command to go on with.'),
})

const event = z.discriminatedUnion('type', [begun, step, workload, operation, line, ended])

const stamp = {
  v: z.literal(1),
  seq: z.int().describe('From 1, without a gap.'),
  at: z.iso.datetime().describe('UTC.'),
}

/** A line of `--events FILE`. */
export const eventSchema = z.discriminatedUnion('type', event.options.map((one) => one.extend(stamp)) as never)

export type DeployEvent = z.infer<typeof event>

export function eventsJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(eventSchema),
    $id: 'https://api-forge.io/schema/events.v1.json',
    title: 'A line of forge deploy --events FILE',
  }
}
