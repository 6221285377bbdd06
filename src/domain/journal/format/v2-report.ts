import * as z from 'zod'

const text = z.string()
const number = z.number()
const time = text.exactOptional()

const trouble = z.object({ at: text, container: text.exactOptional(), reason: text, message: text.exactOptional() })

const pod = z.object({
  name: text,
  node: text.exactOptional(),
  createdAt: text,
  scheduledAt: time,
  initializedAt: time,
  startedAt: time,
  readyAt: time,
  goneAt: time,
  restarts: number.exactOptional(),
  troubles: z.array(trouble).exactOptional(),
})

/** When what happened: read by nothing that decides. */
export const times = z.object({
  steps: z.array(
    z.object({
      name: text,
      outcome: z.enum(['done', 'skipped', 'failed']),
      startedAt: text,
      seconds: number,
      isStage: z.literal(true).exactOptional(),
    }),
  ),
  workloads: z.array(
    z.object({
      stage: text,
      kind: text,
      name: text,
      namespace: text.exactOptional(),
      readyAt: time,
      failedAt: time,
      backAt: time,
      reason: text.exactOptional(),
      pods: z.array(pod),
      morePods: number.exactOptional(),
    }),
  ),
  more: number.exactOptional(),
})

const field = z.object({
  field: text,
  text,
  lines: z.array(text).exactOptional(),
  at: text.exactOptional(),
  isCut: z.literal(true).exactOptional(),
})

/** What it was to change, in words. */
export const planned = z.object({
  restarts: z.array(z.object({ workload: text, because: z.array(text) })),
  objects: z.array(
    z.object({
      object: text,
      release: text,
      action: text,
      because: text.exactOptional(),
      fields: z.array(field),
      more: number.exactOptional(),
    }),
  ),
  more: number.exactOptional(),
})
