import { describe, expect, test } from '@jest/globals'
import { APP, deployment, pod, replicaSet, set } from './readiness-objects.ts'
import { installed, type Deploy } from './readiness-scene.ts'

describe('pods that may not be created', () => {
  const refused = (message: string): Deploy => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }]
    return installed(
      [APP],
      set(
        deployment({ status: { updatedReplicas: 0, availableReplicas: 0, replicas: 0 } }),
        replicaSet(1, { status: { replicas: 0, conditions } }),
      ),
    )
  }

  test.each([
    [
      'pods "app-x" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=3, limited: cpu=4',
      'E_QUOTA',
      'app cannot create its pods: quota compute is used up (requested: cpu=2, used: cpu=3, limited: cpu=4)',
    ],
    [
      'pods "app-x" is forbidden: failed quota: compute: must specify limits.cpu for: app',
      'E_QUOTA',
      'app cannot create its pods: quota compute demands limits.cpu for: app',
    ],
    [
      'pods "app-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
      'E_ADMISSION',
      'app cannot create its pods: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    ],
    [
      'admission webhook "policy.acme.io" denied the request: no latest tags',
      'E_ADMISSION',
      'app cannot create its pods: admission webhook "policy.acme.io" denied the request: no latest tags',
    ],
    [
      'pods "app-x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
      'E_ADMISSION',
      'app cannot create its pods: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
  ])('%s', (text, code, message) =>
    expect(refused(text).verdict(APP)).toMatchObject({ code, message, chain: ['Deployment/app', 'ReplicaSet/app-r1'] }),
  )

  test.each([
    ['Internal error occurred: failed calling webhook "x.acme.io": connect: connection refused', 'E_ADMISSION'],
    [
      'pods "app-x" is forbidden: error looking up service account prod/default: serviceaccount "default" not found',
      'E_ADMISSION',
    ],
    ['pods "app-x" is forbidden: status unknown for quota: compute, resources: pods', 'E_QUOTA'],
  ])('%s may pass', (text, code) => {
    const deploy = refused(text)
    expect(deploy.says(APP, 9_999)).toMatch(/^progressing/u)
    expect(deploy.says(APP, 10_000)).toBe(`failed ${code}`)
  })

  test('quota: old pods that the rollout ends give room, for a while', () => {
    const conditions = [
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: 'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
      },
    ]
    const old = pod({ name: 'old' })
    const deploy = installed(
      [APP],
      set(
        deployment({ revision: 2, status: { updatedReplicas: 0 } }),
        replicaSet(1),
        old,
        replicaSet(2, { status: { replicas: 0, conditions } }),
      ),
    )
    expect(deploy.says(APP)).toMatch(/^progressing/u)
    expect(deploy.says(APP, 10_000)).toBe('failed E_QUOTA')
  })
})
