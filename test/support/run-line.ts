import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { freshNamespace } from './cluster.ts'
import { document, forge, FORGE, type Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import { projectOf, type TestProject } from './project.ts'
import { testSandbox } from './sandbox.ts'
import { smallFiles, type Manifest } from './small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** The kubeconfig of the shell that lines are pasted into: its current cluster is one that nobody answers for. */
const ELSEWHERE = `apiVersion: v1
kind: Config
current-context: elsewhere
clusters: [{ name: elsewhere, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: nobody, user: { token: none } }]
contexts: [{ name: elsewhere, context: { cluster: elsewhere, user: nobody, namespace: elsewhere } }]
`

/** With the lines that it goes on in. */
export const NEXT = /^next +((?:.*\\\n)*.*)$/mu

/** A project on a cluster that only its flags and forge.yaml name. */
export interface Named {
  readonly project: TestProject
  readonly namespace: string
  render(objects: readonly Manifest[]): Promise<void>
  /** How a command ends, and the command that it names next. */
  hint(
    command: string,
    ...flags: readonly string[]
  ): Promise<{ readonly status: number | undefined; readonly line: string }>
  /** The command in the last row `next` of the screen. */
  next(command: string): Promise<string>
}

export async function namedProject(objects: (namespace: string) => readonly Manifest[]): Promise<Named> {
  const namespace = freshNamespace('hint')
  const [{ kubeconfig, name }, FORGE_HELM] = await Promise.all([testSandbox(), helmOf(4)])
  const cluster = { context: `forge-sandbox-${name}` }
  const project = await projectOf(smallFiles({ cluster, namespace, pullCheck: 'skip' }, objects(namespace)))
  const run = async (command: string, flags: readonly string[]): Promise<Ran> => {
    const env = flags.includes('--env') ? [] : ['--env', 'test']
    const place = [...env, '-C', project.dir, '--kubeconfig', kubeconfig]
    return await forge([...command.split(' '), ...place, ...flags], { env: { FORGE_HELM } })
  }
  return {
    project,
    namespace,
    render: async (next) => await project.write('values.yaml', stringify({ objects: next })),
    async hint(command, ...flags) {
      const ran = await run(command, [...flags, '--json'])
      return { status: ran.status, line: document<Pick<DeployReport, 'verdict'>>(ran).verdict?.hint ?? '' }
    },
    async next(command) {
      const { stdout, stderr } = await run(command, [])
      const found = [...`${stdout}\n${stderr}`.matchAll(new RegExp(NEXT, 'gmu'))].at(-1)?.[1]
      if (found === undefined) throw new Error(`forge ${command} names no command:\n${stdout}\n${stderr}`)
      return found
    },
  }
}

let folder: Promise<string> | undefined

/** With the built CLI as `forge`, and the kubeconfig that the shell has. */
async function shellFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-elsewhere-'))
  await writeFile(join(dir, 'forge'), `#!/bin/sh\nexec '${process.execPath}' '${FORGE}' "$@"\n`)
  await chmod(join(dir, 'forge'), 0o755)
  await writeFile(join(dir, 'kubeconfig'), ELSEWHERE)
  return dir
}

/** Runs a line that forge printed as it stands, as somebody does who is in another folder and on another cluster. */
export async function paste(line: string): Promise<Ran> {
  folder ??= shellFolder()
  const dir = await folder
  const { exitCode, stdout, stderr } = await execa('sh', ['-c', line], {
    reject: false,
    stdin: 'ignore',
    cwd: dir,
    env: {
      PATH: `${dir}${delimiter}${process.env['PATH'] ?? ''}`,
      KUBECONFIG: join(dir, 'kubeconfig'),
      NO_COLOR: '1',
      CI: 'true',
      FORGE_SANDBOX: undefined,
      FORGE_ENV: undefined,
      GITHUB_ACTIONS: undefined,
    },
  })
  return { status: exitCode, stdout, stderr }
}
