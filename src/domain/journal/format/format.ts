import * as z from 'zod'
import { isMap, type PlainMap } from '../../config/path.ts'
import { parseJson } from '../../json.ts'
import type { JournalEntry } from '../model.ts'
import * as v1 from './v1-entry.ts'
import * as v2 from './v2-entry.ts'

// Read once: a validator compiled for many readings costs more than it saves.
z.config({ jitless: true })

/** `newer`: of a format that this forge does not know; `needs` is the oldest forge that does. */
export type ReadEntry =
  | { readonly kind: 'entry'; readonly entry: JournalEntry }
  | { readonly kind: 'garbled' }
  | { readonly kind: 'newer'; readonly format: number; readonly needs: string | null }

/** By format. What an entry of any format has in common: it is a JSON object, and `v` in it is the number of its format. */
const READERS: ReadonlyMap<number, (document: PlainMap) => JournalEntry | undefined> = new Map([
  [1, v1.read],
  [2, v2.read],
])
const NEWEST = Math.max(...READERS.keys())

/** Reads an entry that this or another forge has stored. */
export function readEntry(text: string): ReadEntry {
  const document = parse(text)
  // The first version of forge did not write it in every entry.
  const { v: format = 1, needs } = document ?? {}
  if (document === undefined || typeof format !== 'number') return { kind: 'garbled' }
  if (format > NEWEST) return { kind: 'newer', format, needs: typeof needs === 'string' ? needs : null }
  const entry = READERS.get(format)?.(document)
  return entry === undefined ? { kind: 'garbled' } : { kind: 'entry', entry }
}

/** The text that is stored, in the newest format. */
export function writeEntry(entry: JournalEntry): string {
  return JSON.stringify(v2.write(entry))
}

function parse(text: string): PlainMap | undefined {
  const value = parseJson(text)
  return isMap(value) ? value : undefined
}
