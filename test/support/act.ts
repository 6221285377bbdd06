import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'
import { ROOT } from './forge.ts'
import type { TestProject } from './project.ts'

const ACT = { module: 'github.com/nektos/act', version: 'v0.2.89', takes: 'two minutes' }

/** A line of `act --json`; what a step prints, and what the runner obeys. */
interface ActLine {
  readonly msg?: string
  readonly job?: string
  readonly step?: string
  /** Of the workflow, then of the action within it. */
  readonly stepID?: readonly string[]
  readonly stage?: string
  readonly stepResult?: string
  readonly jobResult?: string
  readonly jobID?: string
  readonly command?: string
  readonly arg?: string
  readonly name?: string
  readonly raw?: string
  readonly raw_output?: boolean
  readonly content?: string
}

export interface ActRun {
  readonly status: number | undefined
  readonly lines: readonly ActLine[]
  /** All that the steps have printed. */
  readonly log: string
  /** `deploy`: `success`; only of jobs that have run. */
  readonly jobs: Readonly<Record<string, string>>
  /** `staging/forge`: `failure`; only of steps that have run. */
  readonly steps: Readonly<Record<string, string>>
  /** Of a step: `prod/forge`. */
  outputs(step: string): Readonly<Record<string, string>>
}

export interface ActRequest {
  readonly event: 'push' | 'pull_request' | 'schedule'
  readonly payload?: unknown
  readonly env?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  readonly job?: string
}

/** To be waited for before a test begins: it is built once. */
export async function act(): Promise<string> {
  return await goProgram(ACT)
}

/** What a release publishes for `uses: api-forge/forge@v1`: the package, as npm has it. */
export async function releasedAction(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-released-'))
  // Built by the command that runs these tests.
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  const [archive = ''] = await readdir(folder)
  await execa('tar', ['-xzf', archive], { cwd: folder })
  return join(folder, 'package')
}

const NOTHING = "runs: { using: composite, steps: [{ shell: bash, run: 'true' }] }\n"

/** Where an uploaded artifact is said to be. */
export const ARTIFACT_URL = 'https://github.invalid/acme/shop/actions/runs/7/artifacts/1'

/** As the runners of GitHub have them; here a folder in between is enough. */
const OTHERS: Readonly<Record<string, string>> = {
  'actions/upload-artifact': `inputs: { name: { default: artifact }, path: { required: true }, if-no-files-found: { default: warn } }
outputs: { artifact-url: { value: '${ARTIFACT_URL}' } }
runs:
  using: composite
  steps:
    - { shell: bash, run: 'mkdir -p "$TO"; if [ -d "$FROM" ]; then FROM=$FROM/.; fi; cp -R "$FROM" "$TO"/', env: { FROM: '\${{ inputs.path }}', TO: '\${{ env.ARTIFACTS }}/\${{ inputs.name }}' } }
`,
  'actions/download-artifact': `inputs: { name: { default: artifact }, path: { default: . } }
runs:
  using: composite
  steps:
    - { shell: bash, run: 'mkdir -p "$TO" && cp -R "$FROM"/. "$TO"/', env: { TO: '\${{ inputs.path }}', FROM: '\${{ env.ARTIFACTS }}/\${{ inputs.name }}' } }
`,
  // Nothing: what it would keep, and the Node of the tests, are there.
  'actions/cache': NOTHING,
  'actions/setup-node': NOTHING,
  'actions/setup-go': NOTHING,
  // It asks GitHub for an identity.
  'actions/attest': NOTHING,
}

/** A repository of GitHub's with a project and a workflow, and what its runner does with them. */
export class Actions {
  readonly #project: TestProject
  readonly #released: string
  #workflow = ''

  constructor(project: TestProject, released: string) {
    this.#project = project
    this.#released = released
  }

  async commit(workflow: string): Promise<void> {
    this.#workflow = workflow
    await this.#project.write('.github/workflows/test.yml', workflow)
    const git = async (...args: readonly string[]): Promise<unknown> =>
      await execa('git', ['-c', 'user.name=test', '-c', 'user.email=test@acme.invalid', ...args], {
        cwd: this.#project.dir,
      })
    await git('init', '--quiet', '--initial-branch=main')
    await git('remote', 'add', 'origin', 'https://github.com/acme/shop.git').catch(() => undefined)
    await git('add', '--all')
    await git('commit', '--quiet', '--allow-empty', '--message=test')
  }

  /** Without containers: the steps run on this machine. */
  async start({ event, payload = {}, env = {}, secrets = {}, vars = {}, job }: ActRequest) {
    const folder = await mkdtemp(join(tmpdir(), 'forge-act-'))
    await writeFile(join(folder, 'event.json'), JSON.stringify(payload))
    const given = (flag: string, values: Readonly<Record<string, string>>): string[] =>
      Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
    const child = execa(
      await act(),
      [
        ...[event, '--json', '--no-cache-server', '--platform', 'ubuntu-latest=-self-hosted'],
        ...['--workflows', '.github/workflows/test.yml', ...(job === undefined ? [] : ['--job', job])],
        ...['--eventpath', join(folder, 'event.json'), '--action-cache-path', join(folder, 'cache')],
        ...given('--local-repository', {
          'api-forge/forge@v1': this.#released,
          ...(await stubs(folder, this.#workflow)),
        }),
        ...given('--env', { ARTIFACTS: join(folder, 'artifacts'), ...env }),
        ...given('--var', vars),
        // By the environment: act asks it for what has no value.
        ...Object.keys(secrets).flatMap((name) => ['--secret', name]),
      ],
      {
        cwd: this.#project.dir,
        env: { HOME: folder, XDG_CACHE_HOME: cacheHome(), ...secrets },
        reject: false,
        all: true,
      },
    )
    const ended = async (): Promise<ActRun> => {
      const { exitCode, all } = await child
      return runOf(exitCode, all)
    }
    return { child, ended }
  }

  async run(request: ActRequest): Promise<ActRun> {
    return await (await this.start(request)).ended()
  }
}

/** Settings of whoever runs the tests are left out; the helm that is there, is not. */
function cacheHome(): string {
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
}

/** By the refs that the workflow names. */
async function stubs(folder: string, workflow: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [, name = '', ref = ''] of workflow.matchAll(/uses: ([\w-]+\/[\w-]+)@([\w.-]+)/gu)) {
    const text = OTHERS[name]
    if (text === undefined || `${name}@${ref}` in found) continue
    const place = await mkdtemp(join(folder, 'stub-'))
    await writeFile(join(place, 'action.yml'), `name: ${name}\n${text}`)
    found[`${name}@${ref}`] = place
  }
  return found
}

function runOf(status: number | undefined, all: string): ActRun {
  const lines = all.split('\n').flatMap((line): ActLine[] => {
    try {
      return [JSON.parse(line) as ActLine]
    } catch {
      return [{ msg: line }]
    }
  })
  const results = lines.filter(
    ({ stepID, stepResult, stage }) => stepID?.length === 1 && stepResult !== undefined && stage === 'Main',
  )
  const place = ({ jobID, stepID }: ActLine): string => `${jobID ?? ''}/${stepID?.[0] ?? ''}`
  return {
    status,
    lines,
    log: lines
      .flatMap(({ raw, raw_output: printed, msg }) => raw ?? (printed === true ? msg : undefined) ?? [])
      .join(''),
    jobs: Object.fromEntries(
      lines.flatMap(({ jobID, jobResult }) =>
        jobID === undefined || jobResult === undefined ? [] : [[jobID, jobResult]],
      ),
    ),
    steps: Object.fromEntries(results.map((line) => [place(line), line.stepResult ?? ''])),
    outputs: (step) =>
      Object.fromEntries(
        lines
          .filter((line) => line.command === 'set-output' && line.stepID?.length === 1 && place(line) === step)
          .map(({ name = '', arg = '' }) => [name, arg]),
      ),
  }
}
