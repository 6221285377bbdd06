import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { search, searchFolder, type Canary } from '../support/canaries.ts'
import { forgeHere, freshNamespace, object, objects } from '../support/cluster.ts'
import type { Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { webTemplate } from '../support/web-template.ts'

const bird = (name: string): Canary => ({ name, value: `Kanari-${name}-7Qx2vT9` })
const birds = {
  named: bird('named'),
  within: bird('within'),
  filed: bird('filed'),
  json: bird('json'),
  former: bird('former'),
}

const WEB = webTemplate({
  container: [
    'env:',
    '  - { name: PASSWORD, value: {{ .Values.auth.password | quote }} }',
    '  - { name: API_TOKEN, value: {{ .Values.auth.token | default "-" | quote }} }',
  ],
})
const CHART = `apiVersion: v1
kind: Secret
metadata: { name: login }
stringData:
  url: postgres://app:{{ .Values.code }}@db/app
  file: {{ .Values.auth.tokenFile | default "-" | quote }}
---
${WEB}`

async function givenProject(namespace: string): Promise<TestProject> {
  return await projectOf({
    'forge.yaml': JSON.stringify({
      version: 1,
      project: 'given',
      environments: { test: { cluster: 'sandbox', namespace } },
      releases: { given: { chart: './chart' } },
      stages: { web: { wait: ['Deployment/web'], timeout: '30s' } },
    }),
    'token.txt': birds.filed.value,
    'chart/Chart.yaml': 'apiVersion: v2\nname: given\nversion: 1.0.0\n',
    'chart/values.yaml': 'image: web:1\ncode: none\nauth: { password: none }\n',
    'chart/templates/all.yaml': CHART,
  })
}

test('what --set gives and is a secret stands nowhere but in the cluster, and no way back needs it', async () => {
  const namespace = freshNamespace('given')
  const project = await givenProject(namespace)
  const found: string[] = []
  const look = (where: string, text: string): void => void found.push(...search(where, text, Object.values(birds)))
  const run = async (args: readonly string[], status: number): Promise<Ran> => {
    const ran = await forgeHere([...args, '-e', 'test', '-C', project.dir])
    look(`${args[0]} stdout`, ran.stdout)
    look(`${args[0]} stderr`, ran.stderr)
    expect(ran).toMatchObject({ status })
    return ran
  }
  const given = (password: Canary): string[] => [
    ...['--set', `auth.password=${password.value}`, '--set-string', `code=${birds.within.value}`],
    ...['--set-file', `auth.tokenFile=token.txt`, '--set-json', `auth.token=${JSON.stringify(birds.json.value)}`],
  ]

  await run(['deploy', ...given(birds.former)], 0)
  for (const more of [['--full'], ['--json'], ['--output', 'markdown', '--full'], ['--output', 'json']])
    await run(['plan', ...given(birds.named), ...more], 0)
  // The values of the deploy before, by somebody who has none of them.
  await run(['plan', '--full'], 0)
  await run(['deploy', ...given(birds.named)], 0)
  const { stderr } = await run(['deploy', ...given(birds.former), '--set', 'image=registry.invalid/web:2'], 4)
  const evidence = /evidence: (\S+)/u.exec(stderr)?.[1] ?? 'none'
  expect(await readdir(evidence)).toContain('verdict.txt')
  found.push(...(await searchFolder(evidence, Object.values(birds))))
  // A chart that says what it does not take.
  await project.write(
    'chart/templates/fail.yaml',
    '{{ if eq .Values.image "no:1" }}{{ fail .Values.auth.password }}{{ end }}',
  )
  await run(['deploy', ...given(birds.named), '--set', 'image=no:1'], 3)
  await run(['render', ...given(birds.named), '--set', 'image=no:1'], 3)
  for (const args of [['history'], ['history', '3'], ['history', '3', '--json'], ['status', '--json']])
    await run(args, 0)
  await run(['rollback', '1', '--dry-run'], 0)
  await run(['rollback', '1'], 0)
  await run(['recover'], 0)

  const container = (await object('deployment', 'web', namespace))?.spec as {
    template: { spec: { containers: { env: { value: string }[] }[] } }
  }
  expect(container.template.spec.containers[0]?.env[0]?.value).toBe(birds.former.value)
  for (const { metadata, data = {}, type } of await objects('secrets', namespace))
    if (type === 'forge.api-forge.io/journal') look(metadata.name, Object.values(data).join('\n'))
  look('leases', JSON.stringify(await objects('leases', namespace)))
  look('events', JSON.stringify(await objects('events', namespace)))
  expect(found).toEqual([])
})

test('what is rendered shows no value of a Secret unless it is asked for, and its files are for their owner', async () => {
  const { dir } = await givenProject('given-render')
  const render = async (...args: string[]): Promise<Ran> =>
    await forgeHere(['render', '-e', 'test', '-C', dir, '--set', `code=${birds.within.value}`, ...args])
  const rendered = async (out: string): Promise<{ text: string; mode: number }> => {
    const file = join(dir, out, 'given', 'secret-login.yaml')
    return { text: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 }
  }

  const shown = await render()
  expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining('Secret/login: without values') })
  expect(shown.stdout).toContain('url: (not shown)')
  expect((await render('--json')).stdout).not.toContain(birds.within.value)
  await render('--out', join(dir, 'a'))
  expect(await rendered('a')).toEqual({ text: expect.stringContaining('url: (not shown)'), mode: 0o600 })
  const whole = await render('--out', join(dir, 'b'), '--show-secrets')
  expect(whole).toMatchObject({ status: 0, stderr: '' })
  expect(await rendered('b')).toEqual({ text: expect.stringContaining(birds.within.value), mode: 0o600 })
  expect(await render('--show-secrets')).toMatchObject({ status: 2 })
})
