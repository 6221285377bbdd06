import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { document, forge } from '../support/forge.ts'
import { walkOwnApp } from '../support/own-app-walk.ts'
import { projectAt } from '../support/project.ts'
import { kubectl, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const shop = `forge-own-${Date.now().toString(36)}`
const names = [shop, `${shop}-compose`]

/** Pods that would be refused are refused here. */
async function restrict(name: string): Promise<void> {
  await kubectl(['create', 'namespace', name])
  await kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted'])
}

beforeAll(async () => {
  for (const name of names) await restrict(name)
})

afterAll(async () => {
  if (process.env['FORGE_TEST_KEEP'] === undefined)
    await kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false'])
})

test('docs/your-own-app.md, followed to the letter, with containers that run', async () => {
  // The page says `sandbox`: here that is this cluster, which is up already.
  const here = `case $1 in
  sandbox) exit 0 ;;
  deploy|plan|status|history|rollback|uninstall) set -- "$@" --kubeconfig '${KUBECONFIG}' ;;
esac`
  const { shown } = await walkOwnApp({ shop, env: {}, before: here })
  expect(shown('forge sandbox up')).toContain('Deployed #1 to sandbox')
  expect(shown('registry.invalid')).toContain('E_IMAGE_PULL')
  expect(shown('with-compose')).toContain('Deployed #1 to sandbox')
  // Uninstalled; pods may take their time.
  await kubectl(['wait', 'pods', '--all', '--for=delete', '--timeout=60s', '-n', shop])
})

async function deployImage(
  namespace: string,
  image: string,
): Promise<{ status: number | undefined; report: DeployReport }> {
  const dir = join(await mkdtemp(join(tmpdir(), 'forge-own-')), namespace)
  await projectAt(dir).write('.keep', '')
  const made = await forge(['init', '--yes', '--image-ref', image, '-C', dir])
  expect(made.status).toBe(0)
  const ran = await forge(['deploy', '--env', 'sandbox', '-C', dir, '--json', '--kubeconfig', KUBECONFIG])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

test('an image that insists on root ends in a verdict that says the way out', async () => {
  const namespace = await RealNamespace.create('own-root')
  await kubectl(['label', 'namespace', namespace.name, 'pod-security.kubernetes.io/enforce=restricted'])
  try {
    const { status, report } = await deployImage(namespace.name, 'forge-test-root:1')
    expect({ status, code: report.verdict?.code }).toEqual({ status: 5, code: 'E_CRASH_LOOP' })
    expect(report.verdict?.chain.at(-1)).toMatch(/^it runs as user 1000 .*runAsUser/u)
  } finally {
    await namespace.remove()
  }
})
