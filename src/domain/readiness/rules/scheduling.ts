import { conditionOf } from '../conditions.ts'
import { latestNote } from '../notes.ts'
import { podSpecOf, podStatusOf } from '../shapes.ts'
import { NEVER, describePod, dueWithoutRoom, words, type PodRule } from '../symptom.ts'

/** The scheduler's reasons (`0/3 nodes are available: 2 Insufficient cpu, …`), for people; the first that occurs most wins. */
const REASONS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/Insufficient ([\w/-]+(?:\.[\w/-]+)*)/u, 'no node has enough free'],
  [/untolerated taint \{([^:}]+)/u, 'it does not tolerate the taint'],
  [
    /didn't match Pod's node affinity|didn't match node selector|node affinity\/selector/u,
    'no node matches its node selector or affinity',
  ],
  [/didn't match pod (?:anti-)?affinity|anti-affinity rules/u, 'its rules of affinity to other pods match no node'],
  [/topology spread constraints/u, 'its topology spread constraints allow no node'],
  [/volume node affinity conflict/u, 'its volume belongs to a node that cannot take it'],
  [/free ports/u, 'its host port is taken on every node'],
  [/Too many pods/u, 'every node runs as many pods as it may'],
  [/were unschedulable/u, 'the nodes are cordoned'],
  [/no nodes available|0\/0 nodes/u, 'the cluster has no node'],
]

/** Events of autoscalers that announce a node (cluster-autoscaler, Karpenter): then waiting is right. */
const SCALING_UP = ['TriggeredScaleUp', 'Nominated']

/**
 * Pods that no node takes (https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/). Room may come by itself
 * while old pods end, and a node may be on its way, so it counts only after a grace during which nothing of that happens.
 */
export const schedulingRule: PodRule = (pod, context) => {
  const condition = conditionOf(podStatusOf(pod.object).conditions, 'PodScheduled')
  if (condition?.reason !== 'Unschedulable' || podSpecOf(pod.object).nodeName !== undefined) return []
  const { cache, options, at } = context
  const { message = '' } = condition
  // The claim's own rule knows why.
  if (/unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]+" not found/u.test(message)) return []
  const mark = pod.marks.get('unschedulable')
  const began = mark?.at ?? at
  const scales = latestNote(cache.notesOn(pod.uid), SCALING_UP) !== undefined
  if (cache.isFreeingRoom) cache.awaitRoom(pod.uid)
  const why = explain(message)
  return [
    {
      code: 'E_UNSCHEDULABLE',
      message: `fits on no node: ${why}${scales ? ' (an autoscaler adds one)' : ''}`,
      brief: `no node takes its pod: ${why}`,
      on: pod,
      below: [],
      hint: describePod(pod, context),
      dueAt: scales ? NEVER : dueWithoutRoom(began, options.unschedulableGraceMs, cache),
      seq: mark?.seq ?? cache.seq,
    },
  ]
}

function explain(message: string): string {
  for (const [pattern, meaning] of REASONS) {
    const match = pattern.exec(message)
    if (match !== null) return match[1] === undefined ? meaning : `${meaning} ${match[1].trim()}`
  }
  return message === '' ? 'the scheduler did not say why' : words(message)
}
