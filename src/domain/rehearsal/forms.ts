import { isMap, type PlainMap } from '../config/path.ts'

/** Parts of objects by their form: what is not of it is as if it were not there. */
export function mapOf(value: unknown): PlainMap {
  return isMap(value) ? value : {}
}

export function mapsOf(value: unknown): PlainMap[] {
  return Array.isArray(value) ? value.filter(isMap) : []
}
