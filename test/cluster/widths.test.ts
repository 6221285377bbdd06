import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere } from '../support/cluster.ts'
import { ROOT } from '../support/forge.ts'
import { forgeOnTerminal } from '../support/terminal.ts'
import { tinyProject } from '../support/tiny.ts'

const WIDTHS = [60, 80, 120] as const
type Width = (typeof WIDTHS)[number]

interface Run {
  readonly namespace: string
  readonly dir: string
  readonly columns: Width
}

/** Names, times and paths of this run become words of the same width, or stand at the end of a line that nothing can break. */
function steady(screen: string, { namespace, dir, columns }: Run): string {
  const asWide = (found: string): string => 'N.Ns'.padStart(found.length)
  return screen
    .replaceAll(dir, 'DIR')
    .replaceAll(namespace, 'NAMESPACE'.padEnd(namespace.length, '-'))
    .replaceAll(/cluster forge-sandbox-\S+\s+namespace/gu, 'cluster CONTEXT   namespace')
    .replaceAll(/export (?:\\\s+)?KUBECONFIG=\S+/gu, 'export KUBECONFIG=PATH')
    .replaceAll(/(evidence|log): .*/gu, '$1: PATH')
    .replaceAll(/ *\b\d+\.\d+s\b/gu, asWide)
    .replaceAll(/\bin \d+\.\d+ s\b/gu, 'in N.N s')
    .replaceAll(/(?:\d+ \w+ ago|just now)(?: +(?= ))?/gu, 'AGO ')
    .replaceAll(/AGO (?=\S)/gu, 'AGO')
    .replaceAll(/WHEN +/gu, 'WHEN  ')
    .replaceAll(/(\d\/\d) +\d+[a-z]/gu, '$1  AGE')
    .replaceAll(/\d{4}-\d\d-\d\d/gu, 'DATE')
    .replaceAll(/\d\d:\d\d:\d\d/gu, 'TIME')
    .replaceAll(/-[0-9a-f]{8,10}(?:-[a-z0-9]{5})?\b/gu, '-HASH')
    .replaceAll(/helm \d+\.\d+\.\d+/gu, 'helm X.Y.Z')
    .replaceAll(/\d+\.\d+\.\d+(?=, \d| answers)/gu, 'X.Y.Z')
    .replaceAll(/^(.*prerequisites .*?) +N\.Ns$/gmu, (_, row: string) => `${row.padEnd(columns - 6)}N.Ns`)
    .replaceAll(/\d+ files/gu, 'NN files')
}

/** `UPDATE_GOLDEN=1` writes the files anew: read the difference before you commit it. */
async function expectGolden(name: string, width: Width, screen: string): Promise<void> {
  const path = join(ROOT, 'test', 'cluster', 'golden', 'widths', `${name}.${width}.golden.txt`)
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, screen)
  expect(screen).toBe(await readFile(path, 'utf8'))
  expect(screen.split('\n').filter((line) => line.length > width)).toEqual([])
}

/** Of doctor: what is said of this machine, which has its own tests. */
function withoutTools(screen: string): string {
  return screen
    .replace(/^tools [^]*?(?=^access )/mu, '')
    .replace(/within \d+ ms/u, 'within N ms')
    .replace(/fail(, 1\s+warning)?(?=$|,)/mu, 'fail')
}

test('every main screen at 60, 80 and 120 columns', async () => {
  const namespace = `golden-${Date.now().toString(36)}`
  const project = await tinyProject(namespace)
  const machine = { NODE_OPTIONS: `--import=${join(ROOT, 'test', 'support', 'known-machine.mjs')}` }
  const screenOf = async (columns: Width, args: readonly string[], cwd = project.dir): Promise<string> => {
    const run = await forgeOnTerminal(args, machine, { columns, cwd })
    return steady((await run.ended()).drawn, { namespace, dir: cwd, columns })
  }
  const screen = async (name: string, columns: Width, args: readonly string[], change = (text: string) => text) =>
    await expectGolden(name, columns, change(await screenOf(columns, [...args, '-e', 'sandbox'])))

  for (const columns of WIDTHS) {
    const empty = await mkdtemp(join(tmpdir(), 'forge-golden-'))
    await writeFile(
      join(empty, 'compose.yaml'),
      'name: shop\nservices:\n  web:\n    image: nginx:1.29\n    ports: ["8080:80"]\n',
    )
    await expectGolden('front-page', columns, await screenOf(columns, [], empty))
    await expectGolden('help', columns, await screenOf(columns, ['--help'], empty))
    await expectGolden('init', columns, await screenOf(columns, ['init', '--yes'], empty))
    await screen('plan-first', columns, ['plan'])
  }
  await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir], machine)
  for (const [at, columns] of WIDTHS.entries()) {
    await project.edit(
      'chart/values.yaml',
      /COLOUR: \w+/u.exec(await project.read('chart/values.yaml'))?.[0] ?? '',
      `COLOUR: c${at}`,
    )
    await screen('plan', columns, ['plan'])
    await screen('deploy', columns, ['deploy'])
    await screen('deploy-failed', columns, ['deploy', '--set', 'image=registry.invalid/web:2'])
    await screen('rollback-plan', columns, ['rollback', '--dry-run'])
    await screen('rollback', columns, ['rollback', '--yes'])
  }
  for (const columns of WIDTHS) {
    await screen('doctor', columns, ['doctor'], withoutTools)
    await screen('status', columns, ['status'])
    await screen('history', columns, ['history'])
    await screen('history-entry', columns, ['history', '3'])
  }
}, 120_000)
