import { stat } from 'node:fs/promises'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { ChartRef } from '../../ports.ts'
import { chartContent } from './chart-content.ts'
import { unlessItFails } from '../../expected.ts'

/**
 * A values.schema.json may make helm load files and addresses. Of a folder forge has seen it; in a packed chart helm may find one
 * that forge, which reads archives in its own way, does not: there helm (3.16 and newer) checks no values.
 */
export function schemaOptions(
  { major, minor }: { readonly major: number; readonly minor: number },
  untrusted: boolean,
): (chart: ChartRef) => Promise<readonly string[]> {
  const known = new Map<string, Promise<boolean>>()
  return async ({ chart }) => {
    if (!untrusted) return []
    const found = known.get(chart) ?? isPacked(chart)
    known.set(chart, found)
    if (!(await found)) return []
    if (major > 3 || minor >= 16) return ['--skip-schema-validation']
    throw new ForgeError(
      'E_UNTRUSTED',
      `${chart} is packed, and helm ${major}.${minor} may load what its schema names`,
      {
        hint: helm(['version']),
        where: chart,
      },
    )
  }
}

/** It, or a chart within; or it is not of this machine. */
async function isPacked(chart: string): Promise<boolean> {
  if ((await unlessItFails(stat(chart), () => undefined))?.isDirectory() !== true) return true
  return ((await chartContent(chart, { all: true })) ?? []).some(({ name }) => /\.tgz\//u.test(name))
}
