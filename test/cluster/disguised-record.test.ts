import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { disguisedScene } from '../../src/adapters/helm/disguised-record.ts'
import { rehearsalKey } from '../../src/adapters/rehearsal-key.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { createDisguise } from '../../src/domain/rehearsal/disguise.ts'
import { canary, search } from '../support/canaries.ts'
import { freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'

const CHART = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'values.yaml': 'colour: blue\npassword: none-given\n',
  'templates/NOTES.txt': 'Log in with {{ .Values.password }}.\n',
  'templates/secret.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\ndata:\n  password: {{ .Values.password | b64enc }}\nstringData:\n  url: {{ printf "postgres://app:%s@db:5432/app" .Values.password | quote }}\n',
  'templates/map.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  colour: {{ .Values.colour }}\n',
  'templates/hook.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: hook\n  annotations:\n    helm.sh/hook: pre-install,pre-upgrade\nstringData:\n  password: {{ .Values.password | quote }}\n',
}

describe.each([3, 4] as const)('helm %i', (major) => {
  test('reads and goes back to records with made-up values, and nothing else of them is in the cluster', async () => {
    const secret = canary('helm')
    const { folder, chart } = await chartFolder()
    const [prod, copy] = [freshNamespace('prod'), freshNamespace('copy')]
    const { kubeconfig } = await testSandbox()
    const helm = async (namespace: string, ...args: string[]): Promise<string> =>
      (await execa(await helmOf(major), [...args, '--namespace', namespace, '--kubeconfig', kubeconfig])).stdout
    await Promise.all([prod, copy].map(async (name) => await kubectl(['create', 'namespace', name])))
    const values = join(folder, 'values.json')
    for (const colour of ['blue', 'green']) {
      await writeFile(values, JSON.stringify({ password: secret.value, colour }))
      await helm(prod, 'upgrade', '--install', 'web', chart, '--values', values)
    }

    const disguise = createDisguise({ keyed: rehearsalKey(), redactor: new Redactor() })
    const scene = disguisedScene(await storedIn(prod), disguise)
    expect(scene.left).toEqual([])
    const asHelm = ['apply', '--server-side', '--field-manager=helm', '-f', '-']
    for (const one of scene.objects) await kubectl(asHelm, JSON.stringify(movedTo(copy, one)))

    const made = disguise.text(secret.value)
    expect(JSON.parse(await helm(copy, 'get', 'values', 'web', '-o', 'json'))).toEqual({
      password: made,
      colour: 'green',
    })
    expect((await helm(copy, 'get', 'notes', 'web')).trim()).toBe('')
    expect(await helm(copy, 'get', 'manifest', 'web')).toContain(Buffer.from(made).toString('base64'))
    expect(await helm(copy, 'get', 'hooks', 'web')).toContain('helm.sh/hook')
    const history = JSON.parse(await helm(copy, 'history', 'web', '-o', 'json')) as { status: string }[]
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'deployed'])

    await helm(copy, 'rollback', 'web', '1')
    const [secretNow, mapNow] = [await object('secret', 'web', copy), await object('configmap', 'web', copy)]
    expect(Buffer.from(secretNow?.data?.['password'] ?? '', 'base64').toString()).toBe(made)
    expect(mapNow?.data).toEqual({ colour: 'blue' })
    expect(search('copy', JSON.stringify(await objects('secrets,configmaps', copy)), [secret])).toEqual([])
    await kubectl(['delete', 'namespace', prod, copy, '--wait=false'])
    await rm(folder, { recursive: true })
  })
})

async function chartFolder(): Promise<{ folder: string; chart: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-record-'))
  const chart = join(folder, 'web')
  await mkdir(join(chart, 'templates'), { recursive: true })
  for (const [name, text] of Object.entries(CHART)) await writeFile(join(chart, name), text)
  return { folder, chart }
}

async function storedIn(namespace: string): Promise<KubeObject[]> {
  const all = await objects('secrets,configmaps', namespace)
  return all.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
}

function movedTo(namespace: string, { metadata: { name, labels, annotations }, ...rest }: KubeObject): object {
  const moved = Object.fromEntries(
    Object.entries(annotations ?? {}).map(([key, value]) => [
      key,
      key === 'meta.helm.sh/release-namespace' ? namespace : value,
    ]),
  )
  return { ...rest, metadata: { name, namespace, labels, annotations: moved } }
}
