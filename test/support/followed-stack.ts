import { execa } from 'execa'
import type { FollowReport } from '../../src/flows/gitops/follow.ts'
import { forgeHere, freshNamespace, kubectl } from './cluster.ts'
import { document, type Ran } from './forge.ts'
import { condition, declare, defineGitopsKinds, report, standIns } from './gitops-kinds.ts'
import { projectOf, type TestProject } from './project.ts'

/** Where the stand-ins of the controllers are. */
export const controllers = freshNamespace('q1ctl')
const namespaces: string[] = [controllers]

export async function prepareFollowing(): Promise<void> {
  await defineGitopsKinds()
  await kubectl(['create', 'namespace', controllers])
  await standIns(controllers)
}

export async function removeFollowed(): Promise<void> {
  await kubectl(['delete', 'namespace', ...namespaces, '--wait=false'])
}

export const image = (name: string): string => `registry.example/${name}:1`
export const deployment = (name: string, labels: object = {}, used = image(name)): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: used }] } },
  },
})

export interface Stack {
  readonly namespace: string
  readonly project: TestProject
  /** Commits of the checkout: the one before, and HEAD. */
  readonly before: string
  readonly head: string
  readonly apply: (...objects: readonly object[]) => Promise<void>
  readonly follow: (
    ...flags: readonly string[]
  ) => Promise<{ readonly status: number | undefined; readonly told: FollowReport; readonly ran: Ran }>
}

export const git = async (dir: string, ...args: readonly string[]): Promise<string> => {
  const who = ['-c', 'user.name=q1', '-c', 'user.email=q1@forge.test', '-c', 'commit.gpgsign=false']
  return (await execa('git', [...who, ...args], { cwd: dir })).stdout.trim()
}

export async function stack(prefix: string, tool = 'flux'): Promise<Stack> {
  const namespace = freshNamespace(`q1${prefix}`)
  namespaces.push(namespace)
  const project = await projectOf({
    'forge.yaml': `version: 1
project: shop
environments: { prod: { cluster: sandbox, namespace: ${namespace}, managedBy: ${tool} } }
releases: { all: { manifests: all } }
stages: { web: { wait: [ Deployment/web ], timeout: 20s } }
`,
    'all/web.json': JSON.stringify(deployment('web')),
  })
  const { dir } = project
  await git(dir, 'init', '--quiet', '--initial-branch=main')
  await git(dir, 'add', '.')
  await git(dir, 'commit', '--quiet', '-m', 'one')
  const before = await git(dir, 'rev-parse', 'HEAD')
  await git(dir, 'commit', '--quiet', '--allow-empty', '-m', 'two')
  const head = await git(dir, 'rev-parse', 'HEAD')
  await kubectl(['create', 'namespace', namespace])
  return {
    ...{ namespace, project, before, head },
    async apply(...objects) {
      for (const one of objects) await kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(one))
    },
    async follow(...flags) {
      const ran = await forgeHere([
        'follow',
        '--env',
        'prod',
        '-C',
        dir,
        '--json',
        ...(flags.includes('--timeout') ? [] : ['--timeout', '60s']),
        ...flags,
      ])
      return { status: ran.status, told: document<FollowReport>(ran), ran }
    },
  }
}

export const MARK = 'kustomize.toolkit.fluxcd.io'
export const marks = (namespace: string, name = 'shop'): object => ({
  [`${MARK}/name`]: name,
  [`${MARK}/namespace`]: namespace,
})
export const READY = condition('Ready', 'True', 'Succeeded')

export async function fetched({ namespace }: Stack, hex: string, spec: Record<string, unknown> = {}): Promise<void> {
  const { metadata } = await declare('GitRepository', 'shop', namespace, {
    url: 'http://git.test/shop',
    interval: '1m',
    ...spec,
  })
  const artifact = { revision: `main@sha1:${hex}`, lastUpdateTime: '2026-11-28T08:00:00Z' }
  await report('GitRepository', 'shop', namespace, {
    observedGeneration: metadata['generation'],
    artifact,
    conditions: [READY],
  })
}

export async function kustomized(
  { namespace }: Stack,
  status: Record<string, unknown>,
  spec: Record<string, unknown> = {},
  name = 'shop',
): Promise<void> {
  const { metadata } = await declare('Kustomization', name, namespace, {
    sourceRef: { kind: 'GitRepository', name: 'shop' },
    ...spec,
  })
  await report('Kustomization', name, namespace, { observedGeneration: metadata['generation'], ...status })
}

export const applied = (hex: string): Record<string, unknown> => ({
  ...{ lastAppliedRevision: `main@sha1:${hex}`, lastAttemptedRevision: `main@sha1:${hex}` },
  conditions: [condition('Ready', 'True', 'ReconciliationSucceeded', `Applied revision: main@sha1:${hex}`)],
})
export const refused = (hex: string, old: string, reason: string, message: string): Record<string, unknown> => ({
  ...{ lastAppliedRevision: `main@sha1:${old}`, lastAttemptedRevision: `main@sha1:${hex}` },
  conditions: [condition('Ready', 'False', reason, message)],
})

export const brief = ({ status, told }: { status: number | undefined; told: FollowReport }) => ({
  status,
  outcome: told.outcome,
  code: told.verdict?.code ?? null,
})

/** Its pods never get ready. */
export const never = (name: string): object => ({
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: { 'sandbox.forge.api-forge.io/fail': 'never-ready' } },
      spec: { containers: [{ name, image: image(name), readinessProbe: { httpGet: { path: '/', port: 80 } } }] },
    },
  },
})
