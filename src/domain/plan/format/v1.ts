import * as z from 'zod'
import type { PlainMap } from '../../config/path.ts'
import { SET_FLAGS } from '../../../hint.ts'
import type { PlanBasis, SavedPlan } from '../saved.ts'

const text = z.string()
const texts = z.array(text)
const given = texts.exactOptional()

const ref = z.object({ apiVersion: text, kind: text, namespace: text.exactOptional(), name: text })

/** All that a deploy does not render or read anew. What it does not know it could not keep to, so nothing more may be in it. */
const basis = z.strictObject({
  values: texts,
  set: texts.default([]),
  ...({ 'set-json': given, 'set-string': given, 'set-file': given } satisfies Record<
    Exclude<(typeof SET_FLAGS)[number], 'set'>,
    z.ZodType
  >),
  release: given,
  only: z.boolean().exactOptional(),
  images: z.record(text, text),
  unbuilt: texts.exactOptional(),
  drift: z.strictObject({ policy: text, preserve: texts }),
  adopt: z.literal(true).exactOptional(),
  migration: z
    .strictObject({ from: text.exactOptional(), 'from-live': text.exactOptional(), objects: texts })
    .exactOptional(),
  unkeyed: z.literal(true).exactOptional(),
  releases: z.array(
    z.strictObject({
      name: text,
      latest: text.optional(),
      way: z.enum(['apply', 'patch']),
      objects: z.array(z.strictObject({ object: text, digest: text })),
      frozen: text.optional(),
    }),
  ),
  secrets: z.array(z.strictObject({ name: text, action: text, keys: texts, revision: z.number() })),
  preconditions: z.array(z.strictObject({ ref, uid: text.optional(), state: text })),
})

/** Format 1 of a saved plan. Beside this it holds what `forge plan` showed, which no deploy reads. */
const schema = z.object({
  kind: z.literal('Plan'),
  version: z.literal(1),
  project: text,
  environment: text,
  namespace: text,
  createdAt: text,
  basis,
})

/** `fault`: the part that is not as the format has it; `unknown`: one that it does not have. */
export type Read = { readonly plan: SavedPlan } | { readonly fault: string } | { readonly unknown: string }

export function read(document: PlainMap): Read {
  const { data, error } = schema.safeParse(document)
  if (data === undefined) return faultOf(error)
  const { kind: _kind, version: _version, basis: found, ...place } = data
  const releases = found.releases.map(({ latest, frozen, ...one }) => ({ ...one, latest, frozen }))
  const preconditions = found.preconditions.map(({ uid, ...one }) => ({ ...one, uid }))
  return { plan: { ...place, basis: { ...found, releases, preconditions } } }
}

/** What is stored of it. Throws where it could not be read again. */
export function written(found: PlanBasis): unknown {
  // What is undefined is absent there.
  return basis.parse(JSON.parse(JSON.stringify(found)))
}

function faultOf({ issues: [issue] }: z.ZodError): Read {
  if (issue?.code === 'unrecognized_keys')
    return { unknown: [...issue.path.slice(1), issue.keys[0]].map(String).join('.') }
  const [first, second] = issue?.path ?? []
  return { fault: String((first === 'basis' ? second : first) ?? 'basis') }
}
