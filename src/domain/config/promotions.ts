import { suggestion } from './nearest.ts'
import type { Places } from './places.ts'
import type { Problem } from './position.ts'
import type { Config } from './schema.ts'

type Environments = Config['environments']

/** `environments.E.promotes` that leads nowhere, or in a circle: what runs in none of them could ever be new. */
export function promotionProblems(environments: Environments, places: Places): Problem[] {
  const names = Object.keys(environments)
  return names.flatMap((name): Problem[] => {
    const from = environments[name]?.promotes
    if (from === undefined) return []
    const at = places.of(['environments', name, 'promotes'])
    const key = `environments.${name}.promotes`
    if (!names.includes(from))
      return [{ message: `${key} names an environment that does not exist: "${from}"${suggestion(from, names)}`, at }]
    const way = wayFrom(name, environments)
    return way.at(-1) === name
      ? [{ message: `${key} leads back to ${name} (${way.join(' → ')}), so no image could ever be new`, at }]
      : []
  })
}

/** Up to the first that comes again, which is the last. */
function wayFrom(start: string, environments: Environments): string[] {
  const way = [start]
  for (let next = environments[start]?.promotes; next !== undefined; next = environments[next]?.promotes) {
    const isCircle = way.includes(next)
    way.push(next)
    if (isCircle) break
  }
  return way
}
