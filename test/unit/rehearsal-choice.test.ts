import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { chooseFailures, type Chosen } from '../../src/domain/rehearsal/choose.ts'
import type { FailureKind } from '../../src/domain/rehearsal/model.ts'
import type { Tonight, TonightObject } from '../../src/domain/rehearsal/spots.ts'
import { claim, component, FULL, mounting, of, PLAIN, refused, tonight, workload } from '../support/tonight.ts'

const NO_VOLUME =
  'no volume is made tonight: it takes a new claim that pods mount, or a new StatefulSet with a template of claims'

const NO_LIVENESS =
  'no workload has a liveness probe beside a readiness probe: without the latter it is ready before it is killed, tonight as well'

/** `app=oom`, `app=liveness in sidecar` */
const brief = ({ failures }: Chosen): string[] =>
  failures.map(
    ({ component, kind, container }) => `${component}=${kind}${container === undefined ? '' : ` in ${container}`}`,
  )
const whereIs = (kind: FailureKind, night: Tonight): string | undefined => {
  const { failures, notProvoked } = chooseFailures('all', night)
  const found = failures.find((one) => one.kind === kind)
  return found?.component ?? notProvoked.find(({ failure }) => failure === kind)?.why
}
describe('all of them', () => {
  test('each once, where it tells most', () => {
    const found = chooseFailures(
      'all',
      tonight([
        of(workload('app', { pod: FULL, spec: { minReadySeconds: 5 } })),
        of(workload('migrate', { kind: 'Job', pod: { containers: [PLAIN] } }), 'created'),
        of(claim('cache'), 'created'),
        of(workload('files', { pod: mounting('cache') }), 'created'),
      ]),
    )
    expect(found.notProvoked).toEqual([])
    expect(brief(found)).toEqual([
      ...['image-pull', 'image-denied', 'image-network', 'crash-loop'].map((kind) => `app=${kind}`),
      'app=init in prepare',
      ...['oom', 'start', 'liveness', 'never-ready', 'flapping', 'config-error', 'unschedulable'].map(
        (kind) => `app=${kind}`,
      ),
      'migrate=job',
      'files=provisioning',
    ])
    expect(found.failures.map(({ remark }) => remark).filter((remark) => remark !== null)).toEqual([])
  })

  test.each<[string, TonightObject[], FailureKind, string]>([
    ['what is restarted', [of(workload('idle'), 'left'), of(workload('app', { kind: 'DaemonSet' }))], 'oom', 'app'],
    ['a Deployment', [of(workload('db', { kind: 'StatefulSet' })), of(workload('app'))], 'oom', 'app'],
    ['one with a probe', [of(workload('web', { pod: { containers: [PLAIN] } })), of(workload('app'))], 'oom', 'app'],
    ['one that serves', [of(workload('web'), 'created'), of(workload('app'))], 'oom', 'app'],
    ['one that has pods', [of(workload('web', { spec: { replicas: 0 } })), of(workload('app'))], 'oom', 'app'],
    ['one that goes on', [of(workload('web', { spec: { paused: true } })), of(workload('app'))], 'oom', 'app'],
    [
      'one that replaces its pods',
      [
        of(workload('db', { kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } })),
        of(workload('log', { kind: 'DaemonSet' })),
      ],
      'oom',
      'log',
    ],
    [
      'the Job that ends first',
      [
        of(workload('slow', { kind: 'Job' }), 'created'),
        of(workload('fast', { kind: 'Job', spec: { backoffLimit: 1 } }), 'created'),
      ],
      'job',
      'fast',
    ],
    [
      'no Job that is done',
      [of(workload('old', { kind: 'Job' }), 'left')],
      'job',
      "no Job runs in tonight's deploy: it takes a new one, or a hook of helm",
    ],
    [
      'no hook of helm 3',
      [of(workload('up', { kind: 'Job' }), 'created', true)],
      'job',
      'Job/up is a hook, which helm 3 lets nobody change',
    ],
    [
      'no volume',
      [of(workload('app', { pod: mounting('cache') })), of(claim('cache'), 'left')],
      'provisioning',
      NO_VOLUME,
    ],
    [
      'no volume that somebody has made',
      [of(workload('app', { pod: mounting('cache') })), of(claim('cache', { storageClassName: '' }), 'created')],
      'provisioning',
      NO_VOLUME,
    ],
    ['no init container', [of(workload('app'))], 'init', 'no workload has an init container that ends'],
    ['no liveness', [of(workload('app', { pod: { containers: [PLAIN] } }))], 'liveness', NO_LIVENESS],
    [
      'ready before it is killed',
      [of(workload('app', { pod: { containers: [{ ...PLAIN, livenessProbe: {} }] } }))],
      'liveness',
      NO_LIVENESS,
    ],
    [
      'killed before it counts as ready',
      [of(workload('app', { spec: { minReadySeconds: 31 }, pod: { containers: [{ ...PLAIN, livenessProbe: {} }] } }))],
      'liveness',
      'app',
    ],
    [
      'killed before it is believed',
      [
        of(
          workload('app', {
            pod: { containers: [{ ...PLAIN, livenessProbe: { periodSeconds: 1, failureThreshold: 2 } }] },
          }),
        ),
      ],
      'liveness',
      'app',
    ],
    [
      'no readiness',
      [of(workload('app', { pod: { containers: [PLAIN] } }))],
      'never-ready',
      'no workload has a readiness probe',
    ],
    [
      'ready for a moment',
      [of(workload('app'))],
      'flapping',
      'no workload has a readiness probe and minReadySeconds of 2 or more: without, ready for a moment is ready, tonight as well',
    ],
    ['nothing', [], 'oom', "tonight's deploy has no pods that it could replace"],
  ])('%s', (_, objects, kind, where) => expect(whereIs(kind, tonight(objects))).toBe(where))

  test('the last stage', () => {
    const [web, app] = [workload('web'), workload('app')]
    const target = ({ apiVersion, kind, metadata: { name, namespace = '' } }: KubeObject) => ({
      targets: [{ apiVersion, kind, name, namespace }],
    })
    expect(whereIs('oom', tonight([of(web), of(app)], { stages: [target(web), target(app)] }))).toBe('app')
    expect(whereIs('oom', tonight([of(web), of(app)], { stages: [target(app), target(web)] }))).toBe('web')
  })

  test('a hook where helm lets forge change it', () => {
    const hook = of(workload('up', { kind: 'Job' }), 'created', true)
    expect(whereIs('job', tonight([hook], { hooksCanBeMarked: true }))).toBe('up')
  })

  test('a claim that is there already is not made', () => {
    const spec = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] }
    const set = of(workload('db', { kind: 'StatefulSet', spec }), 'created')
    expect(whereIs('provisioning', tonight([set]))).toBe('db')
    const claims = new Set(['/PersistentVolumeClaim/shop/data-db-0'])
    expect(whereIs('provisioning', tonight([set], { claims }))).toBe(NO_VOLUME)
  })

  test('of workloads that go on as they are it says so', () => {
    const { failures } = chooseFailures('all', tonight([of(workload('app'), 'left')]))
    expect(failures[0]?.remark).toBe('app is not restarted tonight; here it is, to fail')
  })

  test('the container that has the probe', () => {
    const pod = { containers: [PLAIN, { name: 'web', livenessProbe: {}, readinessProbe: {} }] }
    const found = brief(chooseFailures('all', tonight([of(workload('app', { pod }))])))
    expect(found).toEqual(expect.arrayContaining(['app=oom', 'app=liveness in web', 'app=never-ready in web']))
  })
})

describe('a component', () => {
  const labels = { 'app.kubernetes.io/component': 'web', 'app.kubernetes.io/name': 'shop' }
  const night = tonight(
    [
      of(workload('shop-web', { labels })),
      of(workload('shop-worker', { labels: { ...labels, 'app.kubernetes.io/component': 'worker' } })),
      of(workload('shop-migrate-1f3c', { kind: 'Job', labels: { 'app.kubernetes.io/name': 'migrate' } }), 'created'),
      of(workload('db', { kind: 'StatefulSet' }), 'left'),
      of({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'clean', namespace: 'shop' } }),
    ],
    { components: [component('front', 'Deployment/shop-web')] },
  )

  test.each<[string, FailureKind, string]>([
    ['front', 'oom', 'Deployment/shop-web'],
    ['web', 'oom', 'Deployment/shop-web'],
    ['worker', 'oom', 'Deployment/shop-worker'],
    ['Deployment/shop-worker', 'oom', 'Deployment/shop-worker'],
    ['Job/migrate', 'job', 'Job/shop-migrate-1f3c'],
    ['db', 'unschedulable', 'StatefulSet/db'],
  ])('%s=%s is let happen at %s', (name, kind, where) => {
    const [found] = chooseFailures([{ component: name, kind }], night).failures
    expect(found && `${found.component} ${found.workload.kind}/${found.workload.metadata.name}`).toBe(
      `${name} ${where}`,
    )
  })

  test.each<[string, FailureKind, string, unknown]>([
    [
      'wrker',
      'oom',
      'tonight\'s deploy has no component "wrker"; there is worker, front, db, migrate',
      '--fail worker=oom',
    ],
    ['front', 'init', '--fail front=init: Deployment/shop-web has no init container that ends', '--all'],
    ['front', 'job', '--fail front=job: Deployment/shop-web is no Job', '--fail migrate=job'],
    [
      'migrate',
      'never-ready',
      '--fail migrate=never-ready: Job/shop-migrate-1f3c is a Job, which no probe holds back',
      '--fail front=never-ready',
    ],
    [
      'db',
      'provisioning',
      '--fail db=provisioning: StatefulSet/db gets no new volume tonight: it takes a claim that is not there yet',
      '--all',
    ],
    ['CronJob/clean', 'oom', '--fail CronJob/clean=oom: CronJob/clean makes no pods in a deploy', '--fail front=oom'],
  ])('%s=%s is refused', (name, kind, message, hint) =>
    expect(refused(() => chooseFailures([{ component: name, kind }], night))).toEqual({ message, hint }),
  )

  test('each that is chosen can be wished by its name', () => {
    const { failures } = chooseFailures('all', night)
    const again = chooseFailures(failures, night).failures
    expect(again.map(({ workload: { metadata } }) => metadata.name)).toEqual(
      failures.map(({ workload: { metadata } }) => metadata.name),
    )
  })
})
