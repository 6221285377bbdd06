import { beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { webTemplate } from '../support/web-template.ts'

const REF = `ghcr.io/acme/web:1@sha256:${'d'.repeat(64)}`

let project: TestProject
let namespace = ''
let kubeconfig = ''
let context = ''
beforeAll(async () => {
  namespace = freshNamespace('promote')
  kubeconfig = (await testSandbox()).kubeconfig
  context = (await kubectl(['config', 'current-context'])).trim()
  const environment = (name: string, more: object = {}) => ({
    cluster: { context },
    namespace: `${namespace}-${name}`,
    pullCheck: 'skip',
    ...more,
  })
  project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'promote',
      environments: {
        staging: environment('s'),
        prod: environment('p'),
        eu: environment('e', { promotes: 'staging' }),
      },
      releases: { web: { chart: './chart' } },
      images: { web: { build: { context: 'src' }, repository: 'ghcr.io/acme/web', to: 'image' } },
    }),
    'src/Dockerfile': 'FROM scratch\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': 'image: ""\n',
    'chart/templates/web.yaml': webTemplate({ container: [] }),
  })
})

const run = async (...args: string[]): Promise<Ran> =>
  await forge([...args, '-C', project.dir], { env: { KUBECONFIG: kubeconfig } })

interface Told {
  readonly verdict?: { readonly code: string; readonly message: string; readonly hint: string }
}

const refusal = async (...args: string[]): Promise<unknown> => {
  const ran = await run(...args, '--json')
  return { status: ran.status, ...document<Told>(ran).verdict }
}

test('what another job has built is deployed as it is named, and nothing is built', async () => {
  const ran = await run('deploy', '--env', 'staging', '--image', `web=${REF}`)
  expect({ status: ran.status, stderr: ran.stderr }).toMatchObject({ status: 0 })
  expect(ran.stderr).toMatch(/ images +web as --image gives it/u)
  const web = await object('deployment', 'web', `${namespace}-s`)
  expect(JSON.stringify(web?.spec)).toContain(REF)
})

test('what was not verified is not promoted; the command that helps is about that environment alone', async () => {
  const flags = ['--from', 'staging', '--context', context, '--set', 'image=other']
  for (const command of ['plan', 'deploy'])
    expect(await refusal(command, '--env', 'prod', ...flags)).toMatchObject({
      status: 3,
      code: 'E_PROMOTION',
      message: 'deploy #1 of staging was not verified (forge.yaml has no check under `verify`)',
      hint: `forge deploy --env staging -C ${project.dir}`,
    })
  expect(await object('deployment', 'web', `${namespace}-p`)).toBeUndefined()
})

test('an environment that promotes asks for what the other has proven, unless all images are named or kept', async () => {
  for (const command of ['plan', 'deploy'])
    expect(await refusal(command, '--env', 'eu')).toMatchObject({
      status: 3,
      code: 'E_PROMOTION',
      message: 'deploy #1 of staging was not verified (forge.yaml has no check under `verify`)',
    })
  expect(await object('deployment', 'web', `${namespace}-e`)).toBeUndefined()
  expect(await refusal('plan', '--env', 'eu', '--untrusted', '--context', context)).toMatchObject({
    code: 'E_UNTRUSTED',
    message: 'environments.eu.promotes would ask a cluster that the checkout chooses',
  })
  expect(await run('deploy', '--env', 'eu', '--image', `web=${REF}`)).toMatchObject({ status: 0 })
  expect(await run('deploy', '--env', 'eu', '--skip-build')).toMatchObject({ status: 0 })
})

test('a name that forge.yaml does not have is refused before any cluster is asked', async () => {
  expect(await refusal('plan', '--env', 'prod', '--image', 'wbe=a:1', '--context', 'nowhere')).toMatchObject({
    status: 2,
    code: 'E_USAGE',
    message: 'forge.yaml has no image "wbe"; did you mean "web"?',
  })
})
