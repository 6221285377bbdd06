import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { helmCharts } from '../../src/adapters/helm/charts.ts'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { minimal } from '../support/sample-config.ts'

/** A helm that prints what it was told. */
async function echo(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'forge-helm-')), 'helm')
  await writeFile(path, '#!/bin/sh\ncat >/dev/null\necho "$@"\n')
  await chmod(path, 0o755)
  return path
}

test.each([
  [
    '{ chart: shop, repository: "https://charts.example", version: 1.2.3 }',
    'shop --repo https://charts.example --version 1.2.3',
  ],
  ['{ chart: "oci://registry.example/shop", version: 1.2.3 }', 'oci://registry.example/shop --version 1.2.3'],
])('helm is asked for the chart that forge.yaml names: %s', async (text, asked) => {
  const project = resolveProject(parseConfig(`${minimal}releases: { shop: ${text} }\n`), 'dev', {
    file: '/p/forge.yaml',
    dir: '/p',
  })
  const [release] = project.releases
  if (release === undefined) throw new Error('no release')
  const charts = helmCharts({ path: await echo(), version: { major: 4, minor: 3, patch: 1 } })
  const said = await charts.defaults(release.chart, new AbortController().signal)
  expect(said.trim()).toBe(`show values ${asked}`)
})

test.each([
  ['inside of one, where no kubeconfig names it', true, ' --dry-run=server '],
  ['without one', false, undefined],
])('what a chart looks up is asked of the cluster: %s', async (_, hasCluster, asked) => {
  const look = hasCluster ? () => Promise.reject(new Error('not asked')) : undefined
  const charts = helmCharts({ path: await echo(), version: { major: 4, minor: 3, patch: 1 }, look })
  const chart = { chart: 'oci://registry.example/shop' }
  const request = { release: 'shop', namespace: 'shop', chart, values: {}, isUpgrade: false, revision: 1 }
  const said = await charts.render(request, new AbortController().signal)
  if (asked === undefined) expect(said).not.toContain('--dry-run')
  else expect(said).toContain(asked)
})
