import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ERROR_CODES } from '../../src/errors.ts'

const ROOT = new URL('../..', import.meta.url).pathname

test('every error code is explained in docs/troubleshooting.md, and nothing else is', async () => {
  const text = await readFile(join(ROOT, 'docs', 'troubleshooting.md'), 'utf8')
  const told = new Set(text.match(/\bE_[A-Z_]+[A-Z]\b/gu) ?? [])
  expect({
    missing: ERROR_CODES.filter((code) => !told.has(code)),
    unknown: [...told].filter((code) => !ERROR_CODES.includes(code as never)),
  }).toEqual({ missing: [], unknown: [] })
})

test('links between the documents lead somewhere', async () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...(await readdir(join(ROOT, 'docs'))).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
  ]
  const broken: string[] = []
  for (const document of documents) {
    const text = await readFile(join(ROOT, document), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/gu)) {
      const path = join(ROOT, dirname(document), target)
      const found = await readFile(path).catch((error: unknown) =>
        (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'a folder' : undefined,
      )
      if (found === undefined) broken.push(`${document} → ${target}`)
    }
  }
  expect(broken).toEqual([])
})
