import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { testSandbox } from './sandbox.ts'
import { ROOT } from './forge.ts'

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly steps: readonly { readonly run: string; readonly env: Readonly<Record<string, string>> }[] }
}

export interface ActionRun {
  readonly status: number | undefined
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly temp: string
}

export interface ActionRequest {
  readonly inputs: Readonly<Record<string, string>>
  readonly workspace: string
  /** What GITHUB_EVENT_PATH has. */
  readonly event?: unknown
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the one step of action.yml, by its own script, as a runner does. */
export async function startAction({ inputs, workspace, event = {}, env = {} }: ActionRequest) {
  const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action
  const [step] = action.runs.steps
  const value = (text: string): string =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/u, (_, name: string) => {
      if (name === 'github.action_path') return ROOT
      const input = name.replace(/^inputs\./u, '')
      const found = inputs[input] ?? action.inputs[input]?.default ?? ''
      return found.startsWith('${{') ? 'ghs_default' : found
    })
  const own = Object.fromEntries(Object.entries(step?.env ?? {}).map(([name, text]) => [name, value(text)]))
  const temp = await mkdtemp(join(tmpdir(), 'forge-runner-'))
  for (const file of ['output', 'summary']) await writeFile(join(temp, file), '')
  await writeFile(join(temp, 'event.json'), JSON.stringify(event))
  const { name } = await testSandbox()
  const child = execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? ''], {
    reject: false,
    all: true,
    cwd: workspace,
    env: {
      ...{
        GITHUB_ACTIONS: 'true',
        CI: 'true',
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        RUNNER_TOOL_CACHE: temp,
      },
      ...{ GITHUB_OUTPUT: join(temp, 'output'), GITHUB_STEP_SUMMARY: join(temp, 'summary') },
      ...{ GITHUB_EVENT_PATH: join(temp, 'event.json'), GITHUB_REPOSITORY: 'acme/shop', GITHUB_SHA: 'a'.repeat(40) },
      ...{ GITHUB_RUN_ID: '7', FORGE_SANDBOX: name, ...own, ...env },
    },
  })
  const ended = async (): Promise<ActionRun> => {
    const { exitCode, all } = await child
    const read = async (file: string): Promise<string> => await readFile(join(temp, file), 'utf8')
    return {
      status: exitCode,
      log: all,
      outputs: outputsIn(await read('output')),
      summary: await read('summary'),
      temp,
    }
  }
  return { child, ended }
}

export async function runAction(request: ActionRequest): Promise<ActionRun> {
  return await (await startAction(request)).ended()
}

/** As the runner reads them (actions/runner, FileCommandManager.cs). */
function outputsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)<<(\S+)\n(.*?)\n?\2\n/gmsu)].map(([, name = '', , value = '']) => [name, value]),
  )
}
