import { fittedAll } from '../screen/fit.ts'

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>

const USUAL = 80
/** Less has no room for columns. */
const NARROWEST = 40
/** The live tree: the steps' names and times, and a little between them; wider lines are hard to follow with the eye. */
const TREE = { least: 60, most: 120 } as const

/** Of a terminal, which may not know how wide it is (`docker exec -t`): 0 columns then. Undefined: there is none. */
export function widthOf({ isTTY, columns }: Stream): number | undefined {
  return isTTY ? columnsOf({ columns }) : undefined
}

export function columnsOf({ columns }: Pick<NodeJS.WriteStream, 'columns'>): number {
  return columns > 0 ? columns : USUAL
}

/** Undefined where it does not know: of 0 rows none would be drawn. */
export function rowsOf({ rows }: Pick<NodeJS.WriteStream, 'rows'>): number | undefined {
  return rows > 0 ? rows : undefined
}

/** For what is drawn in columns also where it goes to a file. */
export function drawnWidth(stream: Stream): number {
  return Math.max(widthOf(stream) ?? USUAL, NARROWEST)
}

export function treeWidth(stream: Pick<NodeJS.WriteStream, 'columns'>): number {
  return Math.min(Math.max(columnsOf(stream), TREE.least), TREE.most)
}

/** Rows as they stand on this stream: over as many lines as they take in a terminal, else each on its own. */
export function fit(rows: readonly string[], stream: Stream): string {
  return fittedAll(rows, widthOf(stream) ?? Number.POSITIVE_INFINITY).join('\n')
}
