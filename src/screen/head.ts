/** What a command is about, as its first line names it. */
export interface Head {
  readonly project: string
  readonly environment: string
  readonly cluster?: string
  readonly namespace: string
}

const GAP = ' '.repeat(3)
/** The head of a command, of a deploy in the history, and of `forge status`. */
const HEAD = /^(?:\S+ → \S+|#\d+ {2}.+?|cluster \S.*?) {3}(?=\S)/u
const INDENT = ' '.repeat(4)

/** `api-forge → prod   cluster prod-eu   namespace api-forge-prod` */
export function headRow({ project, environment, cluster, namespace }: Head): string {
  const where = cluster === undefined ? [] : [`cluster ${cluster}`]
  return [`${project} → ${environment}`, ...where, `namespace ${namespace}`].join(GAP)
}

/** Such a line, broken between its parts alone; undefined where it is none. */
export function headLines(row: string, width: number): string[] | undefined {
  if (!HEAD.test(row)) return undefined
  const [first = '', ...rest] = row.split(GAP)
  const beside = ' '.repeat(first.length + GAP.length)
  const indent = rest.every((part) => beside.length + part.length <= width) ? beside : INDENT
  return rest.reduce<string[]>(
    (lines, part) => {
      const line = lines.at(-1) ?? ''
      const longer = `${line}${GAP}${part}`
      return longer.length <= width ? [...lines.slice(0, -1), longer] : [...lines, `${indent}${part}`]
    },
    [first],
  )
}
