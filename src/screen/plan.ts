import type { Action } from '../domain/plan/model.ts'
import type { PlanDocument, PlannedObject } from '../domain/plan/document.ts'
import { calledAt } from '../domain/kube.ts'
import { lossText } from '../domain/plan/losses.ts'
import { agoOf } from './ago.ts'
import { counted } from './counted.ts'
import { fieldRows, type FieldRow } from './plan-fields.ts'
import { planSections, type Screen } from './plan-sections.ts'
import { planEnd } from './plan-end.ts'
import { fitted } from './fit.ts'
import { wrap } from './wrap.ts'
import type { Hint, HintPlace } from '../hint.ts'
import { headRow } from './head.ts'

export interface PlanScreen extends Screen {
  /** The file that it was saved to. */
  readonly saved: string | undefined
  /** What goes on from there; undefined: a deploy. */
  readonly next?: Hint | undefined
}

export const MARKS = {
  create: '+',
  change: '~',
  replace: '±',
  delete: '-',
  keep: '=',
  unchanged: '=',
  unknown: '?',
} as const satisfies Record<Action, string>

const NAME = 22
const FIELD = 8
/** Columns that what is said of an object has at least, however long its name is. */
const LEAST = 30

/** The whole screen of `forge plan` (docs/screens.md). */
export function planRows(plan: PlanDocument, screen: PlanScreen, here: HintPlace): string[] {
  const width = screen.width ?? Number.POSITIVE_INFINITY
  return [
    ...headRows(plan, screen).flatMap((row) => fitted(row, width)),
    ...['', ...planBody(plan, screen), ''],
    ...planEnd(plan, screen, here),
  ]
}

function headRows(
  { project, environment, cluster, namespace, live, unknown, newNamespace }: PlanDocument,
  { now }: PlanScreen,
): string[] {
  const state = live === null ? undefined : live.state === 'deployed' ? 'ready' : live.state
  const nothing =
    newNamespace === true
      ? `nothing: namespace ${namespace} does not exist, a deploy makes it`
      : 'nothing that forge deployed'
  const runs =
    live === null
      ? `live: ${unknown === undefined ? nothing : `unknown: ${unknown}`}`
      : `live: #${live.number}, ${state ?? ''}, ${agoOf(now - Date.parse(live.at))}, ${live.by}`
  return [headRow({ project, environment, cluster, namespace }), runs]
}

/** What the question of a protected environment shows too: objects, then what there is to know about them. */
export function planBody(plan: PlanDocument, screen: PlanScreen): string[] {
  const sections = planSections(plan, screen)
  return [...objectRows(plan, screen), ...(sections.length === 0 ? [] : ['', ...sections])]
}

function objectRows(plan: PlanDocument, screen: PlanScreen): string[] {
  const shown = plan.objects.filter(({ action }) => action !== 'unchanged')
  const rows = shown
    .filter(({ action }) => action !== 'delete' && action !== 'keep')
    .flatMap((one) => rowsOf(one, screen, plan))
  const gone = shown
    .filter(({ action }) => action === 'delete' || action === 'keep')
    .flatMap((one) => rowsOf(one, screen, plan))
  const unchanged = plan.objects.length - shown.length
  return [...rows, ...secretRows(plan, screen), ...gone, ...(unchanged > 0 ? [`= ${unchanged} unchanged`] : [])]
}

function rowsOf(
  object: PlannedObject,
  screen: PlanScreen,
  { losses, namespace }: Pick<PlanDocument, 'losses' | 'namespace'>,
): string[] {
  const first = `${MARKS[object.action]} ${calledAt(object.object, object.ref.namespace, namespace)}`
  const fields: FieldRow[] =
    object.action === 'change' || object.action === 'replace' ? fieldRows(object, screen.full) : []
  const note = noteOf(object, fields, losses)
  const all: FieldRow[] = [...fields, ...(note === undefined ? [] : [{ field: '', text: note, at: undefined }])]
  if (all.length === 0) return [first]
  return all.flatMap((field, at) => [
    ...lines(at === 0 ? first : '', field, screen.width),
    ...(field.lines ?? []).map((text) => `    ${text}`),
  ])
}

/** What there is to say of an object beside its fields. */
export function noteOf(
  planned: PlannedObject,
  fields: readonly unknown[],
  losses: PlanDocument['losses'],
): string | undefined {
  return planned.movesFrom === undefined ? actionNote(planned, fields, losses) : `moves from ${planned.movesFrom}`
}

function actionNote(
  { action, because, object, notChecked }: PlannedObject,
  fields: readonly unknown[],
  losses: PlanDocument['losses'],
): string | undefined {
  const loss = losses.find((one) => one.object === object)
  if (loss !== undefined && action !== 'delete') return `DELETES ${lossText(loss)}`
  if (action === 'replace') return `replaced: ${because ?? 'a field of it is fixed'}`
  if (action === 'create') return because ?? undefined
  if (action === 'delete') return loss === undefined ? (because ?? undefined) : 'DELETED, WITH ITS DATA'
  if (action === 'keep') return 'no longer in the chart, stays (resource-policy: keep)'
  if (action === 'unknown') return `not checked: ${notChecked ?? ''}`
  return action === 'change' && fields.length === 0 ? 'restarts' : undefined
}

function secretRows({ secrets }: PlanDocument, { width }: PlanScreen): string[] {
  return secrets.flatMap(({ name, action, keys, revisionBefore, revision }) => {
    if (action === 'create')
      return lines(`+ Secret/${name}`, { field: counted(keys.length, 'key'), text: '', at: `r${revision}` }, width)
    if (action !== 'change') return []
    const text = `${keys.length === 1 ? 'changes (value' : 'change (values'} not shown)`
    const at = `r${revisionBefore ?? '?'} → r${revision}`
    return lines(`~ Secret/${name}`, { field: keys.join(', '), text, at }, width)
  })
}

/** What does not fit goes on under the fields; the place that it comes from stands at the right edge. */
function lines(left: string, { field, text, at }: FieldRow, width: number | undefined): string[] {
  const name = left.length > NAME ? `${left}  ` : left.padEnd(NAME + 2)
  const label = field === '' ? '' : field.length >= FIELD ? `${field}  ` : field.padEnd(FIELD)
  if (width === undefined) return [`${name}${label}${text}`.trimEnd() + (at === undefined ? '' : `  ${at}`)]
  const wrapped = wrap(`${label}${text}`.trimEnd(), Math.max(width - name.length, LEAST))
  const body = wrapped.map((one, row) => `${row === 0 ? name : ' '.repeat(NAME + 2)}${one}`.trimEnd())
  if (at === undefined) return body
  const last = body.at(-1) ?? ''
  if (last.length + 2 + at.length > width) return [...body, at.padStart(width)]
  return [...body.slice(0, -1), last + at.padStart(width - last.length)]
}
