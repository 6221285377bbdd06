import type { Rehearsal } from '../domain/rehearsal/model.ts'
export function rehearsalRows(
  found: Rehearsal,
  _screen: { environment: string; width: number | undefined },
  _here: unknown,
): string[] {
  return [JSON.stringify(found, null, 1)]
}
