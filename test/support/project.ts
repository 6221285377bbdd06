import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { forge, ROOT } from './forge.ts'

const CHART = join(ROOT, 'k8s', 'charts', 'api-forge')

export interface TestProject {
  readonly dir: string
  /** Replaces the one occurrence of a text in a file of the project; fails when it is not there exactly once. */
  readonly edit: (file: string, before: string, after: string) => Promise<void>
  readonly read: (file: string) => Promise<string>
  readonly write: (file: string, content: string) => Promise<void>
  readonly remove: (file: string) => Promise<void>
  /** Sets a value in forge.yaml by its path. */
  readonly configure: (path: readonly (string | number)[], value: unknown) => Promise<void>
}

let secrets: Promise<string> | undefined

/** Keys and certificates are made once per test process: they cost a second. */
async function madeSecrets(): Promise<string> {
  const { dir } = await copyExample('example')
  const { status, stderr } = await forge(['secrets', 'generate', '--env', 'sandbox', '-C', dir])
  if (status !== 0) throw new Error(`forge secrets generate ended with ${status}:\n${stderr}`)
  return join(dir, 'infra', 'secrets')
}

/** A copy of the example whose environment `sandbox` is a namespace of its own, with its secrets made. */
export async function exampleProject(namespace: string): Promise<TestProject> {
  const project = await copyExample(namespace)
  secrets ??= madeSecrets()
  await cp(await secrets, join(project.dir, 'infra', 'secrets'), { recursive: true })
  await certifyFor(namespace, project)
  return project
}

/** examples/failures in a namespace of its own: `forge deploy --set failure=NAME` shows a failure. */
export async function failingProject(namespace: string): Promise<TestProject> {
  const project = await copyOf('failures')
  // Evidence is kept by project and environment; tests run side by side.
  await project.configure(['project'], namespace)
  await project.configure(['environments', 'sandbox', 'namespace'], namespace)
  return project
}

/** examples/temporal-worker: an application and its worker, in a namespace of their own. */
export async function workerProject(namespace: string): Promise<TestProject> {
  const project = await copyOf('temporal-worker')
  const chart = join(ROOT, 'k8s', 'charts', 'temporal-worker')
  await project.configure(['project'], namespace)
  await project.configure(['environments', 'sandbox', 'namespace'], namespace)
  await project.configure(['releases', 'temporal-worker', 'chart'], chart)
  await project.edit('helm/Chart.yaml', 'file://../../../k8s/charts/temporal-worker', `file://${chart}`)
  return project
}

/** examples/production-worker, of which `config` is the project, in a namespace of its own. */
export async function productionProject(namespace: string): Promise<TestProject> {
  const { dir } = await copyOf('production-worker')
  const project = projectAt(join(dir, 'config'))
  await project.configure(['project'], namespace)
  await project.configure(['environments', 'sandbox', 'namespace'], namespace)
  await project.configure(['releases', 'temporal-worker', 'chart'], join(ROOT, 'k8s', 'charts', 'temporal-worker'))
  return project
}

/** examples/homelab, whose sandbox is a namespace of its own. */
export async function homelabProject(namespace: string): Promise<TestProject> {
  const project = await copyOf('homelab')
  await project.configure(['project'], namespace)
  await project.configure(['releases', 'temporal', 'chart'], join(ROOT, 'k8s', 'charts', 'temporal'))
  await project.configure(['environments', 'sandbox', 'namespace'], namespace)
  return project
}

/** The server's certificate names the namespace, so each test gets one of its own, signed by the shared CA. */
async function certifyFor(namespace: string, { read, write }: TestProject): Promise<void> {
  const certs = 'infra/secrets/certs'
  const issuer = {
    certificate: await read(`${certs}/ca/intermediate-ca.crt`),
    key: await read(`${certs}/ca/intermediate-ca.key`),
  }
  const names = ['postgres', ...['', '.svc', '.svc.cluster.local'].map((end) => `postgres.${namespace}${end}`)]
  const made = await secretMaker.server({ hosts: names, issuer, now: Date.now(), days: 365 })
  await write(`${certs}/postgres/server.key`, made.key)
  await write(`${certs}/postgres/server-chain.crt`, `${made.certificate}${issuer.certificate}`)
}

async function copyOf(example: string): Promise<TestProject> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-project-'))
  const filter = (source: string): boolean => !/infra\/secrets\/(?:keys|certs)/u.test(source)
  await cp(join(ROOT, 'examples', example), dir, { recursive: true, filter })
  return projectAt(dir)
}

async function copyExample(namespace: string): Promise<TestProject> {
  const project = await copyOf('api-forge')
  await project.configure(['releases', 'api-forge', 'chart'], CHART)
  await project.configure(['environments', 'sandbox', 'namespace'], namespace)
  return project
}

/** examples/external-postgres, whose environments are one namespace of the sandbox: a test uses one of them. */
export async function externalPostgres(namespace: string): Promise<TestProject> {
  const project = await copyOf('external-postgres')
  await project.configure(['project'], namespace)
  await project.configure(['releases', 'temporal', 'chart'], join(ROOT, 'k8s', 'charts', 'temporal'))
  await project.configure(['environments', 'dev', 'namespace'], namespace)
  for (const environment of ['shared', 'prod']) {
    await project.configure(['environments', environment, 'cluster'], 'sandbox')
    await project.configure(['environments', environment, 'namespace'], namespace)
  }
  return project
}

/** A project of its own making: `files` by path, forge.yaml among them. */
export async function projectOf(files: Readonly<Record<string, string>>): Promise<TestProject> {
  const project = projectAt(await mkdtemp(join(tmpdir(), 'forge-project-')))
  for (const [file, content] of Object.entries(files)) await project.write(file, content)
  return project
}

export function projectAt(dir: string): TestProject {
  const read = async (file: string): Promise<string> => await readFile(join(dir, file), 'utf8')
  const write = async (file: string, content: string): Promise<void> => {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await writeFile(join(dir, file), content)
  }
  return {
    dir,
    read,
    write,
    async edit(file, before, after) {
      const text = await read(file)
      const parts = text.split(before)
      if (parts.length !== 2)
        throw new Error(`${file} has ${parts.length - 1} times ${JSON.stringify(before)}, wanted once:\n${text}`)
      await write(file, parts.join(after))
    },
    remove: async (file) => await rm(join(dir, file)),
    async configure(path, value) {
      const document = parseDocument(await read('forge.yaml'))
      document.setIn(path, value)
      await write('forge.yaml', document.toString({ lineWidth: 0, flowCollectionPadding: true }))
    },
  }
}
