/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(
  'and or unless by without on ignoring group_left group_right offset bool inf nan start end atan2'.split(' '),
)

/** Names of the metrics that an expression reads. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/gu, '')
    .replaceAll(/\{[^}]*\}/gu, ' ')
    .replaceAll(/\[[^\]]*\]/gu, ' ')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/gu, ' ')
  const names = [...bare.matchAll(/(?<![\w.:])([a-zA-Z_:][\w:]*)(?!\w|\s*\()/gu)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => !WORDS.has(name.toLowerCase()))
}

/** Variables of a dashboard put in, as Grafana does: `$name` and `${name}`. Throws for one that is not known. */
export function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/gu, (_, braced: string | undefined, plain: string | undefined) => {
    const value = variables[braced ?? plain ?? '']
    if (value === undefined) throw new Error(`${text} has a variable that is not known: ${braced ?? plain ?? ''}`)
    return value
  })
}
