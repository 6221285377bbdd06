import { checkoutText } from '../domain/config/checkout.ts'
import type { Room } from '../domain/access/capacity.ts'
import { RECORD_LIMIT } from '../domain/helm/record.ts'
import type { PlanDocument, PlannedObject, PlannedRelease } from '../domain/plan/document.ts'
import type { DriftedField } from '../domain/plan/model.ts'
import { agoOf } from './ago.ts'
import { awaitedText } from '../domain/secrets/awaited.ts'
import { plannedBackupText } from './backup.ts'
import { plain, shortField } from './plan-fields.ts'
import { someOf } from './counted.ts'
import { wrap } from './wrap.ts'
import { migrationSections } from './migration-sections.ts'

const LABEL = 9
/** Of why a workload restarts, that are named. */
const REASONS = 4

export interface Screen {
  /** Undefined: nothing is wrapped or aligned to the right edge. */
  readonly width: number | undefined
  /** Every field with its full path and value. */
  readonly full: boolean
  /** Milliseconds of the wall clock. */
  readonly now: number
}

/** From, Drift, Conflict, Restart, Left, CRDs, Waits, Jobs, Images, Room, Record, Back, Tells, Unknown: what is not a line of an object. */
export function planSections(plan: PlanDocument, screen: Screen): string[] {
  const { unchanged, notChecked, definitions, leftOut = [] } = plan
  const section = (label: string, rows: readonly string[]): string[] => labelled(label, rows, screen.width)
  if (unchanged && notChecked.length + definitions.length + driftOf(plan).length + leftOut.length === 0)
    return section('Warning', plan.warnings)
  return [
    ...migrationSections(plan.migration ?? []).flatMap(([label, rows]) => section(label, rows)),
    ...section('From', fromRows(plan)),
    ...section('Drift', driftRows(plan, screen)),
    ...section('Conflict', conflictRows(plan, screen.full)),
    ...section('Left out', leftOut.length === 0 ? [] : [`${leftOut.join(', ')}: not part of this deploy`]),
    ...section('Restart', restartRows(plan, screen.full)),
    ...section('Left', leftRows(plan)),
    ...section('CRDs', definitionRows(plan, screen.full)),
    ...section('Waits', waitRows(plan)),
    ...section(
      'Jobs',
      plan.jobs.map(({ name, why }) => `${name}  ${why}`),
    ),
    ...section(
      'Backup',
      (plan.backups ?? []).map((one) => plannedBackupText(one, screen.now)),
    ),
    ...section(
      'Images',
      plan.images.map(({ name, ref, what }) => `${name}  ${[ref, what].filter((part) => part !== null).join('  ')}`),
    ),
    ...section('Varies', plan.releases.flatMap(volatileRows)),
    ...section('Room', roomRows(plan)),
    ...section('Record', recordRows(plan, screen.full)),
    // Back goes who deploys there, by a commit.
    ...section('Back', plan.managedBy === undefined ? backRows(plan) : []),
    ...section(
      'Tells',
      (plan.tells ?? []).map(({ webhook, on }) => `${webhook}  ${on.join(', ')}`),
    ),
    ...section('Unknown', unknownRows(plan)),
    ...section('Warning', plan.warnings),
  ]
}

function fromRows({ releases }: PlanDocument): string[] {
  const texts = releases.flatMap(({ name, checkouts = [] }) =>
    checkouts.map((one) => (releases.length === 1 ? checkoutText(one) : `${name}  ${checkoutText(one)}`)),
  )
  return [...new Set(texts)]
}

function labelled(label: string, rows: readonly string[], width: number | undefined): string[] {
  const room = (width ?? Number.POSITIVE_INFINITY) - LABEL
  return rows.flatMap((row) => wrap(row, room)).map((row, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${row}`)
}

function driftOf({ objects }: PlanDocument): { readonly object: PlannedObject; readonly field: DriftedField }[] {
  return objects.flatMap((object) => object.drift.map((field) => ({ object, field })))
}

function driftRows(plan: PlanDocument, { full, now }: { readonly full: boolean; readonly now: number }): string[] {
  const rows = driftOf(plan).map(
    ({ object: { object }, field: { path, deployed, live, manager, time, end, because } }) => {
      const value = live === undefined ? 'is gone' : plain(live, full)
      const chart = deployed === undefined ? '' : ` (chart: ${plain(deployed, full)})`
      const when = time === undefined ? '' : `, ${agoOf(now - Date.parse(time))}`
      const first = `${object} ${full ? path : shortField(path)} ${value}${chart}, ${manager}${when}`
      return `${first}\n${endOf(end, because, plan.drift)}`
    },
  )
  // The same variable in three containers of one pod is one thing to people.
  return [...new Set(rows)].flatMap((row) => row.split('\n'))
}

function endOf(end: DriftedField['end'], because: string | undefined, policy: PlanDocument['drift']): string {
  if (end === 'kept') return `kept: ${because ?? 'it is preserved'}`
  if (end === 'stays') return 'stays: the chart does not state it'
  return policy === 'overwrite' ? 'overwritten with the chart' : 'refused: a deploy would overwrite it (drift: refuse)'
}

function conflictRows({ objects, drift }: PlanDocument, full: boolean): string[] {
  return objects.flatMap(({ object, conflicts, drift: drifted }) => {
    // What has drifted is told above, with what becomes of it.
    const told = new Set(drifted.map(({ path }) => path))
    const groups = Map.groupBy(
      conflicts.filter(({ field }) => !told.has(field)),
      ({ manager, held }) => `${manager} ${held ? 'holds' : 'wrote'}`,
    )
    return [...groups].flatMap(([who, some]) => {
      const fields = [...new Set(some.map(({ field }) => (full ? field : shortField(field))))].join(', ')
      return [`${object}: ${who} ${fields}`, conflictEnd(some[0]?.held === true, drift)]
    })
  })
}

function conflictEnd(held: boolean, policy: PlanDocument['drift']): string {
  if (!held) return 'taken over: the last deploy agreed on its value'
  return policy === 'overwrite'
    ? 'taken over (drift: overwrite)'
    : 'refused: a deploy would take it over (drift: refuse)'
}

function restartRows({ restarts }: PlanDocument, full: boolean): string[] {
  const widest = Math.max(0, ...restarts.map(({ workload }) => workload.length))
  return restarts.map(
    ({ workload, because }) => `${workload.padEnd(widest)}  ${full ? because.join(', ') : someOf(because, REASONS)}`,
  )
}

function leftRows({ left }: PlanDocument): string[] {
  return left.map(({ workload, what, because }) => `${workload}  ${what}: ${because.join(', ')}`)
}

function definitionRows({ definitions }: PlanDocument, full: boolean): string[] {
  return definitions.map(({ object, release, missing, fields }) => {
    const name = object.replace(/^[^/]+\//u, '')
    if (missing) return `${name}  is not there, and an upgrade of ${release} makes none (crds: create)`
    return `${name}  is not as in crds/ of ${release}, and stays (crds: create): ${full ? fields.join(', ') : someOf(fields)}`
  })
}

function waitRows({ waits, namespace: home }: PlanDocument): string[] {
  return waits.map(({ workloads, key, ...one }) => {
    return `${workloads.join(', ')}  ${awaitedText({ ...one, key: key ?? undefined }, home)}`
  })
}

/** One for each place in the chart: a certificate is often in several objects. */
function volatileRows({ name, volatile, varies }: PlannedRelease): string[] {
  const rows = new Map<string, string[]>()
  for (const { object, at, stays } of varies ?? volatile.map((one) => ({ object: one, at: null, stays: false }))) {
    const what = stays ? 'stays as it was deployed, though it renders' : 'renders'
    const row = `${what} differently each time (${at === null ? name : `${name}, ${at}`})`
    rows.set(row, [...(rows.get(row) ?? []), object])
  }
  return [...rows].map(([row, objects]) => `${objects.join(', ')}${objects.length > 1 ? ': each' : ''} ${row}`)
}

function roomRows({ room }: PlanDocument): string[] {
  if (room === null) return []
  const needs = `needs +${cpu(room.needs)} CPU, +${memory(room.needs)} during the surge`
  if (room.free === null) return [`${needs}; what is free: not checked`]
  const tight = room.free.cpu < room.needs.cpu || room.free.memory < room.needs.memory
  return [`${needs}; nodes have ${cpu(room.free)}, ${memory(room.free)}${tight ? ': TOO LITTLE' : ''}`]
}

function cpu(room: Room): string {
  return String(Math.round(room.cpu * 100) / 100)
}

function memory(room: Room): string {
  const gibi = room.memory / 2 ** 30
  return gibi >= 1 || gibi === 0 ? `${Math.round(gibi * 10) / 10}Gi` : `${Math.round(room.memory / 2 ** 20)}Mi`
}

/** Its size where somebody asks or where it begins to matter; and what it states otherwise than the chart. */
function recordRows({ releases }: PlanDocument, full: boolean): string[] {
  const sizes = releases
    .filter(({ recordBytes }) => full || recordBytes > RECORD_LIMIT / 4)
    .map(({ name, recordBytes }) => `${name} takes ${Math.ceil(recordBytes / 1024)} of ${RECORD_LIMIT / 1024} KiB`)
  const behind = releases
    .filter(({ unrecorded }) => unrecorded.length > 0)
    .map(({ name, unrecorded }) => `${name} gets a revision: helm's record is behind on ${someOf(unrecorded)}`)
  return [...sizes, ...behind]
}

function backRows({ back, unchanged }: PlanDocument): string[] {
  if (unchanged) return []
  const [first = '', ...others] = back.rows
  if (back.code === undefined) return [first, ...others]
  const [second = '', ...rest] = others
  return [first, `${second}        ${back.code}`, ...rest]
}

function unknownRows({ objects, notChecked }: PlanDocument): string[] {
  const reasons = Map.groupBy(
    objects.filter((one) => one.notChecked !== null),
    (one) => one.notChecked ?? '',
  )
  const rows = [...reasons].map(([why, some]) => {
    return `${someOf(some.map(({ object }) => object))}: not checked, ${why}`
  })
  return [...rows, ...notChecked]
}
