import { planBack, type Back } from '../../domain/plan/back.ts'
import type { DeployContext } from '../deploy/context.ts'

/** Whether what runs now can be brought back after this deploy. */
export function planBackOf({ works, liveEntry, secretPlans, project }: DeployContext): Back {
  const refusing = secretPlans.flatMap(({ name, changedKeys, revisionBefore }) => {
    const spec = project.secrets.find((one) => one.name === name)
    const kept = new Set(spec?.keys.filter(({ rollback }) => rollback === 'refuse').map(({ key }) => key))
    return revisionBefore === undefined ? [] : changedKeys.filter((key) => kept.has(key)).map((key) => `${name} ${key}`)
  })
  return planBack({
    releases: works.map(({ release, before }) => ({
      name: release.name,
      deployed: before !== undefined,
      schema: release.schema,
    })),
    live: liveEntry,
    plans: works.flatMap(({ plans }) => plans),
    refusing,
  })
}
