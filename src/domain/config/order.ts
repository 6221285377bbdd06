export type Ordered = { readonly order: readonly string[] } | { readonly cycle: readonly string[] }

/** Names so that each comes after what it needs, otherwise in the order given. Needs that are not names are ignored. */
export function orderByNeeds(needs: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (done.has(name)) return undefined
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name]
    for (const needed of needs.get(name) ?? []) {
      const cycle = needs.has(needed) ? visit(needed, [...trail, name]) : undefined
      if (cycle !== undefined) return cycle
    }
    done.add(name)
    order.push(name)
    return undefined
  }
  for (const name of needs.keys()) {
    const cycle = visit(name, [])
    if (cycle !== undefined) return { cycle }
  }
  return { order }
}
