import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import { defineKind, forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { ANYTHING, configMap } from '../support/manifests.ts'
import { projectOf } from '../support/project.ts'
import { smallProject } from '../support/small.ts'

const TEMPLATE = `{{- if .Values.version }}
apiVersion: {{ .Values.group }}/{{ .Values.version }}
kind: Limit
metadata: { name: one }
spec: { most: {{ .Values.most }} }
---
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: { name: other }
data: { most: {{ .Values.most | quote }} }
`

describe.each([3, 4] as const)('a record that names a version which is not served any more, with helm %i', (major) => {
  const group = `h${major}.${freshNamespace('removed')}.example.test`
  const old = `${group}/v1beta1`
  const outdated = `helm's record of limits revision 1 has Limit/one as ${old}, which the cluster does not serve any more`

  beforeAll(async () => await serve(group, { v1beta1: true, v1: true }))
  afterAll(async () => {
    await kubectl(['delete', 'crd', `limits.${group}`, '--ignore-not-found', '--wait=false'])
  })

  /** Deployed as v1beta1, which is gone by the time that `then` runs. */
  async function scene(
    versions: Readonly<Record<string, boolean>> | undefined,
    then: (run: (...args: string[]) => Promise<Ran>, namespace: string) => Promise<void>,
  ): Promise<void> {
    const namespace = freshNamespace('removed')
    const project = await projectOf({
      'forge.yaml': `version: 1
project: limits
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
releases: { limits: { chart: ./chart } }
`,
      'chart/Chart.yaml': 'apiVersion: v2\nname: limits\nversion: 0.1.0\n',
      'chart/values.yaml': `group: ${group}\nversion: v1beta1\nmost: 1\n`,
      'chart/templates/all.yaml': TEMPLATE,
    })
    const run = async (...args: string[]): Promise<Ran> =>
      await forgeHere([...args, '--env', 'test', '-C', project.dir], { FORGE_HELM: await helmOf(major) })
    await serve(group, { v1beta1: true, v1: true })
    expect(await run('deploy')).toMatchObject({ status: 0 })
    if (versions === undefined) await kubectl(['delete', 'crd', `limits.${group}`])
    else await serve(group, versions)
    await then(run, namespace)
  }

  test('is told by the plan, rewritten where somebody agrees, and never else', async () => {
    await scene({ v1beta1: false, v1: true }, async (run, namespace) => {
      const next = ['--set', 'version=v1', '--set', 'most=2']
      const { plan } = document<{ plan: PlanDocument }>(await run('plan', '--json', ...next))
      expect(plan.warnings).toEqual([
        expect.stringContaining(`${outdated}: the record has to be rewritten to ${group}/v1`),
      ])
      const refused = await run('deploy', ...next)
      expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('E_RECORD_API') as unknown })
      expect((await object('configmap', 'other', namespace))?.data).toEqual({ most: '1' })
      expect(await run('deploy', '--yes', ...next)).toMatchObject({ status: 0 })
      expect((await object(`limits.${group}`, 'one', namespace))?.spec).toEqual({ most: 2 })
      expect(await run('rollback', '--yes')).toMatchObject({ status: 0 })
      expect((await object(`limits.${group}`, 'one', namespace))?.spec).toEqual({ most: 1 })
    })
  })

  test('does not keep the release from being uninstalled', async () => {
    await scene({ v1beta1: false, v1: true }, async (run, namespace) => {
      const ended = await run('uninstall', '--yes')
      expect(ended).toMatchObject({ status: 0, stderr: expect.stringContaining(outdated) as unknown })
      expect(await object(`limits.${group}`, 'one', namespace)).toBeUndefined()
      expect(await kubectl(['get', 'secrets', '-n', namespace, '-l', 'owner=helm', '-o', 'name'])).toBe('')
    })
  })

  test('loses what no version is served of: there can be none', async () => {
    await scene(undefined, async (run, namespace) => {
      expect(await run('deploy', '--set', 'version=', '--set', 'most=2', '--yes')).toMatchObject({ status: 0 })
      expect((await object('configmap', 'other', namespace))?.data).toEqual({ most: '2' })
      expect(await run('uninstall', '--yes')).toMatchObject({ status: 0 })
    })
  })
})

test.each([3, 4] as const)(
  'an uninstallation that fails leaves no release uninstalling, with helm %i',
  async (major) => {
    const namespace = freshNamespace('stays')
    const hook = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'hook', annotations: { 'helm.sh/hook': 'pre-delete' } },
      spec: { containers: [{ name: 'NOT VALID', image: 'x' }] },
    }
    const small = await smallProject(namespace, major, [configMap('a', { k: '1' }), hook])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect(await small.run('uninstall', ['--yes'])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining(
        "nothing of small was taken away, and helm's record of it says deployed again",
      ) as unknown,
    })
    await small.render([configMap('a', { k: '2' })])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    expect(await small.run('uninstall', ['--yes'])).toMatchObject({ status: 0 })
  },
)

/** Waits until discovery says so. */
async function serve(group: string, versions: Readonly<Record<string, boolean>>): Promise<void> {
  const served = Object.entries(versions).map(([name, isServed]) => ({
    ...{ name, served: isServed, storage: name === 'v1', schema: ANYTHING },
  }))
  const names = { kind: 'Limit', plural: 'limits' }
  const definition = {
    ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    metadata: { name: `limits.${group}` },
    spec: { group, scope: 'Namespaced', names, versions: served },
  }
  await defineKind(definition)
  for (;;) {
    const found = await kubectl(['get', '--raw', `/apis/${group}`]).catch(() => '{}')
    const now = ((JSON.parse(found) as { versions?: readonly { version: string }[] }).versions ?? []).map(
      ({ version }) => version,
    )
    if (served.every(({ name, served: wanted }) => now.includes(name) === wanted)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
