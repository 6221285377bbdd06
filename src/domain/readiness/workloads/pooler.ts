import type { Assess } from './assessment.ts'
import { assessCustom } from './custom.ts'
import { assessDeployment } from './deployment.ts'

/**
 * CloudNativePG's Pooler, by the Deployment that its operator makes for it (pkg/specs/pgbouncer/deployments.go): pods of before
 * serve on while new ones do not come up, and its own status counts those that are asked for.
 */
export const assessPooler: Assess = (entry, context) => {
  const whole = assessCustom(entry, context)
  const [made] = context.cache.ownedBy(entry.uid, 'Deployment')
  if (made === undefined || whole.progress.state === 'paused') return whole
  const { progress, counts, current, old, symptoms } = assessDeployment(made, context)
  const isRollout = whole.progress.state === 'ready' && progress.state !== 'ready'
  return {
    ...whole,
    progress: isRollout ? progress : whole.progress,
    ...{ counts, current, old },
    symptoms: [...whole.symptoms, ...symptoms],
  }
}
