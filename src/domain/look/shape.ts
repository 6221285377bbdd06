import { isMap } from '../config/path.ts'

/** What is none, is an empty one. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {}
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
