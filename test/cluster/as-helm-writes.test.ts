import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { join } from 'node:path'
import { freshNamespace, kubectl, objects, type LiveObject } from '../support/cluster.ts'
import { BLOCKS, EMPTY, ENDINGS } from '../support/empty-parts.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'
import { varyingProject } from '../support/varying.ts'

const TEMPLATES = { 'empty.yaml': EMPTY, 'blocks.yaml': BLOCKS, ...ENDINGS }

/** Both are rewritten: for marks that are put in, and for what helm might render otherwise than it was planned. */
const WAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a consumer without marks': {},
  'a render that may vary': { 'vary.yaml': '{{ if .Values.restless }}{{ now }}{{ end }}' },
}

describe.each([3, 4] as const)('helm %i', (major) => {
  test.each(Object.entries(WAYS))('%s: what forge writes is what helm alone writes, and stays', async (_, more) => {
    const namespace = freshNamespace(`empty${major}`)
    const { project, deploy } = await varyingProject(namespace, major, { ...TEMPLATES, ...more })
    const first = await deploy()
    expect([first.status, first.outcome, first.report.verdict?.message]).toEqual([0, 'deployed', undefined])
    const written = await contents(namespace)
    expect(await deploy()).toMatchObject({ status: 0, outcome: 'unchanged' })
    const before = await generations(namespace)
    expect(await deploy('--set', 'image=web:2')).toMatchObject({ status: 0, outcome: 'deployed' })
    expect(await generations(namespace)).toEqual({ ...before, 'Deployment/web': 2 })
    const alone = `${namespace}-alone`
    await kubectl(['create', 'namespace', alone])
    const where = ['--namespace', alone, '--kubeconfig', (await testSandbox()).kubeconfig]
    await execa(await helmOf(major), ['install', 'varying', join(project.dir, 'chart'), ...where])
    expect(written).toEqual(await contents(alone))
  })
})

const KINDS = 'configmaps,serviceaccounts,deployments,networkpolicies,ingresses,services,roles,poddisruptionbudgets'

async function released(namespace: string): Promise<LiveObject[]> {
  return await objects(`${KINDS},cronjobs,secrets`, namespace, 'app.kubernetes.io/managed-by=Helm')
}

async function generations(namespace: string): Promise<Record<string, number | undefined>> {
  const found = await released(namespace)
  // The API server counts an empty list that is applied again as a change of the policy, whoever applies it.
  const counted = found.filter(({ kind }) => kind !== 'NetworkPolicy')
  return Object.fromEntries(counted.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.generation]))
}

const OWN = /^(?:forge\.api-forge\.io\/|meta\.helm\.sh\/|deployment\.kubernetes\.io\/)/u

/** By name: all that a manifest can say, without what the cluster decides and what forge adds. */
async function contents(namespace: string): Promise<Record<string, unknown>> {
  const found = await released(namespace)
  return Object.fromEntries(
    found.map(({ kind, metadata: { name, labels, annotations = {} }, status: _, ...fields }) => {
      const kept = Object.entries(annotations).filter(([key]) => !OWN.test(key))
      const text = JSON.stringify(
        { ...fields, labels, annotations: Object.fromEntries(kept) },
        (key, value: unknown) => (OWN.test(key) || key.startsWith('clusterIP') ? undefined : value),
      )
      return [`${kind}/${name}`, JSON.parse(text.replaceAll('"annotations":{},', '')) as unknown]
    }),
  )
}
