import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseAllDocuments } from 'yaml'
import { findHelm } from '../../src/adapters/tools/helm.ts'
import type { LiveObject } from './cluster.ts'
import { ROOT } from './forge.ts'

export const CHART = join(ROOT, 'k8s', 'charts', 'api-forge')

/** Names of the files in ci/: every shape of the chart that is kept working. */
export const CI_FILES = readdirSync(join(CHART, 'ci')).sort()

export const ciFile = (name: string): string => join(CHART, 'ci', name)

let found: Promise<string> | undefined

async function helmPath(): Promise<string> {
  found ??= findHelm({ signal: AbortSignal.timeout(600_000), progress: () => undefined }).then(({ path }) => path)
  return await found
}

/** `helm template` of the chart. `values` are files, or documents that are given on standard input; a failure is a result. */
export async function template(
  files: readonly string[],
  values?: unknown,
  namespace = 'chart',
): Promise<{ status: number | undefined; stdout: string; stderr: string }> {
  const more = values === undefined ? [] : ['--values', '-']
  const args = [
    'template',
    'api-forge',
    CHART,
    '--namespace',
    namespace,
    ...files.flatMap((file) => ['--values', file]),
    ...more,
  ]
  const input = values === undefined ? { stdin: 'ignore' as const } : { input: JSON.stringify(values) }
  const { exitCode, stdout, stderr } = await execa(await helmPath(), args, { reject: false, ...input })
  return { status: exitCode, stdout, stderr }
}

/** The objects that a ci file renders, more values on top of it. */
export async function render(file: string, values?: unknown, namespace = 'chart'): Promise<LiveObject[]> {
  const { status, stdout, stderr } = await template([ciFile(file)], values, namespace)
  if (status !== 0) throw new Error(`helm template with ci/${file} ended with ${status}:\n${stderr}`)
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as LiveObject)
    .filter((object) => (object as LiveObject | null) !== null)
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
}

export interface PodTemplate {
  /** Kind and name of what makes the pod. */
  readonly of: string
  readonly app: string
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly [field: string]: unknown
  }
}

/** Every pod that the chart makes, Jobs included. */
export function podTemplates(objects: readonly LiveObject[]): PodTemplate[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const pod = spec?.['template'] as Pick<PodTemplate, 'metadata' | 'spec'> | undefined
    return pod === undefined
      ? []
      : [{ of: `${kind}/${metadata.name}`, app: pod.metadata.labels['app.kubernetes.io/name'] ?? '', ...pod }]
  })
}
