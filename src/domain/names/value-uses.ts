import { nearest } from '../config/nearest.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import { leavesOf, lookUp } from '../values/layers.ts'
import type { JsonMap } from '../values/model.ts'
import type { ChartParts } from './chart-files.ts'

/**
 * What the templates of a chart say of a value, whether or not it is switched on: `named` outright; `perhaps`, where a map
 * around it is handed on and the rest of its name stands somewhere; `no`, as far as reading them can tell.
 */
export type Speaks = 'named' | 'perhaps' | 'no'

export interface ValueUses {
  speaksOf(path: ValuePath): Speaks
  hasDefault(path: ValuePath): boolean
  /** The value that was probably meant. */
  nearest(path: ValuePath): string | undefined
  /** Is there a template that makes such an object? Then it is only switched off. `names`: with and without prefixes. */
  makes(kind: string, names: readonly string[]): boolean
}

interface Use {
  readonly path: readonly string[]
  /** All that is in it is handed on: printed, gone through, merged. */
  readonly whole: boolean
}

const ACTION = /\{\{-?(?!-?\s*\/\*)(.*?)-?\}\}/gsu
const VALUES = /\.Values((?:\.[A-Za-z_]\w*)*)\)?((?:\s+"[^"\\]+")*)/gu
const WHOLE = /\b(?:toYaml|toJson|toRawJson|toPrettyJson|toToml|range|tpl|merge|mergeOverwrite|deepCopy)\b/u
const WORD = /\.([A-Za-z_]\w*)|"([^"\\]+)"/gu

export function valueUses({ parts, closed }: ChartParts): ValueUses {
  const actions = parts.map(({ templates }) => templates.flatMap(actionsOf))
  const uses = parts.flatMap(({ places }, at) => usesOf(actions[at] ?? [], places))
  const words = new Set(actions.flat().flatMap(wordsOf))
  const hasDefault = (path: ValuePath): boolean =>
    parts.some(({ places, defaults }) =>
      places.some((place) => {
        const inside = place.every((name, at) => name === path[at])
        const found = inside ? lookUp(defaults() as JsonMap, path.slice(place.length)) : undefined
        return found !== undefined && found.depth === path.length - place.length
      }),
    )
  const defaultPaths = (): string[] =>
    parts.flatMap(({ places, defaults }) =>
      places.flatMap((place) => leavesOf(defaults() as JsonMap).map((leaf) => showValuePath([...place, ...leaf]))),
    )
  return {
    speaksOf: (path) => (closed.includes(String(path[0])) ? 'perhaps' : speaks(path, uses, words)),
    hasDefault,
    nearest: (path) => {
      const known = [...uses.map((use) => showValuePath(use.path)), ...defaultPaths()].filter((one) => one !== '')
      return nearest(showValuePath(path), [...new Set(known)])
    },
    makes: (kind, names) =>
      closed.length > 0 ||
      parts.some(({ templates }) =>
        templates.flatMap((text) => text.split(/^---/mu)).some((document) => makes(document, kind, names)),
      ),
  }
}

function actionsOf(template: string): string[] {
  return [...template.matchAll(ACTION)].map(([, action = '']) => action)
}

function wordsOf(action: string): string[] {
  return [...action.matchAll(WORD)].map(([, field, text]) => field ?? text ?? '')
}

function usesOf(actions: readonly string[], places: readonly (readonly string[])[]): Use[] {
  return actions.flatMap((action) =>
    [...action.matchAll(VALUES)].flatMap(([, fields = '', quoted = '']): Use[] => {
      const indexed = /\b(?:index|get|hasKey)\s/u.test(action) ? [...quoted.matchAll(/"([^"]+)"/gu)] : []
      const path = [...fields.split('.').slice(1), ...indexed.map(([, name = '']) => name)]
      const whole = WHOLE.test(action)
      const own = places.map((place) => ({ path: [...place, ...path], whole }))
      return path[0] === 'global' ? [...own, { path, whole }] : own
    }),
  )
}

function speaks(path: ValuePath, uses: readonly Use[], words: ReadonlySet<string>): Speaks {
  let found: Speaks = 'no'
  for (const use of uses) {
    const common = Math.min(use.path.length, path.length)
    if (!use.path.slice(0, common).every((name, at) => name === path[at])) continue
    if (use.path.length >= path.length || use.whole) return 'named'
    const rest = path.slice(common).filter((part) => typeof part === 'string')
    if (rest.every((name) => words.has(name))) found = 'perhaps'
  }
  return found
}

/** A document of a template that makes an object of this kind and name, or of a kind or name that it is told. */
function makes(document: string, kind: string, names: readonly string[]): boolean {
  const kinds = [...document.matchAll(/^kind:\s*["']?(\w+|\{\{)/gmu)].map(([, one]) => one)
  if (!kinds.includes(kind) && !kinds.includes('{{')) return false
  // After `name:`, with something before it that the template puts there, or as a text that it is told.
  const before = String.raw`(?:\bname:[ \t]*["']?(?:[^\s,{}]*-|\{\{[^\n]*?\}\}-?)?|")`
  return names.some((name) => new RegExp(`${before}${escape(name)}(?![\\w-])`, 'u').test(document))
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)
}
