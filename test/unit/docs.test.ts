import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { verdictsPage } from '../../scripts/verdicts-page.ts'
import { ERROR_CODES } from '../../src/errors.ts'
import { VERDICT_CODES } from '../../src/verdict-codes.ts'

const ROOT = new URL('../..', import.meta.url).pathname

const page = async (name: string): Promise<string> => await readFile(join(ROOT, 'docs', name), 'utf8')

test('every error code is explained in one of verdicts.md and troubleshooting.md, and nothing else is', async () => {
  const told = [...(await page('troubleshooting.md')).matchAll(/\bE_[A-Z_]+[A-Z]\b/gu)].map(([code]) => code)
  const all = [...new Set(told), ...Object.keys(VERDICT_CODES)]
  expect({
    missing: ERROR_CODES.filter((code) => !all.includes(code)),
    twice: all.filter((code, at) => all.indexOf(code) !== at),
    unknown: all.filter((code) => !ERROR_CODES.includes(code as never)),
  }).toEqual({ missing: [], twice: [], unknown: [] })
})

test('docs/verdicts.md is what node scripts/write-verdicts.ts writes', async () => {
  expect(await page('verdicts.md')).toBe(verdictsPage(VERDICT_CODES))
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

test('a document that a comment cites is in the repository, and so is the heading', async () => {
  const broken: string[] = []
  for (const file of await sources()) {
    const text = joined(await readFile(join(ROOT, file), 'utf8'))
    for (const [, name = '', heading] of text.matchAll(/(?<![\w/.])((?:docs\/)?[a-z-]+\.md)\b(?:, "([^"]+)")?/gu)) {
      const cited = await readFile(join(ROOT, name), 'utf8').catch(() => undefined)
      if (cited === undefined) broken.push(`${file} cites ${name}`)
      else if (heading !== undefined && !headings(cited).some((one) => one.startsWith(heading)))
        broken.push(`${file} cites ${name}, "${heading}"`)
    }
  }
  expect(broken).toEqual([])
})

/** Code whose comments speak of documents; where a test or a page says `x.md`, it means a file of its own making. */
async function sources(): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['src', 'commands', 'bench', 'test/support', 'k8s/sandbox']) {
    const files = await readdir(join(ROOT, folder), { recursive: true })
    found.push(...files.filter((file) => /\.(?:ts|go)$/u.test(file)).map((file) => join(folder, file)))
  }
  return found.filter((file) => !PAGES.includes(file))
}

const PAGES = ['scripts/verdicts-page.ts', 'test/support/rich-chart.ts']

/** A comment may break within what it cites. */
const joined = (text: string): string => text.replaceAll(/\n\s*(?:\*|\/\/) /gu, ' ')

/** Headings, and the words in bold or before a colon that begin a paragraph. */
const headings = (page: string): string[] =>
  [...page.matchAll(/^(?:#+ |\*\*)?([^*\n:]+)/gmu)].map(([, heading = '']) => heading)
