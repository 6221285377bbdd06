import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ROOT } from '../support/forge.ts'

/** Neither a flag nor a person says them: the action does, and forge's own tests. */
const NOT_FOR_PEOPLE = /^FORGE_(?:ACTION|ARGO|REHEARSAL|TEST)_/u

async function namedIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const file of await readdir(join(ROOT, folder), { recursive: true })) {
    if (!/\.[jt]s$/u.test(file)) continue
    const text = await readFile(join(ROOT, folder, file), 'utf8')
    found.push(...[...text.matchAll(/\bFORGE_[A-Z][A-Z_]*\b/gu)].map(([name]) => name))
  }
  return found
}

test('docs/environment-variables.md has the variables that the sources name, and no others', async () => {
  const named = [...(await namedIn('src')), ...(await namedIn('commands')), ...(await namedIn('bin'))]
  const page = await readFile(join(ROOT, 'docs', 'environment-variables.md'), 'utf8')
  const told = [...page.matchAll(/^\| `(FORGE_[A-Z_]+)` /gmu)].map(([, name = '']) => name)
  expect(told.toSorted()).toEqual([...new Set(named)].filter((name) => !NOT_FOR_PEOPLE.test(name)).toSorted())
})
