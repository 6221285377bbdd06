import * as z from 'zod'
import { SOURCE_DETAILS, SOURCE_KINDS, SOURCES, type SourceKind } from '../sources/sources.ts'
import type { SourceDetail } from '../sources/source-type.ts'

const text = z.string().min(1, { error: 'must not be empty' })

const sourceShape = {
  file: text.optional().describe('A file, with exactly the bytes that it has.'),
  trim: z
    .enum(['newline', 'none'])
    .optional()
    .describe('With file or sops: newline takes final newlines away; none says that they belong to the value.'),
  yaml: text.optional().describe('A YAML file; `path` names the value inside.'),
  path: text.optional().describe('With yaml or sops: the path of the value, such as config.redis.enabled.'),
  env: text.optional().describe('An environment variable of forge itself.'),
  dotenv: text.optional().describe('A dotenv file; `name` names the entry.'),
  name: text.optional().describe('With dotenv: the name of the entry.'),
  command: z
    .union([
      text.regex(/^\S+$/u, { error: 'with arguments must be a list, such as [pass, show, db]: no shell splits it' }),
      z.array(text).min(1, { error: 'must name a program' }),
    ])
    .optional()
    .describe('A program and its arguments, run in the project folder without a shell; its stdout is the value.'),
  sops: text.optional().describe('A file that sops encrypted; with `path`, one value of it.'),
  vault: text
    .optional()
    .describe('A path of a KV engine of Vault or OpenBao, such as secret/shop/app; `key` names the value.'),
  key: text.optional().describe('With vault: the name of the value at that path.'),
  literal: z.unknown().optional().describe('The value itself. Not for secrets.'),
} as const satisfies Record<SourceKind | SourceDetail, z.ZodType>

type SourceShape = { [K in keyof typeof sourceShape]?: z.infer<(typeof sourceShape)[K]> }

/** A source as a map, with what the place where it stands adds. In an overlay parts of it may be absent. */
export function sourceMap<T extends z.core.$ZodLooseShape>(
  extra: T,
  overlay: boolean,
): z.ZodObject<typeof sourceShape & T, z.core.$strict> {
  const map = z.strictObject({ ...sourceShape, ...extra }) as z.ZodObject<typeof sourceShape & T, z.core.$strict>
  if (overlay) return map
  return map.meta({ oneOf: SOURCE_KINDS.map((kind) => ({ required: [kind] })) }).superRefine((value, context) => {
    for (const message of sourceFaults(value as SourceShape)) context.addIssue({ code: 'custom', message })
  })
}

function sourceFaults(source: SourceShape): string[] {
  const kinds = SOURCE_KINDS.filter((kind) => Object.hasOwn(source, kind))
  const [kind, second] = kinds
  if (kind === undefined) return [`must say where the value comes from: ${SOURCE_KINDS.join(', ')}`]
  if (second !== undefined) return [`must have one kind of source, not both ${kind} and ${second}`]
  const { details, needs } = SOURCES[kind]
  const has = (detail: SourceDetail): boolean => source[detail] !== undefined
  return [
    ...needs.filter((detail) => !has(detail)).map((detail) => `needs "${detail}" beside "${kind}"`),
    ...SOURCE_DETAILS.filter((detail) => has(detail) && !details.includes(detail)).map(
      (detail) => `must not have "${detail}" beside "${kind}"`,
    ),
  ]
}
