const USUAL = 80

/** Of a terminal, which may not know how wide it is (`docker exec -t`): 0 columns then. Undefined: there is none. */
export function widthOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number | undefined {
  return isTTY ? columnsOf({ columns }) : undefined
}

export function columnsOf({ columns }: Pick<NodeJS.WriteStream, 'columns'>): number {
  return columns > 0 ? columns : USUAL
}
