import { isMap } from '../config/path.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import { writeYaml } from '../manifest/write-yaml.ts'
import type { Json, JsonMap } from '../values/model.ts'
import { textOf } from '../values/text-of.ts'

/** A value that was found, and the field that it was read from. */
export interface WrittenValue {
  readonly path: string
  readonly object: string
  readonly field: string
  /** Who gave it there; undefined: nobody is noted. */
  readonly by?: string
}

/** A field that stays different, and why. */
export interface LeftField {
  readonly object: string
  readonly field: string
  readonly because: string
}

export interface ValuesFile {
  readonly tree: JsonMap
  readonly written: readonly WrittenValue[]
  readonly left: readonly LeftField[]
  /** What it was made from: `prod, namespace shop`. */
  readonly of: string
}

/** A values file that says where each of its values comes from, and what none of them can say. */
export function valuesText({ tree, written, left, of }: ValuesFile): string {
  const notes = Map.groupBy(written, ({ path }) => path)
  const body = Object.keys(tree).length === 0 ? ['{}'] : block(tree, [], notes)
  const head = `# What runs in ${of}, as values of its chart: from forge migrate-to-helm --write-values`
  const rest = left.map((one) => `#   ${leftText(one)}`)
  const end = rest.length === 0 ? [] : ['', '# No value of the chart says this:', ...rest]
  return `${[head, ...body, ...end].join('\n')}\n`
}

export function leftText({ object, field, because }: LeftField): string {
  return `${field === '' ? object : `${object} ${field}`}: ${because}`
}

function block(tree: JsonMap, above: ValuePath, notes: ReadonlyMap<string, readonly WrittenValue[]>): string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = [...above, name]
    const shown = showValuePath(path)
    const inner = [...notes.keys()].some((one) => one.startsWith(`${shown}.`))
    const indent = '  '.repeat(above.length)
    const comments = notesOf(shown, notes).map((text) => `${indent}# ${text}`)
    if (isMap(value) && inner) return [...comments, `${indent}${keyText(name)}`, ...block(value, path, notes)]
    return [...comments, ...indented(writeYaml({ [name]: value }), indent)]
  })
}

/** Those of a list's items stand above the list. */
function notesOf(shown: string, notes: ReadonlyMap<string, readonly WrittenValue[]>): string[] {
  const own = [...notes].flatMap(([path, some]) => (path === shown || path.startsWith(`${shown}[`) ? some : []))
  const texts = own.map(({ object, field, by }) => {
    return `${`${object} ${field}`.trim()}, live${by === undefined ? '' : ` (${by})`}`
  })
  return [...new Set(texts)]
}

function keyText(name: string): string {
  return writeYaml({ [name]: 0 }).replace(/ 0\n$/u, '')
}

function indented(text: string, indent: string): string[] {
  return text
    .replace(/\n$/u, '')
    .split('\n')
    .map((line) => (line === '' ? line : `${indent}${line}`))
}

/** All texts that a value brings, each with the name that it has there. */
export function textsOf(value: Json, name: string): { readonly name: string; readonly text: string }[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => textsOf(item, name))
  if (!isMap(value)) return value === null ? [] : [{ name, text: textOf(value) }]
  const map = value
  // An item of `env` is called by its name.
  const { name: own } = map
  const called = typeof own === 'string' ? own : undefined
  return Object.entries(map).flatMap(([key, one]) =>
    textsOf(one, key === 'value' && called !== undefined ? called : key),
  )
}
