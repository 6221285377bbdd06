import { forge } from '../../hint.ts'
import { nameOf } from '../kube.ts'
import { list, record } from '../look/shape.ts'
import { textOf } from '../values/text-of.ts'
import { showOrigin } from '../values/why.ts'
import { mistakeIn, type Mistake, type Written, type WrittenRelease } from './mistake.ts'
import { podMakers } from './pods.ts'

/** Temporal 1.24 took the left ones away (https://github.com/temporalio/temporal/issues/6053). */
const NOW_CALLED: ReadonlyMap<string, string> = new Map([
  ['postgres', 'postgres12'],
  ['postgresql', 'postgres12'],
  ['mysql', 'mysql8'],
])

const IN_VALUES = /(?:^|\.)persistence\..*\bsql\.(?:driver|plugin|pluginName)$/u

/** Names of SQL plugins that no Temporal server of today has, in the values of its chart, its configuration and its environment. */
export function oldPlugins(release: WrittenRelease): Mistake[] {
  const { name, origins, objects } = release
  const inValues = [...origins].flatMap(([path, [{ origin, value }]]): Mistake[] => {
    const now = typeof value === 'string' && IN_VALUES.test(path) ? NOW_CALLED.get(value) : undefined
    if (now === undefined) return []
    const where = showOrigin(origin)
    const hint = forge('render', '--release', name, '--why', path)
    return [{ text: `${where}: ${path} is ${textOf(value)}, ${insteadOf(now)}`, where, hint }]
  })
  return inValues.length > 0 ? inValues : objects.flatMap(inObject)
}

const insteadOf = (now: string): string => `which Temporal has no more since 1.24: its SQL plugin is ${now}`

function inObject(written: Written): Mistake[] {
  const { object } = written
  const found = object.kind === 'ConfigMap' ? configured(object['data']) : environmentOf(written)
  return found.flatMap(([at, value]) => {
    const now = NOW_CALLED.get(value)
    if (now === undefined) return []
    return [mistakeIn(written, `${at} of ${nameOf(object)} is ${value}, ${insteadOf(now)}`, forge('render'))]
  })
}

/** The server's own file. */
function configured(data: unknown): [string, string][] {
  return Object.entries(record(data)).flatMap(([key, text]): [string, string][] => {
    if (typeof text !== 'string' || !/^persistence:/mu.test(text)) return []
    const [, plugin] = /^\s*pluginName:\s*["']?(\w+)["']?\s*$/mu.exec(text) ?? []
    return plugin === undefined ? [] : [[`pluginName in ${key}`, plugin]]
  })
}

/** `DB` is read by the images of Temporal's own alone. */
function environmentOf({ object }: Written): [string, string][] {
  return podMakers([object], '').flatMap(({ spec }) =>
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap((container) => {
      const { image, env } = record(container)
      const isTemporal = /(?:^|\/)temporalio\//u.test(String(image))
      return list(env)
        .map(record)
        .filter(({ name }) => name === 'SQL_PLUGIN' || (name === 'DB' && isTemporal))
        .map(({ name, value }): [string, string] => [String(name), String(value)])
    }),
  )
}
