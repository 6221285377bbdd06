import { describe, expect, test } from '@jest/globals'
import { withValues } from '../../src/domain/plan/preserved.ts'
import { chooseFailures } from '../../src/domain/rehearsal/choose.ts'
import { expectedCodes, parseWishes, podFailure } from '../../src/domain/rehearsal/failures.ts'
import { FAILURE_KINDS, type FailureKind, type WishedFailure } from '../../src/domain/rehearsal/model.ts'
import { claim, mounting, of, refused, tonight, workload } from '../support/tonight.ts'

const FAIL = 'sandbox.forge.api-forge.io/fail'

describe('--fail', () => {
  test.each<[string[], WishedFailure[]]>([
    [['app=oom'], [{ component: 'app', kind: 'oom' }]],
    [['app=oom', 'app=oom'], [{ component: 'app', kind: 'oom' }]],
    [['Deployment/app=never-ready'], [{ component: 'Deployment/app', kind: 'never-ready' }]],
    [
      ['app=oom', 'db=provisioning'],
      [
        { component: 'app', kind: 'oom' },
        { component: 'db', kind: 'provisioning' },
      ],
    ],
  ])('%j', (texts, wished) => expect(parseWishes(texts)).toEqual(wished))

  test.each([
    [['app'], '--fail is COMPONENT=KIND, as in app=crash-loop, not "app"', '--fail app=crash-loop'],
    [['=oom'], '--fail is COMPONENT=KIND, as in app=crash-loop, not "=oom"', '--all'],
    [
      ['app=oom', 'db=crashloop'],
      '--fail db=crashloop: there is no failure "crashloop"; did you mean "crash-loop"?',
      '--fail app=oom --fail db=crash-loop',
    ],
    [
      ['app=thunderstorm'],
      `--fail app=thunderstorm: there is no failure "thunderstorm"; there is ${FAILURE_KINDS.map((kind) => `"${kind}"`).join(', ')}`,
      '--fail app=crash-loop',
    ],
  ])('%j is refused', (texts, message, hint) => expect(refused(() => parseWishes(texts))).toEqual({ message, hint }))
})

describe('where a failure is written', () => {
  test('is the template of the pods', () => {
    const object = withValues(workload('app'), podFailure('oom', undefined))
    expect(object['spec']).toMatchObject({ template: { metadata: { annotations: { [FAIL]: 'oom' } } } })
  })

  test.each<[FailureKind, string | undefined, string]>([
    ['crash-loop', undefined, 'crash-loop'],
    ['liveness', 'web', 'liveness:web'],
    ['init', 'prepare', 'crash-loop:prepare'],
  ])('%s of container %s: %s', (kind, container, value) => expect(podFailure(kind, container)[0]?.value).toBe(value))

  test('is the claim itself, or the template of a StatefulSet that makes it', () => {
    const set = workload('db', {
      kind: 'StatefulSet',
      spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] },
    })
    const [own, made] = [
      chooseFailures([{ component: 'db', kind: 'provisioning' }], tonight([of(set, 'created')])).failures[0],
      chooseFailures(
        [{ component: 'app', kind: 'provisioning' }],
        tonight([of(workload('app', { pod: mounting('cache') })), of(claim('cache'), 'created')]),
      ).failures[0],
    ]
    expect([own?.on.kind, made?.on.kind]).toEqual(['StatefulSet', 'PersistentVolumeClaim'])
    expect(own && withValues(own.on, own.values)['spec']).toMatchObject({
      volumeClaimTemplates: [{ metadata: { name: 'data', annotations: { [FAIL]: 'provisioning' } } }],
    })
    expect(made && withValues(made.on, made.values).metadata.annotations).toEqual({ [FAIL]: 'provisioning' })
    expect(made?.workload.metadata.name).toBe('app')
  })
})

describe('what a failure is told as', () => {
  test.each<[FailureKind, string, string]>([
    ['image-denied', 'Deployment', 'E_IMAGE_PULL'],
    ['image-denied', 'Job', 'E_IMAGE_PULL'],
    ['crash-loop', 'StatefulSet', 'E_CRASH_LOOP'],
    ['crash-loop', 'Job', 'E_JOB_FAILED'],
    ['oom', 'Job', 'E_JOB_FAILED'],
    ['init', 'DaemonSet', 'E_INIT_FAILED'],
    ['init', 'Job', 'E_JOB_FAILED'],
    ['config-error', 'Job', 'E_CONTAINER_CONFIG'],
    ['start', 'Job', 'E_CONTAINER_START E_JOB_FAILED'],
    ['job', 'Job', 'E_JOB_FAILED'],
  ])('%s of a %s: %s', (kind, of, codes) => expect(expectedCodes(kind, { kind: of }).join(' ')).toBe(codes))
})
