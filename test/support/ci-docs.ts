import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './forge.ts'

export const ciPage = await readFile(join(ROOT, 'docs/ci.md'), 'utf8')
/** Each block of YAML in docs/ci.md, as a reader copies it. */
export const ciBlocks = [...ciPage.matchAll(/^```yaml\n(.*?)^```/gmsu)].map(([, text = '']) => text)

/** The workflow of docs/ci.md with this name. */
export function documentedWorkflow(name: string): string {
  const found = ciBlocks.find((text) => text.startsWith(`name: ${name}\n`))
  if (found === undefined) throw new Error(`docs/ci.md has no workflow ${name}`)
  return found
}
