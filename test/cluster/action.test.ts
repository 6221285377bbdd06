import { existsSync } from 'node:fs'
import { chmod, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { helms } from '../../bench/helms.ts'
import { runAction, startAction } from '../support/action.ts'
import { canary, search, searchFolder } from '../support/canaries.ts'
import { freshNamespace } from '../support/cluster.ts'
import { GitHubApi, pullRequest } from '../support/github-api.ts'
import { projectOf } from '../support/project.ts'
import { Runner } from '../support/runner.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

const HOSTILE = ['::set-output name=x::pwned', '::error::pwned', '##[error]pwned', '::add-mask::a', '::endgroup::']
const fail = (how: string, log: readonly string[]) => ({
  annotations: { 'sandbox.forge.api-forge.io/fail': how, 'sandbox.forge.api-forge.io/log': log.join('\n') },
})

const github = new GitHubApi()
afterAll(() => github.close())

test('the plan of a pull request is one comment, that the next run writes anew, and a summary', async () => {
  const { dir } = await tinyProject(freshNamespace('act'))
  const request = { workspace: dir, event: pullRequest('acme/shop'), env: { GITHUB_API_URL: await github.url() } }
  const inputs = { command: 'plan', env: 'sandbox', 'github-token': 'ghs_token' }
  github.comments.push({ id: 1, body: 'what a person says' })
  const first = await runAction({ ...request, inputs })
  expect(first).toMatchObject({ status: 0, outputs: { outcome: 'planned', changed: 'true', code: '' } })
  expect(first.summary).toContain('Deployment/web')
  expect(first.summary).toContain('```mermaid\ngantt')
  expect(JSON.parse(await readFile(first.outputs['plan'] ?? '', 'utf8'))).toHaveProperty('basis')
  await runAction({ ...request, inputs: { ...inputs, args: '--set\ndata.COLOUR=light blue' } })
  expect(github.comments).toHaveLength(2)
  expect(github.comments[1]?.body).toMatch(/^<!-- forge plan tiny\/sandbox -->\n[^]*<details>/u)
  expect(new Set(github.asked.map(({ token }) => token))).toEqual(new Set(['Bearer ghs_token']))
  const gone = await runAction({ ...request, inputs: { ...inputs, args: '--values=gone.yaml' } })
  expect(gone).toMatchObject({ status: 3, outputs: { outcome: 'refused' } })
  // What an earlier commit would have changed is nothing to approve.
  expect(github.comments).toHaveLength(2)
  expect(github.comments[1]?.body).toMatch(
    /^<!-- forge plan tiny\/sandbox -->\n[^]*\*\*Not planned: refused\*\*[^]*gone\.yaml/u,
  )
  github.refuses = true
  const refused = await runAction({ ...request, inputs })
  github.refuses = false
  expect(refused.status).toBe(0)
  expect(new Runner().read(refused.log).obeyed.find(({ name }) => name === 'warning')?.data).toContain('403')
})

test('a deploy that fails has one annotation, at its line, and no pod can say another', async () => {
  const { dir, write } = await tinyProject(freshNamespace('act'))
  expect(await runAction({ workspace: dir, inputs: { env: 'sandbox' } })).toMatchObject({
    status: 0,
    outputs: { outcome: 'deployed', deploy: '1', changed: 'true', evidence: '' },
  })
  await write('bad.yaml', JSON.stringify(fail('crash-loop', HOSTILE)))
  const ran = await runAction({ workspace: dir, inputs: { env: 'sandbox', args: '--values bad.yaml' } })
  expect(ran).toMatchObject({
    status: 4,
    outputs: { outcome: 'restored', deploy: '2', code: 'E_CRASH_LOOP', status: '4' },
  })
  const { obeyed, isStopped } = new Runner().read(ran.log)
  expect(isStopped).toBe(false)
  expect(obeyed.filter(({ name }) => !['group', 'endgroup'].includes(name)).map(({ name }) => name)).toEqual(['error'])
  expect(obeyed.find(({ name }) => name === 'error')?.data).not.toContain('pwned')
  const groups = obeyed.filter(({ name }) => name === 'group').map(({ data }) => data)
  expect(groups).toEqual(expect.arrayContaining(['1/7 prerequisites', '6/7 upgrade', 'evidence', 'rollback']))
  expect(ran.log).toContain('pwned')
  const { evidence = '', report = '', artifact = '' } = ran.outputs
  expect(dirname(evidence)).toBe(artifact)
  for (const file of await readdir(evidence)) expect(ran.summary).toContain(file)
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ outcome: 'restored' })
  expect(await readdir(artifact)).toEqual(
    expect.arrayContaining(['events.ndjson', 'report.json', 'report.html', 'evidence']),
  )
})

test('the annotation is at the line of the file that is to blame, as the repository has it', async () => {
  const { dir, write } = await tinyProject(freshNamespace('act'))
  const [workspace, folder] = [dirname(dir), basename(dir)]
  const at = { env: 'sandbox', 'working-directory': folder }
  expect(await runAction({ workspace, inputs: at })).toMatchObject({ status: 0 })
  await write('bad.yaml', 'annotations:\n  sandbox.forge.api-forge.io/fail: crash-loop\n')
  const { log, summary } = await runAction({ workspace, inputs: { ...at, args: '--values=bad.yaml' } })
  const said = new RegExp(`^::error file=${folder}/bad\\.yaml,line=2,title=E_CRASH_LOOP::web cannot start`, 'mu')
  expect(log).toMatch(said)
  expect(summary).toContain('E_CRASH_LOOP')
})

test('a kubeconfig that is given as text is a file of the step alone, and of nobody else', async () => {
  const { kubeconfig } = await testSandbox()
  const { dir, write } = await tinyProject(freshNamespace('act'))
  const config = parse(await readFile(kubeconfig, 'utf8')) as {
    users: { user: Record<string, unknown> }[]
  }
  const { user = {} } = config.users[0] ?? {}
  const pem = (name: string): string => Buffer.from(String(user[name]), 'base64').toString()
  const status = { clientCertificateData: pem('client-certificate-data'), clientKeyData: pem('client-key-data') }
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }
  await write('credential.json', JSON.stringify(credential))
  await write(
    'plugin.sh',
    `#!/bin/sh\n{ stat -c '%a %n' "$RUNNER_TEMP"/forge-*/secret "$RUNNER_TEMP"/forge-*/secret/*; env; } > ${dir}/seen\ncat ${dir}/credential.json\n`,
  )
  await chmod(join(dir, 'plugin.sh'), 0o755)
  const exec = {
    ...{ apiVersion: credential.apiVersion, command: join(dir, 'plugin.sh'), interactiveMode: 'Never' },
  }
  const text = JSON.stringify({ ...config, users: [{ ...config.users[0], user: { exec } }] })
  const inputs = { command: 'plan', env: 'sandbox', kubeconfig: text, 'github-token': 'ghs_token' }
  const ran = await runAction({ workspace: dir, inputs })
  expect(ran).toMatchObject({ status: 0 })
  const seen = await readFile(join(dir, 'seen'), 'utf8')
  expect(seen).toMatch(/^700 .*\/secret\n600 .*\/secret\/kubeconfig$/mu)
  expect(seen).not.toMatch(/FORGE_ACTION_|ghs_token/u)
  const [folder = ''] = (await readdir(ran.temp)).filter((name) => name.startsWith('forge-'))
  expect(await readdir(join(ran.temp, folder))).toEqual(['kept'])
})

test('the page of a deploy is kept with the rest, whatever its kubeconfig was, and no secret is in any of it', async () => {
  const kubeconfig = await readFile((await testSandbox()).kubeconfig, 'utf8')
  const { users } = parse(kubeconfig) as { users: { user: Record<string, unknown> }[] }
  const birds = [canary('value'), { name: 'key', value: String(users[0]?.user['client-key-data']) }]
  const { dir, write, edit, configure } = await tinyProject(freshNamespace('act'))
  await write('secret.txt', birds[0]?.value ?? '')
  await configure(['secrets'], { login: { files: { token: 'secret.txt' } } })
  const said = ['the password is wrong:', birds[0]?.value ?? '', Buffer.from(birds[0]?.value ?? '').toString('base64')]
  const { annotations } = fail('crash-loop', [said.join(' ')])
  await edit('chart/templates/deployment.yaml', '{{ toJson .Values.annotations }}', JSON.stringify(annotations))
  const ran = await runAction({ workspace: dir, inputs: { args: '--env=sandbox', kubeconfig } })
  expect(ran).toMatchObject({ status: 5, outputs: { outcome: 'failed', deploy: '1', code: 'E_CRASH_LOOP' } })
  const { artifact = '' } = ran.outputs
  const page = await readFile(join(artifact, 'report.html'), 'utf8')
  expect(page).toMatch(/^<!doctype html>[^]*E_CRASH_LOOP[^]*the password is wrong:/u)
  expect(page).not.toContain('/secret/kubeconfig')
  expect(ran.summary).toContain('**Page of this deploy** `report.html` in the artifact')
  expect([...search('log', ran.log, birds), ...search('summary', ran.summary, birds)]).toEqual([])
  expect(await searchFolder(artifact, birds)).toEqual([])
})

test('the rehearsal of a pull request is a table in the log, in the summary and in a comment of its own', async () => {
  const { dir, write } = await tinyProject(freshNamespace('act'))
  expect(await runAction({ workspace: dir, inputs: { env: 'sandbox' } })).toMatchObject({ status: 0 })
  await write('new.yaml', 'image: web:2\n')
  const request = { workspace: dir, event: pullRequest('acme/shop'), env: { GITHUB_API_URL: await github.url() } }
  const args = '--values=new.yaml\n--fail=web=crash-loop'
  const ran = await runAction({ ...request, inputs: { command: 'rehearse', env: 'sandbox', args } })
  expect(ran).toMatchObject({ status: 0, outputs: { outcome: 'rehearsed', changed: 'true', code: '' } })
  const row = /^\| ✔ \| `web=crash-loop` \| `Deployment\/web` \| `E_CRASH_LOOP` web cannot start.* \| yes \| yes \|$/mu
  expect(ran.summary).toMatch(row)
  const own = github.comments.filter(({ body }) => body.startsWith('<!-- forge rehearse tiny/sandbox -->\n'))
  expect(own.map(({ body }) => row.test(body))).toEqual([true])
  const { obeyed, isStopped } = new Runner().read(ran.log)
  expect({ isStopped, said: obeyed.filter(({ name }) => !name.endsWith('group')) }).toEqual({
    isStopped: false,
    said: [],
  })
  expect(ran.log).toMatch(/^✔ web=crash-loop +E_CRASH_LOOP +\d/mu)
  expect(await readdir(ran.outputs['artifact'] ?? '')).toEqual(['events.ndjson', 'report.json'])

  const refused = await runAction({
    ...request,
    inputs: { command: 'rehearse', env: 'sandbox', args: '--values=gone.yaml' },
  })
  expect(refused).toMatchObject({ status: 3, outputs: { outcome: 'refused' } })
  const [after, ...others] = github.comments.filter(({ body }) => body.includes('forge rehearse tiny/sandbox'))
  expect(others).toEqual([])
  expect(after?.body).toContain('**Not rehearsed: refused**')
  expect(after?.body).toContain(`gone.yaml`)
}, 120_000)

test('inputs are part of no script, and name commands of forge alone', async () => {
  const { dir } = await tinyProject(freshNamespace('act'))
  const pwned = join(dir, 'pwned')
  const evil = `$(touch ${pwned})\`touch ${pwned}\`"; touch ${pwned} #`
  for (const name of ['command', 'env', 'args', 'context', 'working-directory', 'kubeconfig'])
    expect(
      (await runAction({ workspace: dir, inputs: { command: 'plan', env: 'sandbox', [name]: evil } })).status,
    ).not.toBe(0)
  expect(existsSync(pwned)).toBe(false)
})

test('a pull request from a fork runs nothing of it', async () => {
  const base = await projectOf({})
  const pwned = join(base.dir, 'pwned')
  const { dir } = await projectOf({
    'forge.yaml': `version: 1
project: fork
environments: { sandbox: { cluster: sandbox } }
releases:
  web: { chart: ./chart, set: { a: { command: [touch, ${pwned}] } } }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  })
  const inputs = { command: 'plan', env: 'sandbox', comment: 'false' }
  const ran = await runAction({ workspace: dir, inputs, event: pullRequest('stranger/shop') })
  expect(ran).toMatchObject({ status: 3, outputs: { outcome: 'refused', code: 'E_UNTRUSTED' } })
  expect(ran.log).toMatch(/^::error file=forge\.yaml,line=5,col=\d+,title=E_UNTRUSTED::/mu)
  expect(existsSync(pwned)).toBe(false)
  await runAction({ workspace: dir, inputs, event: pullRequest('acme/shop') })
  expect(existsSync(pwned)).toBe(true)
})

test('a job that is cancelled says so, and recover does the rest', async () => {
  const { dir, write } = await tinyProject(freshNamespace('act'))
  expect(await runAction({ workspace: dir, inputs: { env: 'sandbox' } })).toMatchObject({ status: 0 })
  await write('slow.yaml', JSON.stringify({ annotations: { 'sandbox.forge.api-forge.io/delay': '300s' } }))
  const { child, ended } = await startAction({ workspace: dir, inputs: { env: 'sandbox', args: '--values slow.yaml' } })
  for await (const line of child.iterable({ from: 'all' }))
    if (line.startsWith('::group::7/7 web')) child.kill('SIGINT')
  const ran = await ended()
  expect(ran).toMatchObject({ status: 130, outputs: { outcome: 'interrupted' } })
  const recovered = await runAction({ workspace: dir, inputs: { command: 'recover', env: 'sandbox' } })
  expect(recovered).toMatchObject({ status: 0 })
  expect(recovered.outputs['outcome']).toBe('restored')
})

test('the helm of the version that is wanted, or none', async () => {
  const { dir } = await tinyProject(freshNamespace('act'))
  const [three] = (await helms()).filter(({ major }) => major === 3)
  const env = { PATH: `${dirname(three?.path ?? '')}:${process.env['PATH'] ?? ''}` }
  const inputs = { command: 'plan', env: 'sandbox', 'helm-version': '3.22' }
  const ran = await runAction({ workspace: dir, inputs, env })
  expect(ran).toMatchObject({ status: 0, log: expect.stringContaining('prerequisites  helm 3.22.0') })
  const refused = await runAction({ workspace: dir, inputs: { ...inputs, 'helm-version': '3.17.2' }, env })
  expect(refused).toMatchObject({ status: 3, outputs: { outcome: 'refused', code: 'E_TOOL_VERSION' } })
})

test('a command that tells nothing prints what it always prints', async () => {
  const { dir } = await tinyProject(freshNamespace('act'))
  await runAction({ workspace: dir, inputs: { env: 'sandbox' } })
  const ran = await runAction({ workspace: dir, inputs: { command: 'status', env: 'sandbox' } })
  expect(ran).toMatchObject({ status: 0, outputs: { outcome: 'done' }, log: expect.stringContaining('web') })
  expect(await runAction({ workspace: dir, inputs: { command: 'validate' } })).toMatchObject({ status: 0 })
  const missing = await runAction({ workspace: dir, inputs: { command: 'history', env: 'sandbox', args: '99' } })
  expect(missing.outputs['outcome']).toBe('refused')
  expect(missing.log).toContain('E_DEPLOY_UNKNOWN')
  expect(missing.log).toMatch(/^::error title=history::refused \(exit status 2\)/mu)
})
