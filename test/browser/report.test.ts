import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { indexOf, listed, many } from '../support/history-pages.ts'
import { DEPLOYED, HOSTILE, hostileEntry, hugeEntry, OLD, pageOf, RESTORED } from '../support/report-pages.ts'

/** `FORGE_TEST_CHROMIUM`, else Debian's. Screenshots stay in FORGE_TEST_SCREENSHOTS, to be looked at. */
const CHROMIUM = process.env['FORGE_TEST_CHROMIUM'] ?? 'chromium'
const SHOTS = process.env['FORGE_TEST_SCREENSHOTS']
const SCHEMES = { dark: 0, light: 1 } as const

const PAGES = {
  deployed: pageOf(DEPLOYED),
  restored: pageOf(RESTORED),
  old: pageOf(OLD),
  hostile: pageOf(hostileEntry()),
  huge: pageOf(hugeEntry()),
  history: indexOf(many(300)),
  'history-hostile': indexOf(listed([hostileEntry(), OLD]), {
    project: HOSTILE,
    environment: HOSTILE,
    unread: [HOSTILE],
  }),
} as const
type Name = keyof typeof PAGES

const run = promisify(execFile)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-pages-'))
  for (const [name, one] of Object.entries(PAGES)) await writeFile(join(folder, `${name}.html`), one)
})

afterAll(async () => await rm(folder, { recursive: true, force: true }))

interface Looked {
  readonly stdout: string
  readonly stderr: string
}

async function look(
  file: string,
  scheme: keyof typeof SCHEMES,
  width: number,
  ...more: readonly string[]
): Promise<Looked> {
  return await run(
    CHROMIUM,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--enable-logging=stderr', '--v=0'],
      // Whatever it asks for goes nowhere, and is told.
      ...['--proxy-server=127.0.0.1:9', `--user-data-dir=${join(folder, 'profile')}`, '--force-device-scale-factor=1'],
      ...[`--window-size=${width},1600`, `--blink-settings=preferredColorScheme=${SCHEMES[scheme]}`],
      ...more,
      `file://${file}`,
    ],
    { maxBuffer: 64 * 1024 * 1024, timeout: 80_000 },
  )
}

/** The page as it is, with a program in it that its policy would not let run. */
async function withProgram(name: Name, program: string): Promise<string> {
  const text = await readFile(join(folder, `${name}.html`), 'utf8')
  const free = text.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/u, '')
  expect(free).not.toBe(text)
  const file = join(folder, `${name}-examined.html`)
  await writeFile(
    file,
    free.replace('</body>', () => `<script>${program}</script></body>`),
  )
  return file
}

async function answerOf(file: string, scheme: keyof typeof SCHEMES, width: number): Promise<unknown> {
  const { stdout } = await look(file, scheme, width, '--virtual-time-budget=60000', '--dump-dom')
  const [, found] = /<body[^>]*data-answer="([^"]*)"/u.exec(stdout) ?? []
  return JSON.parse(
    (found ?? 'null')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  )
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const EXAMINE = `
document.querySelectorAll('details').forEach((one) => { one.open = true })
axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => {
  const found = violations.map(({ id, nodes }) => ({ id, where: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)) }))
  document.body.dataset.answer = JSON.stringify(found)
})`
const MEASURE = `
const root = document.documentElement
document.body.dataset.answer = JSON.stringify({ wide: root.scrollWidth > root.clientWidth, scripts: document.scripts.length })`

describe.each(Object.keys(PAGES) as Name[])('%s', (name) => {
  test.each(['light', 'dark'] as const)('has nothing that axe-core finds, in %s', async (scheme) => {
    const file = await withProgram(name, `${await readFile(AXE, 'utf8')};${EXAMINE}`)
    expect(await answerOf(file, scheme, 900)).toEqual([])
  })

  test.each([400, 900, 1400])('fits into %i pixels', async (width) => {
    expect(await answerOf(await withProgram(name, MEASURE), 'light', width)).toEqual({ wide: false, scripts: 1 })
  })

  test('is shown by its own policy without a complaint, and without a request', async () => {
    const { stdout, stderr } = await look(join(folder, `${name}.html`), 'light', 900, '--dump-dom')
    expect(stdout).toContain('</footer>')
    expect(stderr.split('\n').filter((line) => line.includes('CONSOLE'))).toEqual([])
    expect(stderr).not.toContain('evil.test')
  })
})

test.each(
  (['deployed', 'restored', 'hostile', 'history', 'history-hostile'] as const).flatMap((name) =>
    [400, 900, 1400].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [name, width, scheme] as const)),
  ),
)('%s is drawn at %i pixels in %s', async (name, width, scheme) => {
  const shots = SHOTS ?? folder
  await mkdir(shots, { recursive: true })
  const file = join(shots, `${name}-${width}-${scheme}.png`)
  await look(join(folder, `${name}.html`), scheme, width, `--screenshot=${file}`)
  expect((await readFile(file)).length).toBeGreaterThan(10_000)
})
