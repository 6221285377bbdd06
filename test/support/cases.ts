import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { freshNamespace } from './cluster.ts'
import { forge, ROOT, type Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import { testSandbox } from './sandbox.ts'

export const CASES = join(ROOT, 'test', 'cases')

/** One command, and what is to be seen of it. Words are separated by spaces; NAMESPACE and FOLDER stand for those of the test. */
export interface Step {
  readonly forge?: string
  readonly kubectl?: string
  /** kubectl that an admission webhook has to refuse: it takes a moment until the API server knows of one. */
  readonly refused?: string
  readonly helm?: string
  /** A folder that takes the place of another. */
  readonly move?: readonly [from: string, to: string]
  readonly status?: number | readonly number[]
  /** Texts of what is printed, all of them. */
  readonly says?: readonly string[]
  readonly never?: readonly string[]
}

export interface Case {
  readonly about: string
  /** Default: helm 4. */
  readonly helms?: readonly (3 | 4)[]
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  /** What the namespace does not hold. */
  readonly finally?: readonly Step[]
}

export async function readCase(name: string): Promise<Case> {
  return parse(await readFile(join(CASES, name, 'case.yaml'), 'utf8')) as Case
}

interface Scene {
  /** What is otherwise than it should be. */
  take(step: Step): Promise<string[]>
}

/** A copy of the case in a namespace of its own. */
export async function openCase(name: string, helm: 3 | 4): Promise<Scene> {
  const { name: sandbox, kubeconfig } = await testSandbox()
  const dir = await mkdtemp(join(tmpdir(), 'forge-case-'))
  const words = await wordsOf(kubeconfig, dir, freshNamespace('case'))
  await cp(join(CASES, name), dir, { recursive: true })
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile()) await writeFile(file, filled(await readFile(file, 'utf8'), words))
  }
  const { env = {} } = await readCase(name)
  const own = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, filled(value, words)]))
  const all = { FORGE_SANDBOX: sandbox, FORGE_HELM: await helmOf(helm), ...own }
  const kube = { cwd: dir, env: { KUBECONFIG: kubeconfig }, reject: false, stdin: 'ignore' } as const
  const program = async (file: string, line: string, ...more: string[]): Promise<Ran> => {
    const { exitCode, stdout, stderr } = await execa(file, [...filled(line, words).split(' '), ...more], kube)
    return { status: exitCode, stdout, stderr }
  }
  const run = async (step: Step): Promise<Ran> => {
    const nothing = { status: 0, stdout: '', stderr: '' }
    if (step.forge !== undefined) {
      const [command = '', ...flags] = filled(step.forge, words).split(' ')
      // A case that goes wrong says so soon.
      const limit = command === 'deploy' && !flags.includes('--timeout') ? ['--timeout', '30s'] : []
      return await forge([command, '-e', 'e', '-C', dir, ...flags, ...limit], { env: all })
    }
    if (step.helm !== undefined)
      return await program(all.FORGE_HELM, step.helm, '--namespace', words['NAMESPACE'] ?? '')
    if (step.kubectl !== undefined) return await program('kubectl', step.kubectl)
    if (step.refused !== undefined) {
      while ((await program('kubectl', step.refused)).status === 0)
        await new Promise((resolve) => setTimeout(resolve, 100))
      return nothing
    }
    const [from, to] = step.move ?? ['', '']
    await rm(join(dir, to), { recursive: true })
    await rename(join(dir, from), join(dir, to))
    return nothing
  }
  return { take: async (step) => judged(step, await run(step), words) }
}

type Words = Readonly<Record<string, string>>

/** What stands for something of the test in the files of a case. */
async function wordsOf(kubeconfig: string, dir: string, namespace: string): Promise<Words> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as {
    readonly clusters: { readonly cluster: Words }[]
    readonly users: { readonly user: Words }[]
  }
  const [cluster, user] = [config.clusters[0]?.cluster ?? {}, config.users[0]?.user ?? {}]
  return {
    NAMESPACE: namespace,
    FOLDER: dir,
    SERVER: cluster['server'] ?? '',
    AUTHORITY: cluster['certificate-authority-data'] ?? '',
    CERTIFICATE: inJson(user['client-certificate-data']),
    KEY: inJson(user['client-key-data']),
  }
}

/** PEM, as it stands inside a string of JSON. */
function inJson(encoded = ''): string {
  return JSON.stringify(atob(encoded)).slice(1, -1)
}

function filled(text: string, words: Words): string {
  return text.replaceAll(/\b(?:NAMESPACE|FOLDER|SERVER|AUTHORITY|CERTIFICATE|KEY)\b/gu, (word) => words[word] ?? word)
}

function judged(step: Step, { status, stdout, stderr }: Ran, words: Words): string[] {
  const text = `${stdout}\n${stderr}`
  const wanted = [step.status ?? 0].flat()
  const { says = [], never = [] } = step
  const odd = [
    ...(wanted.includes(status ?? -1) ? [] : [`exit status ${status} instead of ${wanted.join(' or ')}`]),
    ...says.filter((one) => !text.includes(filled(one, words))).map((one) => `does not say ${one}`),
    ...never.filter((one) => text.includes(filled(one, words))).map((one) => `says ${one}`),
  ]
  return odd.length === 0 ? [] : [JSON.stringify(step), ...odd, text]
}
