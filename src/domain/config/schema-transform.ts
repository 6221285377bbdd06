import * as z from 'zod'
import { TRANSFORMS } from './model.ts'
import { scalar, text, texts } from './schema-kit.ts'

const KINDS = ['replace', 'set', 'omit', 'allowed-subnets', 'module'] as const

const RANGE = /^(?:\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}|[0-9a-f:.]*:[0-9a-f:.]*\/\d{1,3})$/iu

const shape = {
  replace: text.optional().describe('Text that is replaced, wherever it stands; it must be there.'),
  with: z.string().optional().describe('With replace: what takes its place.'),
  set: z.record(text, scalar).optional().describe('NAME=value lines that are changed, or added at the end.'),
  omit: texts.optional().describe('NAME=value lines that are left out.'),
  'allowed-subnets': z
    .array(text.regex(RANGE, { error: 'must be a subnet, such as 10.42.0.0/16' }))
    .min(1)
    .optional()
    .describe('pg_hba.conf: address ranges become these subnets.'),
  module: text.optional().describe("An ES module of the project's own that exports the function transform."),
} as const

/** A named transform, one with details, or several in a row. Within an overlay a map may lack parts. */
export function transformSchema(overlay: boolean) {
  const map = z.strictObject(shape)
  const step = z.union([
    z.enum(TRANSFORMS, { error: `must be ${TRANSFORMS.join(', ')}, or a map with ${KINDS.join(', ')}` }),
    overlay
      ? map
      : map.superRefine((value, context) => {
          const fault = faultOf(value)
          if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
        }),
  ])
  return z
    .union([...step.options, z.array(step)])
    .optional()
    .describe('What is done to the text, in this order.')
}

export type StepConfig = NonNullable<Exclude<z.infer<ReturnType<typeof transformSchema>>, readonly unknown[]>>

function faultOf(value: z.infer<z.ZodObject<typeof shape>>): string | undefined {
  const kinds = KINDS.filter((kind) => value[kind] !== undefined)
  if (kinds.length === 0) return `must say what is done: ${[...TRANSFORMS, ...KINDS].join(', ')}`
  if (kinds.length > 1) return `must be one thing, not ${kinds.join(' and ')}; several go in a list`
  if (value.replace !== undefined && value.with === undefined) return 'needs "with" beside "replace"'
  return value.replace === undefined && value.with !== undefined ? 'must not have "with" without "replace"' : undefined
}
