import { forge, program } from '../../hint.ts'
import { groupOf, nameOf, type KubeObject } from '../kube.ts'
import { record } from '../look/shape.ts'
import { asData } from '../manifest/as-data.ts'
import { fromBase64 } from '../secrets/plan.ts'
import type { Json } from '../values/model.ts'
import { showOrigin } from '../values/why.ts'
import { leavesOf, mistakeIn, type Mistake, type Written, type WrittenRelease } from './mistake.ts'
import { isBuiltIn, podMakers } from './pods.ts'

/** As a shell and Flux's postBuild write it. What holds white space is a command or a text: there it may be meant. */
const PLACEHOLDER = /^[^\s$]*(\$\{[A-Za-z_]\w{2,}(?::?[-=?+][^{}\s]*)?\})\S*$/u

/** Texts that another program reads. */
const FOR_A_PROGRAM = /(?:^|[.[\]])(?:args?|command|cmd|script|exec|query|expr|template|format)(?:[.[]|$)/iu

/**
 * `${POSTGRES_PASSWORD}` in values and objects, where nobody puts anything in its place: helm and Kubernetes know no such
 * placeholder. A name is told once for each release, where it is written.
 */
export function placeholders(release: WrittenRelease): Mistake[] {
  const told = new Set<string>()
  return [...inValues(release), ...release.objects.flatMap((one) => inObject(one))].filter(({ name }) => {
    const isNew = !told.has(name)
    told.add(name)
    return isNew
  })
}

interface Found extends Mistake {
  readonly name: string
}

const NOBODY = 'and neither helm nor Kubernetes replaces that'

function inValues({ name: release, origins }: WrittenRelease): Found[] {
  return [...origins].flatMap(([path, [{ origin, value }]]) => {
    const name = placeholderIn(path, value)
    if (name === undefined) return []
    const where = showOrigin(origin)
    const text = `${where}: ${path} is ${name} as it stands, ${NOBODY}`
    return [{ name, text, where, hint: forge('render', '--release', release, '--why', path) }]
  })
}

function inObject(written: Written): Found[] {
  const { object, at } = written
  return textsOf(object).flatMap(([path, value]) => {
    const name = placeholderIn(path, value)
    if (name === undefined) return []
    const hint = at === undefined ? forge('render') : program('grep', '--line-number', '--fixed-strings', name, at.file)
    return [{ name, ...mistakeIn(written, `${path} of ${nameOf(object)} is ${name} as it stands, ${NOBODY}`, hint) }]
  })
}

function placeholderIn(path: string, value: Json): string | undefined {
  if (typeof value !== 'string' || FOR_A_PROGRAM.test(path)) return undefined
  return PLACEHOLDER.exec(value)?.[1]
}

/** Secrets, environment and custom resources; files of a ConfigMap may be templates of the program that reads them. */
function textsOf(object: KubeObject): (readonly [string, string])[] {
  if (object.kind === 'Secret' && object.apiVersion === 'v1') return secretTexts(object)
  if (!isBuiltIn(groupOf(object.apiVersion))) return [...leavesOf(object['spec'] as Json, 'spec')]
  return podMakers([object], '').flatMap(({ spec }) =>
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap((container) => {
      const { env = [] } = container as { readonly env?: readonly { readonly name: string; readonly value?: string }[] }
      return env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))
    }),
  )
}

function secretTexts(secret: KubeObject): (readonly [string, string])[] {
  const { data } = asData(secret)
  return Object.entries(record(data)).map(([key, value]) => [
    key,
    typeof value === 'string' ? new TextDecoder().decode(fromBase64(value)) : '',
  ])
}
