import { markup, type Html } from './html.ts'

/** How much of what a page may have without bound is in it. */
export interface Room {
  readonly objects: number
  readonly fields: number
  readonly lines: number
  readonly workloads: number
  /** Entries of any other list. */
  readonly list: number
  /** Letters of a text. */
  readonly text: number
}

/** From the widest to the narrowest: the first that fits is taken. */
export const ROOMS: readonly Room[] = [
  { objects: 200, fields: 40, lines: 60, workloads: 60, list: 200, text: 4_000 },
  { objects: 200, fields: 10, lines: 10, workloads: 60, list: 100, text: 1_000 },
  { objects: 60, fields: 3, lines: 0, workloads: 20, list: 50, text: 300 },
  { objects: 10, fields: 0, lines: 0, workloads: 5, list: 10, text: 200 },
  { objects: 0, fields: 0, lines: 0, workloads: 0, list: 3, text: 100 },
]

/** Bytes of a page. */
export const PAGE_LIMIT = 300_000

/** The page with the first room, from the widest on, in which it has at most its limit. */
export function widestThatFits<T>(rooms: readonly T[], pageIn: (room: T) => string): string {
  let page = ''
  for (const room of rooms) {
    page = pageIn(room)
    if (sizeOf(page) <= PAGE_LIMIT) break
  }
  return page
}

/** In UTF-8, where a letter takes three bytes at most, and one of two units four. */
function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** The first ones, and how many more there are. */
export function listOf<T>(items: readonly T[], most: number, item: (one: T) => Html): Html {
  const left = items.length - most
  return markup`<ul>
    ${items
      .slice(0, most)
      .map((one) => markup`<li>${item(one)}</li> `)}${left > 0 ? markup`<li>and ${left} more</li>` : undefined}
  </ul>`
}

export function cutTo(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
