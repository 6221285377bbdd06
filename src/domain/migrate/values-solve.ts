/**
 * What stands for each token of a rendered text, so that it becomes the live one: `R:T` is `web:2` with R `web` and T `2`. As
 * few as can be are given another value than they have. Undefined: no values make it.
 */
export function solve(
  text: string,
  current: ReadonlyMap<string, string>,
  live: string,
): ReadonlyMap<string, string> | undefined {
  const tokens = [...new Set(current.keys())].filter((token) => text.includes(token))
  for (let free = 1; free <= tokens.length; free += 1)
    for (const open of choices(tokens, free)) {
      const found = matched(text, open, current, live)
      if (found !== undefined) return found
    }
  return undefined
}

function matched(
  text: string,
  open: readonly string[],
  current: ReadonlyMap<string, string>,
  live: string,
): ReadonlyMap<string, string> | undefined {
  const order: string[] = []
  let pattern = ''
  let rest = text
  while (rest !== '') {
    const next = [...current.keys()]
      .map((token) => ({ token, at: rest.indexOf(token) }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at)[0]
    pattern += escaped(next === undefined ? rest : rest.slice(0, next.at))
    if (next === undefined) break
    const again = order.indexOf(next.token)
    if (!open.includes(next.token)) pattern += escaped(current.get(next.token) ?? '')
    else if (again >= 0) pattern += `\\${again + 1}`
    else {
      order.push(next.token)
      pattern += '(.+)'
    }
    rest = rest.slice(next.at + next.token.length)
  }
  const found = new RegExp(`^${pattern}$`, 'su').exec(live)
  if (found === null) return undefined
  return new Map(order.map((token, at) => [token, found[at + 1] ?? '']))
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
}

function choices(items: readonly string[], count: number): string[][] {
  if (count === 0) return [[]]
  return items.flatMap((item, at) => choices(items.slice(at + 1), count - 1).map((more) => [item, ...more]))
}
