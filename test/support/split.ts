import { once } from 'node:events'
import { stringify } from 'yaml'
import { execa } from 'execa'
import { forgeHere, objects, type LiveObject } from './cluster.ts'
import { document, type Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import * as sample from './manifests.ts'
import { projectOf, type TestProject } from './project.ts'
import { testSandbox } from './sandbox.ts'
import type { Manifest } from './small.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const CHART = `{{- range $object := .Values.objects }}
---
{{ toYaml $object }}
{{- end }}
`
const RELEASES = ['shop', 'db'] as const

/** A project whose release `shop` is split: the database is to belong to `db`. */
export interface Split {
  readonly project: TestProject
  readonly namespace: string
  /** What each release is; one that is not named is not in forge.yaml. `takes`: db takes over from shop. */
  releases(parts: Partial<Record<(typeof RELEASES)[number], readonly Manifest[]>>, takes?: boolean): Promise<void>
  run(command: string, ...flags: string[]): Promise<Ran>
  deploy(...flags: string[]): Promise<{ readonly status: number | undefined; readonly report: DeployReport }>
  plan(): Promise<PlanDocument>
  helm(...args: string[]): Promise<string>
}

export async function splitProject(namespace: string, major: 3 | 4): Promise<Split> {
  const chart = (name: string): Record<string, string> => ({
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
    [`${name}/templates/objects.yaml`]: CHART,
    [`${name}.yaml`]: stringify({ objects: [] }),
  })
  const config = { version: 1, project: 'split', environments: { test: { cluster: 'sandbox', namespace } } }
  const project = await projectOf({ 'forge.yaml': stringify(config), ...chart('shop'), ...chart('db') })
  const run: Split['run'] = async (command, ...flags) =>
    await forgeHere([...command.split(' '), '-e', 'test', '-C', project.dir, ...flags], {
      FORGE_HELM: await helmOf(major),
    })
  return {
    project,
    namespace,
    run,
    async releases(parts, takes = false) {
      const named = Object.entries(parts).map(([name]) => [
        name,
        {
          chart: `./${name}`,
          values: [`${name}.yaml`],
          ...(name === 'shop' && parts.db !== undefined ? { needs: ['db'] } : {}),
          ...(name === 'db' && takes ? { takesOver: 'shop' } : {}),
        },
      ])
      await project.configure(['releases'], Object.fromEntries(named))
      for (const [name, all] of Object.entries(parts)) await project.write(`${name}.yaml`, stringify({ objects: all }))
    },
    async deploy(...flags) {
      const ran = await run('deploy', '--json', '--yes', ...flags)
      return { status: ran.status, report: document<DeployReport>(ran) }
    },
    async plan() {
      const { plan, verdict } = document<{ plan: PlanDocument | null; verdict: unknown }>(await run('plan', '--json'))
      if (plan === null) throw new Error(`no plan: ${JSON.stringify(verdict)}`)
      return plan
    },
    async helm(...args) {
      const { kubeconfig } = await testSandbox()
      return (await execa(await helmOf(major), [...args, '-n', namespace, '--kubeconfig', kubeconfig])).stdout
    },
  }
}

/** The database: a StatefulSet with its claim, a Service, its settings, a Secret and a claim of its own. */
export function database(more: Record<string, string> = {}): Manifest[] {
  return [
    sample.statefulSet('postgres', 'postgres'),
    sample.service('postgres'),
    sample.configMap('postgres-config', { max: '100', ...more }),
    sample.secret('postgres-login', { password: 'rendered-by-the-chart' }),
    sample.claim('backups', '1Gi'),
  ]
}

export const app = (image = 'example.test/web:1'): Manifest => sample.web({ name: 'app', image, probe: true })

const KINDS = 'statefulsets,services,configmaps,secrets,persistentvolumeclaims,pods'
const OURS = /^(?:postgres|backups|data-postgres)/u

export async function databaseObjects(namespace: string): Promise<Map<string, LiveObject>> {
  const found = (await objects(KINDS, namespace)).filter(({ metadata }) => OURS.test(metadata.name))
  return new Map(found.map((one) => [`${one.kind}/${one.metadata.name}`, one]))
}

export const identities = (all: ReadonlyMap<string, LiveObject>): Record<string, string> =>
  Object.fromEntries([...all].map(([name, { metadata }]): [string, string] => [name, metadata.uid]).sort())

/** By the marks on it. */
export const ownersOf = (all: ReadonlyMap<string, LiveObject>): Record<string, string | undefined> =>
  Object.fromEntries(
    [...all]
      .filter(
        ([, { metadata }]) =>
          metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm' && metadata.annotations !== undefined,
      )
      .map(([name, { metadata }]) => [name, metadata.annotations?.['meta.helm.sh/release-name']]),
  )

/** Names of what is deleted in a namespace from now on, as a watch hears it. */
export async function watchDeletions(namespace: string): Promise<{ stop(): Promise<string[]> }> {
  const { kubeconfig } = await testSandbox()
  const columns = 'custom-columns=TYPE:.type,KIND:.object.kind,NAME:.object.metadata.name'
  const watches = KINDS.split(',').map((kind) => {
    const args = ['get', kind, '-n', namespace, '--watch', '--output-watch-events', '-o', columns, '--no-headers']
    return execa('kubectl', ['--kubeconfig', kubeconfig, ...args], { reject: false })
  })
  // What is there is told first: then it is open.
  await Promise.all(watches.map(async ({ stdout }): Promise<unknown> => await once(stdout, 'data')))
  return {
    async stop() {
      for (const one of watches) one.kill()
      const heard = await Promise.all(watches.map(async (one) => (await one).stdout))
      const lines = heard.flatMap((text) => text.split('\n'))
      return lines.filter((line) => line.startsWith('DELETED') && OURS.test(line.split(/\s+/u)[2] ?? ''))
    },
  }
}
