import { expect, test } from '@jest/globals'
import { kubectl } from '../support/cluster.ts'
import { claim, configMap, secret, web } from '../support/manifests.ts'
import { namedProject, NEXT, paste } from '../support/run-line.ts'
import type { Manifest } from '../support/small.ts'

/**
 * What forge says a person should run is run: the very line, in another folder and on another current cluster. That each
 * hint is a line at all is held by test/unit/hint-calls.test.ts.
 */
async function expectRuns(line: string, command: RegExp, shows: RegExp, status = 0): Promise<string> {
  expect(line.replaceAll(/\\\n +/gu, '')).toMatch(command)
  const ran = await paste(line)
  expect({ line, ...ran }).toMatchObject({ status, stdout: expect.stringMatching(shows) })
  return ran.stdout
}

const SANDBOX = 'sandbox.forge.api-forge.io'

/** A Deployment or a Job called web whose pods do as the sandbox is told. */
function acting(kind: 'Deployment' | 'Job', acts: Record<string, string>, pod: Record<string, unknown> = {}): Manifest {
  const annotations = Object.fromEntries(Object.entries(acts).map(([name, value]) => [`${SANDBOX}/${name}`, value]))
  const labels = { app: 'web' }
  const containers = [{ name: 'web', image: 'example.test/web:1', readinessProbe: { tcpSocket: { port: 1 } } }]
  const own = kind === 'Job' ? { backoffLimit: 0 } : { selector: { matchLabels: labels } }
  const restarts = kind === 'Job' ? { restartPolicy: 'Never' } : {}
  const template = { metadata: { labels, annotations }, spec: { containers, ...restarts, ...pod } }
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { ...own, template },
  }
}

const QUOTA: Manifest = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few' },
  spec: { hard: { pods: '0' } },
}

const NEEDS_KEY = {
  containers: [
    {
      name: 'web',
      image: 'example.test/web:1',
      env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'two' } } }],
    },
  ],
}

const LOG = { log: 'no colour' }

test.each<[string, readonly Manifest[], RegExp, RegExp]>([
  ['no such image', [acting('Deployment', { fail: 'image-pull' })], / describe pod web-/u, /ImagePull/u],
  [
    'an image for others',
    [acting('Deployment', { fail: 'image-denied' })],
    / get pod web-/u,
    /PULL-SECRETS\n.*<none>/u,
  ],
  ['a crash', [acting('Deployment', { fail: 'crash-loop', ...LOG })], / logs web-/u, /no colour/u],
  ['a Job that fails', [acting('Job', { fail: 'job', ...LOG })], / logs web-/u, /no colour/u],
  ['a used-up quota', [QUOTA, acting('Deployment', {})], / describe resourcequota few$/u, /pods\s+0\s+0/u],
  [
    'a missing key',
    [secret('keys', { one: '1' }), acting('Deployment', {}, NEEDS_KEY)],
    / describe secret keys$/u,
    /one:\s+1 byte/u,
  ],
  ['a probe', [acting('Deployment', { fail: 'never-ready', ...LOG })], / logs web-/u, /no colour/u],
])('a first deploy that fails says how to see why: %s', async (_, objects, command, shows) => {
  const shop = await namedProject(() => objects)
  const { status, line } = await shop.hint('deploy', '--timeout', '2s')
  expect({ status, line }).toEqual({ status: 5, line: expect.stringMatching(/^kubectl /u) })
  await expectRuns(line, command, shows)
})

test('what a deploy is refused for can be put right, or looked at', async () => {
  const shop = await namedProject(() => [configMap('settings', {}), claim('data', '1Gi', 'fast')])
  const { project, namespace } = shop
  const refused = async (flags: readonly string[], command: RegExp, shows: RegExp, status = 0): Promise<void> => {
    const { line } = await shop.hint('deploy', ...flags)
    await expectRuns(line, command, shows, status)
  }
  await refused(['--context', 'nowhere'], /^kubectl config get-contexts /u, /forge-sandbox-/u)
  await refused([], / get storageclass$/u, /^standard /mu)

  await shop.render([configMap('settings', {})])
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['create', 'configmap', 'settings', '-n', namespace])
  await refused([], /^forge migrate-to-helm --dry-run /u, /^Adopt +1 object in place: 1 ConfigMap$/mu)
  await kubectl(['delete', 'configmap', 'settings', '-n', namespace])

  await project.configure(['environments', 'test', 'protected'], true)
  await refused([], /^forge deploy .* --yes$/u, /"outcome": "deployed"/u)
  await refused(['--env', 'tset', '--yes'], /^forge deploy .* --env test$/u, /"outcome": "unchanged"/u)
  await project.configure(['stages'], { web: { wait: ['Deployment/web'] } })
  await refused([], /^forge render /u, /name: settings/u)
  await project.write('chart/templates/objects.yaml', '{{ fail "no colour" }}')
  await refused([], /^forge render /u, /^$/u, 3)
})

test('from one command to the next, from the first deploy to the end', async () => {
  const objects = (name: string, colour: string, image = 'example.test/web:1'): Manifest[] => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    configMap('settings', { COLOUR: colour }),
    web({ probe: true, image }),
    claim('data', '1Gi'),
  ]
  const shop = await namedProject((name) => objects(name, 'blue'))
  const { namespace } = shop
  await expectRuns((await shop.hint('deploy')).line, / create namespace .* label .* annotate /u, /annotated\n?$/u)
  await expectRuns(await shop.next('plan'), /^forge plan .* && forge deploy --plan p\.json/u, /^Deployed #1 to test/mu)

  await shop.render(objects(namespace, 'red'))
  await kubectl([
    'patch',
    'configmap',
    'settings',
    '-n',
    namespace,
    '--type=merge',
    '-p',
    '{"data":{"COLOUR":"green"}}',
  ])
  const plan = await expectRuns((await shop.hint('deploy')).line, /^forge plan /u, /green → red/u)
  await expectRuns(NEXT.exec(plan)?.[1] ?? '', /^forge deploy .* --overwrite-drift/u, /^Deployed #2 to test/mu)

  await shop.render(objects(namespace, 'red', 'registry.invalid/web:2'))
  await kubectl(['rollout', 'pause', 'deployment/web', '-n', namespace])
  await expectRuns(
    (await shop.hint('deploy')).line,
    / rollout resume deployment\/web$/u,
    /^deployment.apps\/web resumed$/u,
  )
  const restored = await shop.hint('deploy')
  expect(restored.status).toBe(4)
  await expectRuns(restored.line, /^forge history 3 /u, /cannot pull image registry\.invalid\/web:2/u)

  await expectRuns((await shop.hint('rollback 99')).line, /^forge history /u, /^\* +2 /mu)
  await expectRuns((await shop.hint('logs wbe')).line, /^forge status /u, /test is ready/u)
  await expectRuns(await shop.next('rollback --dry-run'), /^forge rollback 1 /u, /#4/u)

  await expectRuns(
    (await shop.hint('uninstall --delete-data --yes')).line,
    /^forge uninstall .*--dry-run/u,
    /release small/u,
  )
  const end = await expectRuns(
    (await shop.hint('uninstall')).line,
    /^forge uninstall .*--yes/u,
    /Uninstalled 1 release/u,
  )
  await expectRuns(/^History +(.*)$/mu.exec(end)?.[1] ?? '', /^forge history 5 /u, /forge uninstall/u)
}, 180_000)
