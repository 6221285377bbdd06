import { parseValuePath } from '../config/value-path.ts'

/** `spec.replicas` as JSON has it: `/spec/replicas` (RFC 6901). */
export function pointerOf(field: string): string {
  const parts = parseValuePath(field) ?? [field]
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
