import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseAllDocuments, stringify } from 'yaml'
import { ROOT } from './forge.ts'
import { kube, KUBECONFIG, type RealNamespace } from './real-cluster.ts'

export const ARGO = join(ROOT, 'k8s', 'argo')

/** forge's own image, as the nodes have it (test/real/cli-image.ts builds it). */
export const CLI_IMAGE = process.env['FORGE_TEST_CLI_IMAGE'] ?? ''
/** A registry that the nodes pull from, `host:port`, and a dockerconfigjson with its login. */
export const REGISTRY = process.env['FORGE_TEST_REGISTRY'] ?? ''
export const AUTH = process.env['FORGE_TEST_PRIVATE_AUTH'] ?? ''

export interface WorkflowNode {
  readonly displayName: string
  readonly templateName?: string
  readonly phase: string
  readonly message?: string
  readonly outputs?: { readonly parameters?: readonly { readonly name: string; readonly value?: string }[] }
}

export interface EndedWorkflow {
  readonly name: string
  readonly phase: string
  /** By the name of the step. */
  readonly step: (name: string) => WorkflowNode | undefined
  readonly output: (step: string, name: string) => string | undefined
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: Record<string, unknown>
}

/** k8s/argo as it is applied, but that all pods stay: for their logs. */
export async function argoObjects(): Promise<Manifest[]> {
  const { stdout } = await execa('kubectl', ['kustomize', ARGO])
  const objects = parseAllDocuments(stdout).map((one) => one.toJS() as Manifest)
  for (const { spec } of objects) if (spec !== undefined) delete spec['podGC']
  return objects
}

export async function applied(namespace: RealNamespace, objects: readonly unknown[]): Promise<void> {
  await namespace.kubectl(['apply', '-f', '-'], objects.map((one) => stringify(one)).join('---\n'))
}

/** `argo` of PATH, for the cluster of the tests. */
export async function argo(args: readonly string[], namespace?: RealNamespace): Promise<string> {
  const at = namespace === undefined ? [] : ['--kubeconfig', KUBECONFIG, '--namespace', namespace.name]
  return (await execa('argo', [...args, ...at], { stdin: 'ignore' })).stdout
}

export async function submit(
  namespace: RealNamespace,
  template: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const given = Object.entries(parameters).flatMap(([name, value]) => ['--parameter', `${name}=${value}`])
  return await argo(['submit', '--from', `workflowtemplate/${template}`, '--output', 'name', ...given], namespace)
}

export async function ended(namespace: RealNamespace, name: string): Promise<EndedWorkflow> {
  const completed = String.raw`jsonpath={.metadata.labels.workflows\.argoproj\.io/completed}=true`
  await namespace.waitFor(`workflow/${name}`, completed, '240s')
  const { status } = JSON.parse(await namespace.kubectl(['get', 'workflow', name, '-o', 'json'])) as {
    readonly status: { readonly phase: string; readonly nodes?: Readonly<Record<string, WorkflowNode>> }
  }
  const step = (wanted: string): WorkflowNode | undefined =>
    Object.values(status.nodes ?? {}).find(({ displayName }) => displayName === wanted)
  const output = (of: string, wanted: string): string | undefined =>
    step(of)?.outputs?.parameters?.find((one) => one.name === wanted)?.value
  return { name, phase: status.phase, step, output }
}

/** What every container of every pod of the namespace has printed. */
export async function everyLog(namespace: RealNamespace): Promise<string> {
  const pods = await namespace.objects('pods')
  const logs = pods.map(async ({ metadata: { name } }) => {
    const args = ['-n', namespace.name, 'logs', name, '--all-containers', '--prefix']
    return (await kube(args, { reject: false })).stdout
  })
  return (await Promise.all(logs)).join('\n')
}

/** Builds a folder by buildah, pushes it under that name, and says by which digest the registry has it. */
export async function pushed(folder: string, ref: string, env: Readonly<Record<string, string>>): Promise<string> {
  const digest = join(folder, '..', 'digest')
  await execa('buildah', ['build', '--quiet', '--tag', ref, folder], { env })
  await execa('buildah', ['push', '--quiet', '--tls-verify=false', '--authfile', AUTH, '--digestfile', digest, ref], {
    env,
  })
  return `${ref}@${(await readFile(digest, 'utf8')).trim()}`
}
