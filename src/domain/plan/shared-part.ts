import { isMap } from '../config/path.ts'
import { join, listKeys } from './field-path.ts'

/**
 * Of a live value what the wanted one states too, and so takes over. Of a map, or a list whose items have keys, the rest is left out:
 * stated, an upgrade would take it away; without the map or list a way back would take away all of it.
 */
export function sharedPart(live: unknown, wanted: unknown, path: string): unknown {
  if (isMap(live) && isMap(wanted))
    return Object.fromEntries(
      Object.entries(live).flatMap(([name, value]) =>
        Object.hasOwn(wanted, name) ? [[name, sharedPart(value, wanted[name], join(path, name))] as const] : [],
      ),
    )
  if (!Array.isArray(live) || !Array.isArray(wanted)) return live
  const [keys, other] = [listKeys(path, live), listKeys(path, wanted)]
  if (keys === undefined || other === undefined) return live as unknown
  // An item is one thing: its value and where that comes from exclude each other.
  return live.filter((_, at) => other.includes(keys[at] ?? ''))
}

/** The paths of all that a field stands in, from within. */
export function holdersOf(path: string): string[] {
  const outer = path.replace(/(?:\.(?:'[^']*'|[^.[\]']+)|\[[^\]]*\])$/u, '')
  return outer === path || outer === '' ? [] : [outer, ...holdersOf(outer)]
}
