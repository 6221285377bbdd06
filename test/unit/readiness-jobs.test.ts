import { describe, expect, test } from '@jest/globals'
import { JOB, crashed, gone, job, jobPod, pod, set, waiting } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

describe('Jobs', () => {
  const complete = job({ succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] })
  const failed = (reason: string, status = {}): ReturnType<typeof job> =>
    job({
      ...status,
      conditions: [{ type: 'Failed', status: 'True', reason, message: 'Job has reached the specified backoff limit' }],
    })
  const dead = (name: string): ReturnType<typeof pod> => {
    const terminated = { exitCode: 3, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:04Z' }
    return jobPod(name, {
      phase: 'Failed',
      ready: false,
      containers: [{ name: 'app', ready: false, restartCount: 0, state: { terminated } }],
    })
  }

  test.each([
    ['complete', set(complete), 'ready done'],
    ['running', set(job({ active: 1 }), jobPod('s-1')), 'progressing running'],
    ['second attempt', set(job({ active: 1, failed: 1 })), 'progressing running, 1 attempt failed'],
    [
      'succeeded, pods still counted',
      set(job({ conditions: [{ type: 'SuccessCriteriaMet', status: 'True' }] })),
      'progressing no pod runs',
    ],
    ['suspended', set(job({}, { suspend: true })), 'paused it is suspended (spec.suspend)'],
    [
      'pods crash, the Job counts',
      set(job({ active: 1 }), jobPod('s-1', { ready: false, containers: [crashed(9)] })),
      'progressing running',
    ],
    [
      'its image does not exist',
      set(
        job({ active: 1 }),
        jobPod('s-1', { ready: false, containers: [waiting('ErrImagePull', 'manifest unknown')] }),
      ),
      'failed E_IMAGE_PULL',
    ],
    [
      'decided, pods still ending',
      set(job({ conditions: [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }] })),
      'failed E_JOB_FAILED',
    ],
  ])('%s', (_, events, says) => expect(installed([JOB], events).says(JOB)).toBe(says))

  test('a failed one tells how, how often, and whose log shows it', () => {
    const deploy = installed([JOB], set(failed('BackoffLimitExceeded', { failed: 2 }), dead('s-1'), dead('s-2')))
    expect(deploy.verdict(JOB)).toMatchObject({
      code: 'E_JOB_FAILED',
      message: 'schema failed: it exits with status 3 after 4 s, 2 attempts',
      chain: ['Job/schema', 'Pod/s-2', 'app'],
      pods: ['s-2'],
      pod: { name: 's-2', container: 'app', previous: false },
    })
  })

  test('a Job that gives up may delete the pod that says why', () => {
    const deploy = installed([JOB], set(job({ active: 1 }), dead('s-1'))).see([
      ...gone(dead('s-1')),
      ...set(failed('BackoffLimitExceeded')),
    ])
    expect(deploy.verdict(JOB)).toMatchObject({
      message: 'schema failed: it exits with status 3 after 4 s',
      chain: ['Job/schema', 'Pod/s-1', 'app'],
      hint: kubectl(['describe', 'job', 'schema'], 'prod'),
    })
  })

  test('one that ran too long', () => {
    expect(installed([JOB], set(failed('DeadlineExceeded', { failed: 1 }))).verdict(JOB)).toMatchObject({
      message: 'schema ran longer than its activeDeadlineSeconds allow, 1 attempt',
    })
  })

  test('one that failed before helm ran counts once helm has kept it', () => {
    const deploy = new Deploy([JOB]).see(set(failed('BackoffLimitExceeded'))).begin()
    expect(deploy.says(JOB)).toMatch(/^progressing/u)
    expect(deploy.helmExits().says(JOB)).toBe('failed E_JOB_FAILED')
  })

  test('a hook Job that its chart deletes is done when it is gone', () => {
    const hook = { ...JOB, vanishes: true }
    const deploy = new Deploy([hook]).begin().see([...set(complete), ...gone(complete)])
    expect(deploy.says(hook)).toBe('progressing helm is still running')
    expect(deploy.helmExits().says(hook)).toBe('ready done')
  })

  describe('that is gone', () => {
    const running = job({ active: 1 })
    const bad = failed('BackoffLimitExceeded', { failed: 1 })
    const bare = { ...complete, status: undefined }

    test.each([
      ['was seen complete', [...set(complete), ...gone(complete)], 'ready done'],
      ['ended with the event that took it away', [...set(running), ...gone(complete)], 'ready done'],
      ['failed with the event that took it away', [...set(running), ...gone(bad)], 'failed E_JOB_FAILED'],
      ['went in a gap of the watch after its end', [...set(complete), ...gone(bare)], 'ready done'],
      [
        'went in a gap of the watch, whatever became of it',
        [...set(running), ...gone(bare)],
        'progressing is gone, and nobody saw how it ended',
      ],
      ['was deleted while it ran', [...set(running), ...gone(running)], 'failed E_OBJECT_GONE'],
    ])('and %s', (_, events, says) => {
      expect(new Deploy([JOB]).begin().see(events).helmExits().says(JOB)).toBe(says)
    })

    test('tells why it failed by the pod that went with it', () => {
      const deploy = new Deploy([JOB]).begin()
      deploy.see([...set(running, dead('s-1')), ...gone(dead('s-1')), ...gone(bad)]).helmExits()
      expect(deploy.verdict(JOB)).toMatchObject({
        message: 'schema failed: it exits with status 3 after 4 s, 1 attempt',
        chain: ['Job/schema', 'Pod/s-1', 'app'],
        pods: ['s-1'],
      })
    })

    test('and was complete before helm ran is done', () => {
      const deploy = new Deploy([JOB]).see(set(complete)).begin().see(gone(complete))
      expect(deploy.helmExits().says(JOB)).toBe('ready done')
    })

    test('because it is made anew proves nothing', () => {
      const deploy = new Deploy([JOB]).see(set(complete)).begin().see(gone(complete))
      const ref = { ...JOB, namespace: 'prod' }
      expect(deploy.helmExits([{ ref, uid: undefined, generation: 0 }]).says(JOB)).toMatch(
        /^progressing not the object/u,
      )
      const next = { ...bad, metadata: { ...bad.metadata, uid: 'next' } }
      expect(deploy.see([...set(next), ...gone(next)]).says(JOB)).toBe('failed E_JOB_FAILED')
    })

    test('and was not seen yet, although helm has left it, is waited for', () => {
      const ref = { ...JOB, namespace: 'prod' }
      const deploy = new Deploy([{ ...JOB, vanishes: true }]).begin()
      expect(deploy.helmExits([{ ref, uid: 'one', generation: 1 }]).says(JOB)).toBe('progressing does not exist')
    })
  })
})
