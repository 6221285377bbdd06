import { expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object, podsByName } from '../support/cluster.ts'
import { defineGitopsKinds } from '../support/gitops-kinds.ts'
import * as sample from '../support/manifests.ts'
import { orderedWatch, type Moment } from '../support/ordered-watch.ts'
import { nightly, run } from '../support/paused-stack.ts'
import { smallProject, type Manifest } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'

const DB: readonly Manifest[] = [sample.service('db', { clusterIP: 'None' }), sample.statefulSet('db', 'db')]

test('a watch of the API server sees each stage go after the pods of the one before, and come when they are ready', async () => {
  const objects = [settings('1'), sample.web({ probe: true }), sample.autoscaler('web', 2), nightly('nightly'), ...DB]
  const small = await smallProject(freshNamespace('pauseorder'), 4, objects)
  const at = ['-n', small.namespace]
  await small.project.configure(['stages'], { data: { wait: ['StatefulSet/db'] }, app: { wait: ['Deployment/web'] } })
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const isWeb = ({ object: name }: Moment): boolean => name.startsWith('Pod/web-')
  const watch = await orderedWatch(small.namespace, ['deployments', 'statefulsets', 'cronjobs', 'pods'])
  try {
    await kubectl(['scale', 'deployment/web', '--replicas=2', ...at])
    await kubectl(['rollout', 'status', 'deployment/web', ...at])

    expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
    const rests = await watch.until(({ object: name, wants }) => name === 'CronJob/nightly' && wants === 'true')
    const webDown = await watch.until(({ object: name, wants }) => name === 'Deployment/web' && wants === '0')
    const dbDown = await watch.until(({ object: name, wants }) => name === 'StatefulSet/db' && wants === '0')
    const dbGone = await watch.until(({ object: name, deleted }) => name === 'Pod/db-0' && deleted)
    const webGone = watch.moments().filter((one) => isWeb(one) && one.deleted && one.version > webDown.version)
    expect(webGone).toHaveLength(2)
    const down = [rests, webDown, ...webGone, dbDown, dbGone].map(({ version }) => version)
    expect(down).toEqual(down.toSorted((one, other) => one - other))

    // What its autoscaler keeps by now counts, and not what it kept before.
    await kubectl(['patch', 'hpa', 'web', '--type=merge', '-p', '{"spec":{"minReplicas":3}}', ...at])
    expect(await run(small, 'resume')).toMatchObject({ status: 0, report: { outcome: 'resumed' } })
    const after = dbGone.version
    const dbUp = await watch.until(({ object: name, wants }) => name === 'StatefulSet/db' && wants === '1', after)
    const dbReady = await watch.until(({ object: name, ready }) => name === 'Pod/db-0' && ready, after)
    const goesOn = await watch.until(
      ({ object: name, wants }) => name === 'CronJob/nightly' && wants === 'false',
      after,
    )
    const webs = watch
      .moments()
      .filter(({ object: name, version }) => name === 'Deployment/web' && version > webDown.version)
    const webUp = webs.find(({ wants }) => wants !== '0')
    expect(new Set(webs.map(({ wants }) => wants))).toEqual(new Set(['0', '3']))
    const ready = watch.moments().filter((one) => isWeb(one) && one.ready && one.version > after)
    const firstReady = [...Map.groupBy(ready, ({ object: name }) => name).values()].map(([one]) => one?.version ?? 0)
    expect(firstReady).toHaveLength(3)
    const came = [dbUp.version, dbReady.version, webUp?.version ?? 0, Math.max(...firstReady), goesOn.version]
    expect(came).toEqual(came.toSorted((one, other) => one - other))
    expect(await object('persistentvolumeclaim', 'data-db-0', small.namespace)).toBeDefined()
  } finally {
    await watch.close()
  }
})

test('who scales it back while it is paused is named, and the next pause goes on from there', async () => {
  const small = await deployed('pauseback', 4, [settings('1'), sample.web({ probe: true })])
  const at = ['-n', small.namespace]
  const [pod = ''] = (await kubectl(['get', 'pods', '-o', 'name', ...at])).trim().split('\n')
  const hold = async (finalizers: readonly string[]): Promise<string> =>
    await kubectl(['patch', pod, '--type=merge', '-p', JSON.stringify({ metadata: { finalizers } }), ...at])
  await hold(['example.test/hold'])
  const watch = await orderedWatch(small.namespace, ['deployments', 'pods'])
  const back = watch
    .until(({ object: name, wants }) => name === 'Deployment/web' && wants === '0')
    .then(async () => {
      const patch = ['patch', 'deployment', 'web', '--type=merge', '-p', '{"spec":{"replicas":1}}']
      await kubectl([...patch, '--field-manager=keda-operator', ...at])
    })
  const { status, report } = await run(small, 'pause')
  await back
  await watch.close()
  expect({ status, verdict: report.verdict }).toMatchObject({
    status: 5,
    verdict: {
      code: 'E_PAUSE_UNDONE',
      message: 'Deployment/web was scaled to 1 again by keda-operator while it was being paused',
    },
  })
  await hold([])
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
  expect(await podsByName(small.namespace)).toEqual({})
  expect(await run(small, 'resume')).toMatchObject({ status: 0, report: { objects: [{ from: 0, to: 1 }] } })
})

const LONG = { 'sandbox.forge.api-forge.io/delay': '10m' }

/** Its pods run for long. */
function slowly(cronJob: Manifest): Manifest {
  const text = JSON.stringify(cronJob).replace(
    '"template":{',
    `"template":{"metadata":{"annotations":${JSON.stringify(LONG)}},`,
  )
  return JSON.parse(text) as Manifest
}

test('a Job that runs is not cut off, and nothing was written', async () => {
  const job = JSON.stringify(sample.job('schema', 'example.test/schema:1')).replace(
    '"template":{',
    `"template":{"metadata":{"annotations":${JSON.stringify(LONG)}},`,
  )
  const objects = [
    settings('1'),
    sample.web({ probe: true }),
    sample.job('schema', 'example.test/schema:1'),
    nightly('nightly'),
  ]
  const small = await deployed('pausejob', 4, objects)
  const at = ['-n', small.namespace]
  // A deploy waits for its end: somebody starts it once more.
  await kubectl(['delete', 'job', 'schema', ...at])
  await kubectl(['apply', '-f', '-', ...at], job)
  const { status, report } = await run(small, 'pause')
  expect({ status, verdict: report.verdict, deploy: report.deploy }).toMatchObject({
    status: 3,
    verdict: { code: 'E_PAUSE_JOB', hint: expect.stringContaining('wait --for=condition=complete job/schema') },
    deploy: null,
  })
  expect((await object('deployment', 'web', small.namespace))?.spec).toMatchObject({ replicas: 1 })
  await kubectl(['delete', 'job', 'schema', ...at])
  // Made by hand of a CronJob, as forge backup does: its CronJob's status does not name it.
  await kubectl(['apply', '-f', '-', ...at], JSON.stringify(slowly(nightly('nightly'))))
  await kubectl(['create', 'job', 'by-hand', '--from=cronjob/nightly', ...at])
  const own = await run(small, 'pause')
  expect({ status: own.status, message: own.report.verdict?.message }).toMatchObject({
    status: 3,
    message: expect.stringContaining('Job/by-hand runs'),
  })
  await kubectl(['delete', 'job', 'by-hand', ...at])
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
})

test('an Application of Argo CD that syncs by itself is not paused under; one that does not is', async () => {
  await defineGitopsKinds()
  const small = await deployed('pauseargo', 4, [settings('1'), sample.web({ probe: true })])
  const at = ['-n', small.namespace]
  const application = async (syncPolicy: object): Promise<string> =>
    await kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: 'shop', namespace: small.namespace },
        spec: { syncPolicy },
      }),
    )
  await application({ automated: { selfHeal: true } })
  const id = `argocd.argoproj.io/tracking-id=${small.namespace}_shop:apps/Deployment:${small.namespace}/web`
  await kubectl(['annotate', 'deployment', 'web', id, ...at])
  const refused = await small.run('pause', ['--json'])
  expect(refused).toMatchObject({ status: 3, stdout: expect.stringContaining('syncs by itself') })
  expect(refused.stdout).toContain('E_GITOPS_OWNED')
  expect((await object('deployment', 'web', small.namespace))?.spec).toMatchObject({ replicas: 1 })
  await application({ automated: null })
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
  // Of what GitOps owns nothing is deployed, so it is not woken for that either.
  await small.render([settings('2'), sample.web({ probe: true })])
  expect((await small.run('deploy', ['--json', '--resume'])).stdout).toContain('E_GITOPS_OWNED')
  expect((await object('deployment', 'web', small.namespace))?.spec).toMatchObject({ replicas: 0 })
})
