import { parseValuePath, type ValuePath } from '../domain/config/value-path.ts'
import { keyOf, type KubeObject } from '../domain/kube.ts'
import { secretTexts } from '../domain/manifest/secret-texts.ts'
import { isRevealing } from '../domain/redact/ordinary.ts'
import type { Redactor } from '../domain/redact/redactor.ts'
import { leavesOf, lookUp } from '../domain/values/layers.ts'
import type { JsonMap, ReleaseConfiguration } from '../domain/values/model.ts'
import { isSecretPath } from '../domain/values/secret-path.ts'
import { textOf } from '../domain/values/text-of.ts'
import type { Rendered } from '../domain/manifest/parse.ts'
import type { ReleaseRecord } from '../domain/helm/model.ts'

type Conceals = Pick<Redactor, 'conceal'>
type Given = Pick<ReleaseConfiguration, 'origins'>

/**
 * Renders with what the command line gives, and masks of it what is a secret, wherever it would be shown: what its path says to be
 * one (files of --set-file too), before an error of the chart can quote it; what the chart puts into a Secret; and where the
 * chart does not render, so that nobody knows, what no name looks like.
 */
export async function concealing<Rendering>(
  configurations: readonly Given[],
  redactor: Conceals,
  render: () => Promise<{ readonly found: Rendering; readonly objects: readonly KubeObject[] }>,
): Promise<Rendering> {
  const given = configurations.flatMap(givenIn)
  if (given.length === 0) return (await render()).found
  const conceal = (one: { readonly text: string }): void => redactor.conceal(one.text)
  given.filter(({ path, text }) => isSecretPath(parseValuePath(path) ?? [path], text)).forEach(conceal)
  try {
    const { found, objects } = await render()
    const isInSecret = among(objects)
    given.filter(({ text }) => isInSecret(text)).forEach(conceal)
    return found
  } catch (error) {
    given.filter(({ text }) => isRevealing(text)).forEach(conceal)
    throw error
  }
}

interface Recorded {
  readonly before: ReleaseRecord | undefined
  readonly target?: ReleaseRecord
  readonly previous: readonly Pick<Rendered, 'object'>[]
  readonly rendered: readonly Pick<Rendered, 'object'>[]
}

/** The same for what deploys before this one were given: a plan, or the way back, shows what it replaces. */
export function concealRecorded(
  { releases, live }: { readonly releases: readonly Recorded[]; readonly live: ReadonlyMap<string, KubeObject> },
  { redactor }: { readonly redactor: Conceals },
): void {
  for (const { before, target, previous, rendered } of releases) {
    const objects = [...previous, ...rendered].flatMap(({ object }) => {
      const found = live.get(keyOf(object))
      return found === undefined ? [object] : [object, found]
    })
    const isInSecret = among(objects, isRevealing)
    for (const { path, text } of [before, target].flatMap((record) => leaves(record?.config ?? {})))
      if (isSecretPath(path, text) || isInSecret(text)) redactor.conceal(text)
  }
}

/** Shorter ones stand in a longer text by chance. */
const SHORTEST_WITHIN = 6

/** Is this the value of a Secret, or in one and (unlike a host, or a name) nowhere else? */
function among(
  objects: readonly KubeObject[],
  isLong = (text: string): boolean => text.length >= SHORTEST_WITHIN,
): (text: string) => boolean {
  const values = objects.filter(isSecret).flatMap(secretTexts)
  const whole = new Set(values)
  let others: string | undefined
  const isElsewhere = (text: string): boolean => {
    others ??= JSON.stringify(objects.filter((object) => !isSecret(object)))
    return others.includes(JSON.stringify(text).slice(1, -1))
  }
  return (text) =>
    whole.has(text) || (isLong(text) && values.some((value) => value.includes(text)) && !isElsewhere(text))
}

function isSecret({ kind }: KubeObject): boolean {
  return kind === 'Secret'
}

/** What the command line gave; of --set-file what is in the file. */
function givenIn({ origins }: Given): { readonly path: string; readonly text: string }[] {
  return [...origins].flatMap(([path, [{ origin, value }]]) =>
    origin.kind === 'flag' ? [{ path, text: textOf(value) }] : [],
  )
}

/** ConfigMaps of forge.yaml are checked for secrets where they are made. */
function leaves({ configMaps: _, ...config }: Readonly<Record<string, unknown>>): { path: ValuePath; text: string }[] {
  const values = config as JsonMap
  return leavesOf(values).map((path) => ({ path, text: textOf(lookUp(values, path)?.value ?? null) }))
}
