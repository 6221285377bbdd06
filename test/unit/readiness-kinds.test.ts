import { describe, expect, test } from '@jest/globals'
import { judgeAutoscaler } from '../../src/domain/readiness/workloads/autoscaler.ts'
import { judgeBudget } from '../../src/domain/readiness/workloads/budget.ts'
import { judgeDaemonSet } from '../../src/domain/readiness/workloads/daemon-set.ts'
import { judgeDeployment } from '../../src/domain/readiness/workloads/deployment.ts'
import { judgeQuota } from '../../src/domain/readiness/workloads/quota.ts'
import { judgeReplicas } from '../../src/domain/readiness/workloads/replicas.ts'
import { judgeStatefulSet } from '../../src/domain/readiness/workloads/stateful-set.ts'

const deployment = {
  generation: 2,
  observedGeneration: 2,
  paused: false,
  desired: 3,
  replicas: 3,
  updated: 3,
  available: 3,
}

describe('a Deployment', () => {
  test.each([
    ['all updated and available', {}, 'ready', '3/3'],
    ['scaled to 0', { desired: 0, replicas: 0, updated: 0, available: 0 }, 'ready', 'scaled to 0'],
    ['status of an older spec', { observedGeneration: 1 }, 'progressing', 'spec not observed yet'],
    ['one of three updated', { updated: 1 }, 'progressing', '1/3 updated'],
    [
      'new pod broken, old one serving',
      { desired: 1, updated: 1, available: 1, replicas: 2 },
      'progressing',
      '1 old pod still running',
    ],
    ['two old pods left', { replicas: 5 }, 'progressing', '2 old pods still running'],
    ['one not available', { available: 2 }, 'progressing', '2/3 available'],
    [
      'scaled down, pods still there',
      { desired: 0, updated: 2, replicas: 3 },
      'progressing',
      '1 old pod still running',
    ],
    ['more pods than wanted', { replicas: 4, updated: 4 }, 'progressing', '1 pod still to go'],
    ['paused half-way', { paused: true, updated: 1 }, 'paused', 'its rollout is paused (spec.paused)'],
    ['paused before a new template', { paused: true, updated: 0 }, 'paused', 'its rollout is paused (spec.paused)'],
    [
      'paused before its first pod',
      { paused: true, replicas: 0, updated: 0, available: 0 },
      'paused',
      'its rollout is paused (spec.paused)',
    ],
    ['paused, and nothing waits to roll out', { paused: true }, 'ready', '3/3'],
    ['paused, being scaled', { paused: true, desired: 5 }, 'progressing', '3/5 updated'],
    [
      'paused, scaled to 0',
      { paused: true, desired: 0, replicas: 0, updated: 0, available: 0 },
      'ready',
      'scaled to 0',
    ],
    ['paused, but not observed', { paused: true, observedGeneration: 1 }, 'progressing', 'spec not observed yet'],
  ])('%s', (_, facts, state, says) => {
    const progress = judgeDeployment({ ...deployment, ...facts })
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

const statefulSet = {
  generation: 2,
  observedGeneration: 2,
  desired: 3,
  replicas: 3,
  ready: 3,
  updated: 3,
  partition: 0,
  onDelete: false,
  isCurrent: true,
  left: 0,
}

describe('a StatefulSet', () => {
  test.each([
    ['rolled out', {}, 'ready', '3/3'],
    ['scaled to 0', { desired: 0, replicas: 0, ready: 0, updated: 0 }, 'ready', 'scaled to 0'],
    ['not observed', { observedGeneration: 1 }, 'progressing', 'spec not observed yet'],
    ['one pod down', { ready: 2 }, 'progressing', '2/3 ready'],
    ['made again, with the pods of the one before', { left: 2 }, 'progressing', '2 pods of the revision before'],
    ['update under way', { updated: 1, isCurrent: false }, 'progressing', '1/3 updated'],
    ['all updated, controller not done', { isCurrent: false }, 'progressing', 'its update is being finished'],
    ['nothing to update: the controller counts none as updated', { updated: 0 }, 'ready', '3/3'],
    ['scaled down, a pod still there', { replicas: 4, ready: 4 }, 'progressing', '1 pod still to go'],
    ['partition reached', { partition: 2, updated: 1, isCurrent: false }, 'ready', '3/3'],
    ['partition not reached', { partition: 1, updated: 1, isCurrent: false }, 'progressing', '1/2 updated'],
    ['partition above the replicas', { partition: 9, updated: 0, isCurrent: false }, 'ready', '3/3'],
    ['OnDelete, update waits for people', { onDelete: true, updated: 0, isCurrent: false }, 'ready', '3/3'],
    ['OnDelete, one pod down', { onDelete: true, ready: 2 }, 'progressing', '2/3 ready'],
  ])('%s', (_, facts, state, says) => {
    const progress = judgeStatefulSet({ ...statefulSet, ...facts })
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

const daemonSet = { generation: 1, observedGeneration: 1, desired: 4, updated: 4, available: 4, onDelete: false }

describe('a DaemonSet', () => {
  test.each([
    ['on all nodes', {}, 'ready', '4/4'],
    ['no node matches', { desired: 0, updated: 0, available: 0 }, 'ready', 'no node wants it'],
    ['not observed', { observedGeneration: 0 }, 'progressing', 'spec not observed yet'],
    ['half updated', { updated: 2 }, 'progressing', '2/4 updated'],
    ['updated, one not available', { available: 3 }, 'progressing', '3/4 available'],
    ['OnDelete ignores the update', { onDelete: true, updated: 0 }, 'ready', '4/4'],
  ])('%s', (_, facts, state, says) => {
    const progress = judgeDaemonSet({ ...daemonSet, ...facts })
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

const replicas = { generation: 2, observedGeneration: 2, desired: 2, replicas: 2, available: 2 }

// Rows of kstatus' ReplicaSet tables, with the generation that they leave out.
describe('a ReplicaSet or ReplicationController', () => {
  test.each([
    ['all available', {}, 'ready', '2/2'],
    ['scaled to 0', { desired: 0, replicas: 0, available: 0 }, 'ready', 'scaled to 0'],
    ['not observed', { observedGeneration: 1 }, 'progressing', 'spec not observed yet'],
    ['one pod cannot be made', { replicas: 1, available: 1 }, 'progressing', '1/2 made'],
    ['one is not available', { available: 1 }, 'progressing', '1/2 available'],
    ['one is still to go', { replicas: 3 }, 'progressing', '1 pod still to go'],
  ])('%s', (_, facts, state, says) => {
    const progress = judgeReplicas({ ...replicas, ...facts })
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

describe('a PodDisruptionBudget', () => {
  const kept = { observed: true, healthy: 2, wanted: 2, failed: undefined }
  test.each([
    ['kept, though no pod may go away', {}, 'ready', 'kept'],
    ['kept by nobody: no pods', { healthy: 0, wanted: 0 }, 'ready', 'kept'],
    ['not observed', { observed: false }, 'progressing', 'spec not observed yet'],
    ['not kept', { healthy: 1 }, 'progressing', '1 of the 2 pods that it demands are healthy'],
    ['its pods cannot be counted', { failed: 'found no controller' }, 'progressing', 'found no controller'],
  ])('%s', (_, facts, state, says) => {
    const progress = judgeBudget({ ...kept, ...facts })
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

describe('a ResourceQuota', () => {
  const hard = { cpu: '1', pods: '10' }
  test.each([
    ['without a status', hard, {}, 'progressing', 'not counted yet'],
    ['of more than it was', hard, { cpu: '500m', pods: '10' }, 'progressing', 'not counted yet'],
    ['of one resource more', hard, { cpu: '1' }, 'progressing', 'not counted yet'],
    ['of one resource less', { cpu: '1' }, hard, 'progressing', 'not counted yet'],
    ['counted', hard, hard, 'ready', 'counted'],
    ['written in other units', { cpu: '1000m' }, { cpu: '1' }, 'ready', 'counted'],
    ['of nothing', {}, {}, 'ready', 'counted'],
  ])('%s', (_, wanted, counted, state, says) => {
    const progress = judgeQuota(wanted, counted)
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})

describe('a HorizontalPodAutoscaler', () => {
  const able = { type: 'AbleToScale', status: 'True' }
  const active = { type: 'ScalingActive', status: 'True' }
  const off = { ...active, status: 'False' }
  test.each([
    ['nobody has looked', [], 'progressing', 'its controller has not looked at it yet'],
    [
      'no target',
      [{ ...able, status: 'False', reason: 'FailedGetScale', message: 'deployments.apps "web" not found' }],
      'progressing',
      'deployments.apps "web" not found',
    ],
    ['no metrics', [able, { ...off, reason: 'FailedGetResourceMetric' }], 'progressing', 'FailedGetResourceMetric'],
    ['its target is switched off', [able, { ...off, reason: 'ScalingDisabled' }], 'ready', 'its target is scaled to 0'],
    ['at work', [able, active, { type: 'ScalingLimited', status: 'True' }], 'ready', 'scales its target'],
  ])('%s', (_, conditions, state, says) => {
    const progress = judgeAutoscaler(conditions)
    expect([progress.state, progress.state === 'ready' ? progress.detail : progress.reason]).toEqual([state, says])
  })
})
