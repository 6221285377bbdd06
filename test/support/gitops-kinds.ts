import { defineKind, kubectl, object, type LiveObject } from './cluster.ts'
import * as sample from './manifests.ts'

const KINDS: readonly (readonly [group: string, version: string, kind: string])[] = [
  ['source.toolkit.fluxcd.io', 'v1', 'GitRepository'],
  ['source.toolkit.fluxcd.io', 'v1', 'OCIRepository'],
  ['source.toolkit.fluxcd.io', 'v1', 'HelmChart'],
  ['kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization'],
  ['helm.toolkit.fluxcd.io', 'v2', 'HelmRelease'],
  ['argoproj.io', 'v1alpha1', 'Application'],
]

/** Plurals as kubectl has them. */
function pluralOf(kind: string): string {
  const one = kind.toLowerCase()
  return one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`
}

/** Definitions of Flux and Argo CD that take anything, with a status of its own (not Argo CD's: it has none). No controller runs. */
export async function defineGitopsKinds(): Promise<void> {
  for (const [group, name, kind] of KINDS) {
    const plural = pluralOf(kind)
    await defineKind({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        ...{ group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() } },
        versions: [
          {
            ...{ name, served: true, storage: true, schema: sample.ANYTHING },
            ...(kind === 'Application' ? {} : { subresources: { status: {} } }),
          },
        ],
      },
    } as never)
  }
}

export function gitopsApi(kind: string): string {
  const [group = '', version = ''] = KINDS.find((one) => one[2] === kind) ?? []
  return `${group}/${version}`
}

type Fields = Readonly<Record<string, unknown>>

/** An object of theirs, made or changed as Git has it. */
export async function declare(
  kind: string,
  name: string,
  namespace: string,
  spec: Fields,
  labels: Fields = {},
): Promise<LiveObject> {
  const manifest = { apiVersion: gitopsApi(kind), kind, metadata: { name, namespace, labels }, spec }
  await kubectl(['apply', '--filename', '-'], JSON.stringify(manifest))
  const made = await object(`${kind}.${gitopsApi(kind).split('/', 1)[0] ?? ''}`, name, namespace)
  if (made === undefined) throw new Error(`${kind}/${name} was not made`)
  return made
}

/** As its controller writes it. */
export async function report(kind: string, name: string, namespace: string, status: Fields): Promise<void> {
  const resource = `${pluralOf(kind)}.${gitopsApi(kind).split('/', 1)[0] ?? ''}`
  const own = kind === 'Application' ? [] : ['--subresource=status']
  await kubectl(['patch', resource, name, '-n', namespace, ...own, '--type=merge', '-p', JSON.stringify({ status })])
}

export function condition(type: string, status: 'True' | 'False' | 'Unknown', reason: string, message = ''): Fields {
  return { type, status, reason, message, lastTransitionTime: '2026-11-28T08:00:00Z' }
}

/** Something that bears the names of their controllers, so that they count as running. */
export async function standIns(namespace: string): Promise<void> {
  const names = ['kustomize-controller', 'helm-controller', 'source-controller', 'argocd-application-controller']
  for (const name of names) {
    const labels = { app: name }
    const spec = {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'manager', image: 'registry.example/manager:1' }] },
      },
    }
    await kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec }),
    )
  }
  for (const name of names) await kubectl(['rollout', 'status', `deployment/${name}`, '-n', namespace])
}
