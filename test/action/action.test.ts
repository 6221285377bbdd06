import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { act, Actions, ARTIFACT_URL, releasedAction, type ActRun } from '../support/act.ts'
import { documentedWorkflow } from '../support/ci-docs.ts'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { GitHubApi, pullRequest } from '../support/github-api.ts'
import type { TestProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

// The workflows of docs/ci.md as a reader copies them, with the action as a release publishes it, by act: a runner on this machine.

let released: string
let kubeconfig: string
let cluster: string
const github = new GitHubApi()
beforeAll(async () => {
  const sandbox = await testSandbox()
  cluster = `forge-sandbox-${sandbox.name}`
  kubeconfig = await readFile(sandbox.kubeconfig, 'utf8')
  released = await releasedAction()
  await act()
}, 600_000)
afterAll(() => github.close())

interface Scene {
  readonly project: TestProject
  readonly actions: Actions
  readonly namespaces: Readonly<Record<'staging' | 'prod', string>>
}

async function scene(workflow: string): Promise<Scene> {
  const namespaces = { staging: freshNamespace('act'), prod: freshNamespace('act') }
  const project = await tinyProject('unused')
  await project.configure(['environments'], {
    staging: {
      cluster: { context: cluster },
      namespace: namespaces.staging,
      releases: { tiny: { values: ['values.staging.yaml'] } },
    },
    prod: { cluster: { context: cluster }, namespace: namespaces.prod, protected: true },
  })
  await project.write('values.staging.yaml', '{}\n')
  const actions = new Actions(project, released)
  await actions.commit(workflow)
  return { project, actions, namespaces }
}

const secrets = () => ({ KUBECONFIG: kubeconfig, KUBECONFIG_PLAN: kubeconfig, GITHUB_TOKEN: 'ghs_secret_token' })

/** What the runner obeyed, but for groups. */
const obeyed = ({ lines }: ActRun) =>
  lines.filter(({ command = '' }) =>
    ['error', 'warning', 'notice', 'add-mask', 'set-env', 'add-path'].includes(command),
  )

test('a pull request: its plan is one comment, and the summary', async () => {
  const { actions, project } = await scene(documentedWorkflow('plan'))
  const run = async (): Promise<ActRun> =>
    await actions.run({
      event: 'pull_request',
      payload: pullRequest('acme/shop'),
      env: { GITHUB_API_URL: await github.url() },
      vars: { CLUSTER: cluster },
      secrets: secrets(),
    })
  const first = await run()
  expect(first.log).toContain('planned staging')
  expect(first).toMatchObject({ status: 0, jobs: { plan: 'success' } })
  expect(obeyed(first)).toEqual([])
  expect(first.log).not.toContain('Warning')
  expect(github.comments).toHaveLength(1)
  expect(github.comments[0]?.body).toMatch(/^<!-- forge plan tiny\/staging -->\n[^]*ConfigMap\/web/u)
  expect(new Set(github.asked.map(({ token }) => token))).toEqual(new Set(['Bearer ghs_secret_token']))
  await project.remove('chart/templates/configmap.yaml')
  expect(await run()).toMatchObject({ status: 0 })
  expect(github.comments).toHaveLength(1)
  expect(github.comments[0]?.body).not.toContain('ConfigMap/web')
})

test('a pull request of a fork gets no cluster, and runs nothing of itself', async () => {
  const { actions, project } = await scene(documentedWorkflow('plan'))
  const run = async (): Promise<ActRun> =>
    await actions.run({ event: 'pull_request', payload: pullRequest('stranger/shop') })
  expect(await run()).toMatchObject({ status: 0, jobs: { plan: 'success' } })
  const pwned = join(project.dir, 'pwned')
  await project.configure(['releases', 'tiny', 'set'], { a: { command: ['touch', pwned] } })
  const refused = await run()
  expect(refused).toMatchObject({ status: 1, jobs: { plan: 'failure' } })
  expect(refused.log).toMatch(/^::error file=forge\.yaml,line=\d+,col=\d+,title=E_UNTRUSTED::/mu)
  expect(existsSync(pwned)).toBe(false)
})

test('the main branch: staging, then exactly the plan of prod that was looked at', async () => {
  const { actions, namespaces } = await scene(documentedWorkflow('deploy'))
  const ran = await actions.run({ event: 'push', secrets: secrets() })
  expect(ran.jobs).toEqual({ staging: 'success', plan: 'success', prod: 'success' })
  expect(ran.outputs('staging/forge')).toMatchObject({ outcome: 'deployed', deploy: '1', changed: 'true', code: '' })
  expect(ran.outputs('plan/forge')).toMatchObject({ outcome: 'planned', changed: 'true' })
  for (const said of ['`report.html` in the artifact', ARTIFACT_URL]) {
    const summaries = ran.lines.filter(({ command, content = '' }) => command === 'summary' && content.includes(said))
    expect(new Set(summaries.map(({ jobID }) => jobID))).toEqual(new Set(['staging', 'prod']))
  }
  for (const namespace of Object.values(namespaces))
    expect(await kubectl(['get', 'deployment', 'web', '-n', namespace, '-o', 'name'])).toContain('web')
  const again = await actions.run({ event: 'push', secrets: secrets() })
  expect(again.outputs('staging/forge')).toMatchObject({ outcome: 'unchanged', changed: 'false' })
  expect(again.outputs('plan/forge')).toMatchObject({ changed: 'false' })
  expect(again.jobs).toEqual({ staging: 'success', plan: 'success' })
})

test('staging that fails ends it there: one annotation at its line, a summary, outputs', async () => {
  const { actions, project, namespaces } = await scene(documentedWorkflow('deploy'))
  const push = { event: 'push', secrets: secrets() } as const
  expect(await actions.run({ ...push, job: 'staging' })).toMatchObject({ status: 0 })
  await project.write('values.staging.yaml', 'annotations:\n  sandbox.forge.api-forge.io/fail: crash-loop\n')
  const ran = await actions.run({ event: 'push', secrets: secrets() })
  expect(ran.status).toBe(1)
  expect(ran.jobs).toEqual({ staging: 'failure' })
  expect(ran.outputs('staging/forge')).toMatchObject({ outcome: 'restored', deploy: '2', code: 'E_CRASH_LOOP' })
  const errors = obeyed(ran)
  expect(errors).toHaveLength(1)
  expect(errors[0]?.raw).toMatch(/^::error file=values\.staging\.yaml,line=2,title=E_CRASH_LOOP::web cannot start/u)
  const summary = ran.lines.find(({ command }) => command === 'summary')?.content ?? ''
  expect(summary).toContain('E_CRASH_LOOP')
  expect(summary).toContain('```mermaid')
  expect(await kubectl(['get', 'namespace', namespaces.prod, '--ignore-not-found'])).toBe('')
})

test('what is to be typed next names no file of the step, which is gone by then', async () => {
  const { actions, project } = await scene(documentedWorkflow('deploy'))
  await project.write('values.staging.yaml', 'annotations:\n  sandbox.forge.api-forge.io/fail: crash-loop\n')
  const ran = await actions.run({ event: 'push', secrets: secrets(), job: 'staging' })
  expect(ran.outputs('staging/forge')).toMatchObject({ outcome: 'failed', code: 'E_CRASH_LOOP' })
  expect(obeyed(ran)[0]?.raw).toMatch(/%0Anext: kubectl --context \S+ -n \S+ logs web-/u)
})

test('a job that is cancelled in the middle puts right what it left', async () => {
  const { actions, project, namespaces } = await scene(documentedWorkflow('deploy'))
  expect(await actions.run({ event: 'push', secrets: secrets(), job: 'staging' })).toMatchObject({ status: 0 })
  await project.write('values.staging.yaml', "annotations: { sandbox.forge.api-forge.io/delay: '300s' }\n")
  const { child, ended } = await actions.start({ event: 'push', secrets: secrets(), job: 'staging' })
  for await (const line of child.iterable({ from: 'all' })) if (line.includes('"arg":"7/7 web"')) child.kill('SIGINT')
  const ran = await ended()
  expect(ran.jobs).toEqual({ staging: 'failure' })
  expect(ran.steps).toMatchObject({ 'staging/forge': 'failure' })
  const [recovered = ''] = Object.keys(ran.steps).filter((step) => ran.outputs(step)['outcome'] === 'restored')
  expect(ran.steps[recovered]).toBe('success')
  const template = '{.spec.template.metadata.annotations}'
  expect(
    await kubectl(['get', 'deployment', 'web', '-n', namespaces.staging, '-o', `jsonpath=${template}`]),
  ).not.toContain('300s')
}, 60_000)
