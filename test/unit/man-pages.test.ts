import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { commandClasses } from '../support/commands.ts'
import { EXITS, manPages } from '../../scripts/man-pages.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const flags = {
  yes: { name: 'yes', type: 'boolean', char: 'y', description: 'do not ask' },
  file: { name: 'file', type: 'option', helpValue: 'PATH=FILE', description: 'a *file*, or - for `stdin`' },
  old: { name: 'old', type: 'option', hidden: true },
  json: { name: 'json', type: 'boolean', helpGroup: 'GLOBAL', description: 'as data' },
}
const PAGES = manPages({
  manifest: {
    commands: {
      'secrets:apply': {
        id: 'secrets:apply',
        summary: 'Apply them.',
        description: 'First line.\n.second line',
        flags,
        args: { secret: { name: 'secret', required: true, description: 'its name' } },
        examples: ['<%= config.bin %> secrets apply login'],
      },
      gone: { id: 'gone', hidden: true, flags: {}, args: {} },
    },
  },
  topics: { secrets: { description: 'Of secrets.' } },
  groups: ['set up', 'secrets'],
  version: '1.2.3',
  description: 'Deploys.',
})
const textOf = (file: string): string => PAGES.find((one) => one.file === file)?.text ?? ''

test('a page for forge and for each command that is shown', () => {
  expect(PAGES.map(({ file }) => file)).toEqual(['forge.1', 'forge-secrets-apply.1'])
  expect(textOf('forge.1')).toContain(String.raw`\fBforge-secrets-apply\fR(1): Apply them.`)
})

test('a page says what --help says: flags with what they take, arguments, examples', () => {
  const page = textOf('forge-secrets-apply.1')
  expect(page).toMatch(/^\.TH "FORGE-SECRETS-APPLY" "1" .*"forge 1\.2\.3"/mu)
  expect(page).toContain(String.raw`\fB-y\fR, \fB--yes\fR: do not ask`)
  expect(page).toContain(String.raw`\fB--file\fR \fIPATH=FILE\fR: a *file*, or - for ${'`'}stdin${'`'}`)
  expect(page).toContain(String.raw`\fISECRET\fR: its name`)
  expect(page).toContain('$ forge secrets apply login')
  expect(page).not.toContain('--old')
  expect(page.indexOf('"FLAGS"')).toBeLessThan(page.indexOf('"GLOBAL"'))
})

test('no line of a text is taken for a command of the page', () => {
  expect(textOf('forge-secrets-apply.1')).not.toMatch(/^\.second/mu)
})

test('the exit statuses are those of the contract', async () => {
  const [, design = ''] = (await readFile(join(ROOT, 'docs', 'design.md'), 'utf8')).split('## Exit status')
  for (const [status, meaning] of EXITS) {
    const told =
      new RegExp(String.raw`^\| ${status} +\| (?<meaning>.*?) *\|$`, 'mu').exec(design)?.groups?.['meaning'] ?? ''
    expect(told.replaceAll('`', '')).toContain(meaning.replace('forge’s', "forge's").split(';')[0])
  }
})

test('package.json names the page of every command, for npm to put it where man looks', async () => {
  const { man } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { man: string[] }
  const commands = [...(await commandClasses())].filter(([, { hidden }]) => hidden !== true).map(([name]) => name)
  const pages = ['forge', ...commands.map((name) => `forge-${name.replaceAll(' ', '-')}`)]
  expect(man).toEqual(pages.map((name) => `./dist/man/${name}.1`).toSorted())
})
