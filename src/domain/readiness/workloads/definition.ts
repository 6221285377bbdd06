import { conditionOf, isTrue } from '../conditions.ts'
import { statusOf } from '../shapes.ts'
import { ALWAYS_FRESH, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, ready, type Assess } from './assessment.ts'

/**
 * A CustomResourceDefinition serves its kind once it is Established; names that another one has taken are not given back
 * (https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus).
 */
export const assessDefinition: Assess = (entry, context) => {
  const { conditions } = statusOf(entry.object)
  const isReady = isTrue(conditions, 'Established') && isTrue(conditions, 'NamesAccepted')
  return {
    progress: isReady ? ready('established') : progressing('not established yet'),
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: [],
    old: [],
    symptoms: takenNames(entry, context),
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}

function takenNames(entry: ObservedObject, { kubectl }: RuleContext): Symptom[] {
  const accepted = conditionOf(statusOf(entry.object).conditions, 'NamesAccepted')
  if (accepted?.status !== 'False') return []
  return [
    {
      code: 'E_RESOURCE_STALLED',
      message: `cannot be established: ${words(accepted.message ?? accepted.reason ?? 'its names are taken')}`,
      brief: 'its names are taken',
      on: entry,
      below: [],
      hint: kubectl(['describe', 'customresourcedefinition', entry.object.metadata.name]),
      dueAt: 0,
      seq: entry.marks.get(`NamesAccepted=False:${accepted.reason ?? ''}`)?.seq ?? ALWAYS_FRESH,
    },
  ]
}
