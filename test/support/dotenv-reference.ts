import { parse } from 'dotenv'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'

export interface Lost {
  readonly text: string
  readonly key: string
  readonly line: string | undefined
}

/** The keys of a file that the dotenv package returns and forge does not see, or sees on a line that does not name them. */
export function lostKeys(text: string): Lost[] {
  const { entries } = readDotenv(text, '.env')
  const lines = text.split(/\r\n?|\n/u)
  return Object.entries(parse(text)).flatMap(([key, value]) => {
    const entry = entries.get(key)
    const line = lines[(entry?.at.line ?? 0) - 1]
    // What holds variables is put together anew, and held against dotenv-expand elsewhere.
    const isSame = entry?.value === value || value.includes('$')
    return entry !== undefined && isSame && line?.includes(key) === true ? [] : [{ text, key, line }]
  })
}
