import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { stringify } from 'yaml'
import type { FollowReport } from '../../src/flows/gitops/follow.ts'
import { document, forge, startForge } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, image, kubectl, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import { says } from '../support/says.ts'

/** Flux has to be in the cluster, and a git server at Service `git` of namespace `git` (the rig's add-on `flux`). */
const LOGIN = 'rig:rig-secret'

const program = (name: string, command: string, container: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name,
            image: image('1.0.0'),
            imagePullPolicy: 'IfNotPresent',
            command: ['sh', '-c', command],
            ...container,
          },
        ],
      },
    },
  },
})

const RUNS = 'sleep 3600'
const ENDS = 'echo no database; exit 3'

/** Without a probe a pod that ends at once is ready for an instant, which helm may see. */
const GOOD = 'true'
const NEVER = 'false'
const API = stringify(
  program('api', RUNS, { readinessProbe: { exec: { command: ['{{ .Values.probe }}'] }, periodSeconds: 1 } }),
)

const release = (namespace: string, probe: string): object => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'api', namespace },
  spec: {
    interval: '1m',
    timeout: '15s',
    chart: {
      spec: {
        chart: './chart',
        interval: '5s',
        reconcileStrategy: 'Revision',
        sourceRef: { kind: 'GitRepository', name: 'shop' },
      },
    },
    upgrade: { remediation: { retries: 0, remediateLastFailure: true } },
    values: { probe },
  },
})

let namespace: RealNamespace
let project: TestProject

const git = async (...args: readonly string[]): Promise<string> => {
  const who = ['-c', 'user.name=q1', '-c', 'user.email=q1@forge.test', '-c', 'commit.gpgsign=false']
  return (await execa('git', [...who, ...args], { cwd: project.dir })).stdout.trim()
}
const write = async (web: string, api: string, resources = ['web.yaml', 'api.yaml']): Promise<void> => {
  await project.write('deploy/kustomization.yaml', stringify({ namespace: namespace.name, resources }))
  await project.write('deploy/web.yaml', stringify(program('web', web)))
  await project.write('deploy/api.yaml', stringify(release(namespace.name, api)))
}
const commit = async (title: string): Promise<string> => {
  await git('add', '.')
  await git('commit', '--quiet', '-m', title)
  return await git('rev-parse', 'HEAD')
}
const follow = async (
  ...flags: readonly string[]
): Promise<{ status: number | undefined; told: FollowReport; stderr: string }> => {
  const args = ['follow', '-e', 'prod', '-C', project.dir, '--kubeconfig', KUBECONFIG, '--json']
  const ran = await forge([...args, ...(flags.includes('--timeout') ? [] : ['--timeout', '3m']), ...flags])
  return { status: ran.status, told: document<FollowReport>(ran), stderr: ran.stderr }
}
/** As a person would: the line of the hint, in a shell. */
const carryOut = async (hint = ''): Promise<void> => {
  const env = {
    GIT_AUTHOR_NAME: 'q1',
    GIT_AUTHOR_EMAIL: 'q1@forge.test',
    GIT_COMMITTER_NAME: 'q1',
    GIT_COMMITTER_EMAIL: 'q1@forge.test',
  }
  await execa('sh', ['-c', hint], { env })
}

beforeAll(async () => {
  namespace = await RealNamespace.create('q1follow')
  const address = await kubectl(['-n', 'git', 'get', 'service', 'git', '-o', 'jsonpath={.spec.clusterIP}'])
  project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'shop',
      environments: {
        prod: { cluster: { context: await currentContext() }, namespace: namespace.name, managedBy: 'flux' },
      },
      releases: { web: { manifests: 'deploy/web.yaml' }, api: { chart: './chart' } },
      stages: { web: { wait: ['Deployment/web'], timeout: '1m' }, api: { wait: ['Deployment/api'], timeout: '1m' } },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: api\nversion: 0.1.0\n',
    'chart/values.yaml': 'probe: "true"\n',
    'chart/templates/api.yaml': API,
  })
  await git('init', '--quiet', '--initial-branch=main')
  await git('remote', 'add', 'origin', `http://${LOGIN}@${address}/${namespace.name}.git`)
  await write(RUNS, GOOD)
  await commit('one')
  await git('push', '--quiet', '--set-upstream', 'origin', 'main')
  const shop = { name: 'shop', namespace: namespace.name }
  const url = `http://git.git.svc.cluster.local/${namespace.name}.git`
  const source = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: shop,
    spec: { interval: '3s', url, ref: { branch: 'main' } },
  }
  const sourceRef = { kind: 'GitRepository', name: 'shop' }
  const spec = { interval: '1m', retryInterval: '5s', path: './deploy', prune: true, sourceRef }
  const applies = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: shop, spec }
  for (const one of [source, applies]) await kubectl(['apply', '-f', '-'], JSON.stringify(one))
})
afterAll(async () => {
  const at = ['-n', namespace.name, '--ignore-not-found']
  await kubectl(['delete', 'kustomization.kustomize.toolkit.fluxcd.io/shop', ...at])
  await kubectl(['delete', 'helmrelease.helm.toolkit.fluxcd.io/api', 'gitrepository/shop', ...at])
  await namespace.remove()
  await rm(join(project.dir, '.git'), { recursive: true })
})

test('the first push is followed until all of it runs, by who is found to deploy the namespace', async () => {
  const head = await git('rev-parse', 'HEAD')
  const { status, told, stderr } = await follow()
  expect({ status, verdict: told.verdict, stderr: status === 0 ? '' : stderr }).toEqual({
    status: 0,
    verdict: null,
    stderr: '',
  })
  expect(told).toMatchObject({ outcome: 'applied', revision: head })
  expect(told.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['Flux', 'done'],
    ['web', 'done'],
    ['api', 'done'],
  ])
  expect(told.owners.map(({ object }) => object).sort()).toEqual([
    `HelmRelease ${namespace.name}/api`,
    `Kustomization ${namespace.name}/shop`,
  ])
})

test('a push that has not come is waited for, and then followed', async () => {
  await write(`${RUNS}; true`, GOOD)
  const head = await commit('two')
  const late = await follow('--timeout', '3s')
  expect({ status: late.status, code: late.told.verdict?.code }).toEqual({ status: 8, code: 'E_FOLLOW_TIMEOUT' })
  expect(late.told.verdict?.hint).toBe('git push')
  const running = startForge(['follow', '-e', 'prod', '-C', project.dir, '--kubeconfig', KUBECONFIG])
  await says(running, /has fetched main@/u, 'stderr')
  await git('push', '--quiet')
  const { exitCode, stdout, stderr } = await running
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toContain(`${head.slice(0, 12)} is applied to prod`)
})

test('what cannot be built is told in the words of Flux, and its hint takes it back', async () => {
  await write(RUNS, GOOD, ['web.yaml', 'api.yaml', 'nowhere.yaml'])
  const head = await commit('three')
  await git('push', '--quiet')
  const { status, told } = await follow()
  expect({ status, outcome: told.outcome, code: told.verdict?.code }).toEqual({
    status: 4,
    outcome: 'failed',
    code: 'E_FOLLOW_FAILED',
  })
  expect(told.verdict).toMatchObject({
    message: expect.stringContaining('nowhere.yaml'),
    chain: [`Kustomization ${namespace.name}/shop`, 'BuildFailed'],
  })
  expect(told.verdict?.hint).toContain(`revert --no-edit ${head}`)
  await carryOut(told.verdict?.hint)
  expect(await follow()).toMatchObject({ status: 0 })
})

test('what is applied and does not run fails in its stage', async () => {
  await write(ENDS, GOOD)
  await commit('four')
  await git('push', '--quiet')
  const { status, told } = await follow()
  expect({ status, code: told.verdict?.code }).toEqual({ status: 4, code: 'E_CRASH_LOOP' })
  expect(told.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['Flux', 'done'],
    ['web', 'failed'],
  ])
  expect(told.evidence).not.toBeNull()
  await carryOut(told.verdict?.hint)
  expect(await follow()).toMatchObject({ status: 0 })
})

test('an upgrade by helm that fails, and that Flux takes back by itself', async () => {
  await write(RUNS, NEVER)
  await commit('five')
  await git('push', '--quiet')
  const { status, told } = await follow()
  expect({ status, code: told.verdict?.code }).toEqual({ status: 4, code: 'E_FOLLOW_FAILED' })
  expect(told.verdict).toMatchObject({
    message: expect.stringContaining('UpgradeFailed'),
    chain: [`HelmRelease ${namespace.name}/api`, 'UpgradeFailed'],
  })
  const probe = await kubectl([
    '-n',
    namespace.name,
    'get',
    'deployment',
    'api',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].readinessProbe.exec.command}',
  ])
  expect(probe).toContain(GOOD)
  await carryOut(told.verdict?.hint)
  const mended = await follow()
  expect({ status: mended.status, verdict: mended.told.verdict }).toEqual({ status: 0, verdict: null })
})
