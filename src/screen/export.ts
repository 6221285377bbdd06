import type { ExportTarget } from '../domain/export/model.ts'
import { counted } from './counted.ts'

interface Exported {
  readonly to: ExportTarget
  readonly files: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  readonly warnings: readonly string[]
}

/** Files that changed, what there is to know about them, and a sentence. */
export function exportRows(
  { files, changed, removed, warnings }: Exported,
  { check, out }: { readonly check: boolean; readonly out: string },
): string[] {
  const rows = [
    ...changed.map((path) => `~ ${path}`),
    ...removed.map((path) => `- ${path}`),
    ...warnings.map((text) => `! ${text}`),
  ]
  return [...rows, sentence(files.length, changed.length + removed.length, check, out)]
}

function sentence(all: number, differing: number, check: boolean, out: string): string {
  if (differing === 0) return `${counted(all, 'file')} in ${out}, no change.`
  if (check) return `${counted(differing, 'file')} of ${all} in ${out} would change. Nothing was written.`
  return `Wrote ${counted(differing, 'change')} of ${counted(all, 'file')} in ${out}.`
}
