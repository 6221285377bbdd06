import { forge, hintLine, sequence, type Hint, type HintPlace } from '../hint.ts'
import { heldConflicts } from '../domain/plan/conflicts.ts'
import { overwrittenDrift, type PlanDocument } from '../domain/plan/document.ts'
import { lossText } from '../domain/plan/losses.ts'
import { hasPodTemplate } from '../domain/workload-kinds.ts'
import { counted } from './counted.ts'
import { wrap, wrapCommand } from './wrap.ts'

const LABEL = 9

/** The last sentence, and the command that goes on from there. */
export function planEnd(
  plan: PlanDocument,
  {
    saved,
    next: goesOn = nextCommand(plan, saved),
    width = Number.POSITIVE_INFINITY,
  }: { readonly saved: string | undefined; readonly next?: Hint | undefined; readonly width: number | undefined },
  here: HintPlace,
): string[] {
  const next = wrapCommand(hintLine(goesOn, here), width - LABEL)
  return [
    ...wrap(`${sentence(plan)} Nothing was written.`, width),
    ...next.map((line, at) => `${(at === 0 ? 'next' : '').padEnd(LABEL)}${line}`),
  ]
}

/** `2 restarts, 1 migration, no data deleted.` */
export function sentence(plan: PlanDocument): string {
  const { objects, releases, unchanged, unknown } = plan
  if (unchanged) return 'No changes.'
  const count = (...actions: string[]): number => objects.filter(({ action }) => actions.includes(action)).length
  const created = count('create') + plan.secrets.filter(({ action }) => action === 'create').length
  const migrations = releases.filter(
    ({ schema }) => schema !== null && schema.from !== null && schema.from !== schema.to,
  ).length
  const builds = plan.images.filter((image) => image.builds === true).length
  const parts = [
    ...(builds > 0 ? [`${counted(builds, 'image')} to build`] : []),
    ...(unknown === undefined && plan.live === null && releases.every(({ revision }) => revision === null)
      ? [`first install of ${counted(created, 'object')}`]
      : []),
    ...(count('replace') > 0 ? [counted(count('replace'), 'replacement')] : []),
    restartClause(plan),
    ...(migrations > 0 ? [counted(migrations, 'migration')] : []),
    dataClause(plan),
  ]
  return `${parts.join(', ')}.`
}

/** A workload that may not be read may restart, too. */
function restartClause({ objects, restarts }: PlanDocument): string {
  const unread = objects.find(({ ref, action }) => action === 'unknown' && hasPodTemplate(ref.kind))
  if (unread === undefined) return counted(restarts.length, 'restart')
  const known = restarts.length === 0 ? '' : `${counted(restarts.length, 'restart')}, `
  return `${known}whether ${restarts.length === 0 ? '' : 'more '}pods restart is unknown: ${unread.notChecked ?? ''}`
}

/** Said only where it is proven. */
function dataClause({ losses, unknownLosses: [unlisted], unknown = unlisted }: PlanDocument): string {
  if (losses.length > 0) return `DATA DELETED: ${losses.map(lossText).join(', ')}`
  return unknown === undefined ? 'no data deleted' : `whether data is deleted is unknown: ${unknown}`
}

function nextCommand(plan: PlanDocument, saved: string | undefined): Hint {
  const { environment, unchanged, drift, objects, losses, images, taking = [] } = plan
  const refused = drift === 'report' && overwrittenDrift(objects).length + heldConflicts(objects).length > 0
  const confirm = losses.flatMap(({ name }) => ['--confirm', name])
  const unbuilt = images.flatMap(({ name, builds }) => (builds === true ? ['--only', name] : []))
  if (plan.managedBy !== undefined) return forge('status', '--env', environment)
  if (plan.lacksRights === true) return forge('rbac', '--env', environment, '--for', 'plan')
  if (saved !== undefined && unbuilt.length > 0) return forge('images', 'push', '--env', environment, ...unbuilt)
  if (saved !== undefined && !refused) return forge('deploy', '--plan', saved, ...confirm)
  if (unchanged) return forge('deploy', '--env', environment, ...taking)
  if (refused) return forge('deploy', '--env', environment, '--overwrite-drift', ...taking, ...confirm)
  return sequence(
    forge('plan', '--env', environment, ...taking, '--out', 'p.json'),
    forge('deploy', '--plan', 'p.json', ...confirm),
  )
}
