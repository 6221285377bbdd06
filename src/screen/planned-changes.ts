import { isMap } from '../domain/config/path.ts'
import type { ChangedField, JournalPlanned, PlannedChange } from '../domain/journal/times.ts'
import { HIDDEN, plannedObject } from '../domain/plan/document.ts'
import type { FieldChange, ObjectPlan, Restart } from '../domain/plan/model.ts'
import { saysSecret } from '../domain/transforms/secret-like.ts'
import { isSecretPath } from '../domain/values/secret-path.ts'
import { fieldRows } from './plan-fields.ts'

/** Letters of all fields together: a journal is packed, but 20 of them are read at once. */
const BUDGET = 60_000
const OBJECTS = 200
const FIELDS = 40
const TEXT = 300
const LINES = 60
const REASONS = 20

type Mask = (text: string) => string

/** What a deploy was to change, for whoever looks at it afterwards: no value of a Secret is in it. `mask`: before anything is cut. */
export function plannedChanges(plans: readonly ObjectPlan[], restarts: readonly Restart[], mask: Mask): JournalPlanned {
  const touched = plans.filter(({ action }) => action !== 'unchanged')
  const room = { left: BUDGET }
  const objects = touched.slice(0, OBJECTS).map((plan) => changeOf(plan, room, mask))
  const more = touched.length - objects.length
  return {
    restarts: restarts.slice(0, OBJECTS).map(({ workload, because }) => ({
      workload,
      because: because.slice(0, REASONS).map((text) => cut(mask(text))),
    })),
    objects,
    ...(more === 0 ? {} : { more }),
  }
}

function changeOf(plan: ObjectPlan, room: { left: number }, mask: Mask): PlannedChange {
  const { object, release, action, because, changes } = plannedObject(plan)
  const fields: ChangedField[] = []
  const rows = fieldRows({ changes: changes.map(hushed) }, true)
  for (const { field, text, lines = [], at } of rows.slice(0, FIELDS)) {
    if (room.left <= 0) break
    const shown = lines.slice(0, LINES).map((line) => cut(mask(line)))
    const told = { field: cut(field), text: cut(mask(text)) }
    room.left -= told.field.length + told.text.length + shown.join('').length
    const isCut = lines.length > shown.length || lines.some((line) => line.length > TEXT) || text.length > TEXT
    fields.push({
      ...told,
      ...(shown.length === 0 ? {} : { lines: shown }),
      ...(at === undefined ? {} : { at }),
      ...(isCut ? { isCut } : {}),
    })
  }
  const more = rows.length - fields.length
  return {
    object,
    release,
    action,
    ...(because === null ? {} : { because }),
    fields,
    ...(more === 0 ? {} : { more }),
  }
}

/** What somebody wrote into an object by hand nobody has told forge of: a journal is read by more people than a plan. */
function hushed(change: FieldChange): FieldChange {
  const { path, before, after } = change
  const [, variable, key] = /(?:^|\.)env\[([^\]]+)\](?:\.value)?$|^data\.(.+)$/u.exec(path) ?? []
  const name = variable ?? key
  const isSecret = [before, after].map(valueIn).some((text) => {
    return name === undefined ? saysSecret('', text) !== undefined : isSecretPath([name], text)
  })
  const hide = (value: unknown): unknown => (value === undefined ? undefined : HIDDEN)
  return isSecret ? { ...change, before: hide(before), after: hide(after) } : change
}

/** Of a variable that is added or goes: its value. */
function valueIn(value: unknown): string {
  if (typeof value === 'string') return value
  const inner = isMap(value) ? value['value'] : undefined
  return typeof inner === 'string' ? inner : ''
}

function cut(text: string): string {
  return text.length > TEXT ? `${text.slice(0, TEXT - 1)}…` : text
}
