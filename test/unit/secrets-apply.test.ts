import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { HERE } from '../support/hints.ts'
import { applyRows } from '../../src/screen/secrets.ts'
import { applySecrets } from '../../src/flows/secrets-apply.ts'
import { applyPorts, failure, memoryCluster, memoryFiles, projectPorts } from '../support/project-ports.ts'
import { head, secretObject, sink } from '../support/secrets.ts'

describe('apply', () => {
  const spec = '  s: { files: { a: a.txt, b: b.txt }, keep: true }\n'
  const apply = async (files: Record<string, string>, objects: KubeObject[], dryRun = false) => {
    const ports = projectPorts(memoryFiles({ 'forge.yaml': `${head}${spec}`, ...files }))
    const cluster = memoryCluster(objects)
    const redact = sink()
    const project = await loadProject(ports, { dir: '/p' })
    const report = await applySecrets(project, applyPorts(ports, cluster), redact, { dryRun })
    return { report, cluster, redact, rows: applyRows(report, HERE) }
  }

  test('a first time: the namespace is made, the revision is kept, then the Secret', async () => {
    const { cluster, rows } = await apply({ 'a.txt': 'x', 'b.txt': 'y' }, [])
    expect(cluster.created.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'Namespace/demo-ns',
      'Lease/forge-demo',
      'Secret/forge-s-r1',
    ])
    expect(cluster.created[0]?.metadata.labels).toEqual({
      'forge.api-forge.io/project': 'demo',
      'forge.api-forge.io/environment': 'dev',
    })
    expect(cluster.applied.map(({ metadata }) => metadata.name)).toEqual(['s'])
    expect(rows).toEqual(['+ s  adds a, b, r1', 'Wrote 1 secret to dev (namespace demo-ns).'])
  })

  test('again: nothing is written', async () => {
    const first = await apply({ 'a.txt': 'x', 'b.txt': 'y' }, [])
    const { cluster, rows } = await apply({ 'a.txt': 'x', 'b.txt': 'y' }, [...first.cluster.live.values()])
    expect(cluster.applied).toEqual([])
    expect(rows).toEqual(['= s  unchanged, r1', 'Nothing to write to dev (namespace demo-ns).'])
  })

  test("a change, with a key that is kept and one that is not forge's", async () => {
    const { rows, redact, cluster } = await apply({ 'a.txt': 'new' }, [
      secretObject({ a: 'old', b: 'kept-value', c: 'other' }),
    ])
    expect(rows[0]).toBe('~ s  changes a, keeps b as the cluster has it, leaves alone c, r1 → r2')
    expect(redact.values).toEqual(expect.arrayContaining(['new', 'old', 'kept-value']))
    expect(cluster.applied[0]?.['data']).toEqual({ a: btoa('new'), b: btoa('kept-value'), c: btoa('other') })
  })

  test('--dry-run writes nothing', async () => {
    const { cluster, rows } = await apply({ 'a.txt': 'x', 'b.txt': 'y' }, [], true)
    expect([cluster.applied, cluster.created]).toEqual([[], []])
    expect(rows.at(-1)).toBe('1 secret would be written to dev (namespace demo-ns). Nothing was written.')
  })

  test('what is missing on both sides is told with both, and nothing is written', async () => {
    expect(await failure(apply({ 'a.txt': 'x' }, [secretObject({ a: 'x' })]))).toMatchObject({
      code: 'E_SECRET_MISSING',
      message: 'forge.yaml:6:3: key b: b.txt is missing, and Secret s in the cluster has no such key to keep it from',
      hint: 'forge secrets generate --env dev',
    })
  })
})
