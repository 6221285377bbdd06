import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseAllDocuments } from 'yaml'
import { findHelm } from '../../src/adapters/tools/helm.ts'
import type { LiveObject } from './cluster.ts'
import { ROOT } from './forge.ts'

/** A chart of k8s/charts, as helm renders it. */
export interface Chart {
  readonly dir: string
  /** Names of the files in ci/: every shape of the chart that is kept working. */
  readonly ciFiles: readonly string[]
  readonly ciFile: (name: string) => string
  /** `helm template` of it. `values` are files, or documents that are given on standard input; a failure is a result. */
  readonly template: (files: readonly string[], values?: unknown, namespace?: string) => Promise<Templated>
  /** The objects that a ci file renders, more values on top of it. */
  readonly render: (file: string, values?: unknown, namespace?: string) => Promise<LiveObject[]>
}

export interface Templated {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** `release`: the name that it is rendered under. */
export function chartAt(name: string, release = name): Chart {
  const dir = join(ROOT, 'k8s', 'charts', name)
  const ciFile = (file: string): string => join(dir, 'ci', file)
  const template: Chart['template'] = async (files, values, namespace = 'chart') => {
    const more = values === undefined ? [] : ['--values', '-']
    const given = files.flatMap((file) => ['--values', file])
    const input = values === undefined ? { stdin: 'ignore' as const } : { input: JSON.stringify(values) }
    const args = ['template', release, dir, '--namespace', namespace, ...given, ...more]
    const { exitCode, stdout, stderr } = await execa(await helmPath(), args, { reject: false, ...input })
    return { status: exitCode, stdout, stderr }
  }
  return {
    dir,
    ciFiles: readdirSync(join(dir, 'ci')).sort(),
    ciFile,
    template,
    async render(file, values, namespace) {
      const { status, stdout, stderr } = await template([ciFile(file)], values, namespace)
      if (status !== 0) throw new Error(`helm template of ${name} with ci/${file} ended with ${status}:\n${stderr}`)
      return parseAllDocuments(stdout)
        .map((document) => document.toJS() as LiveObject)
        .filter((object) => (object as LiveObject | null) !== null)
    },
  }
}

export const { ciFiles: CI_FILES, ciFile, template, render } = chartAt('api-forge')

let found: Promise<string> | undefined

async function helmPath(): Promise<string> {
  found ??= findHelm({ signal: AbortSignal.timeout(600_000), progress: () => undefined }).then(({ path }) => path)
  return await found
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

/** Every pod that the chart makes, those of Jobs and CronJobs included. */
export function podTemplates(objects: readonly LiveObject[]): PodTemplate[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const job = spec?.['jobTemplate'] as { readonly spec: LiveObject['spec'] } | undefined
    const pod = (job?.spec ?? spec)?.['template'] as Pick<PodTemplate, 'metadata' | 'spec'> | undefined
    return pod === undefined
      ? []
      : [{ of: `${kind}/${metadata.name}`, app: pod.metadata.labels['app.kubernetes.io/name'] ?? '', ...pod }]
  })
}
