import type { ChangedField, JournalPlanned, PlannedChange } from '../domain/journal/times.ts'
import { plannedObject } from '../domain/plan/document.ts'
import type { ObjectPlan, Restart } from '../domain/plan/model.ts'
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
  const rows = fieldRows({ changes }, true)
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

function cut(text: string): string {
  return text.length > TEXT ? `${text.slice(0, TEXT - 1)}…` : text
}
