import type { Paused, PausedObject } from '../domain/pause/report.ts'
import { counted } from './counted.ts'
import { headRow } from './head.ts'

/** What a pause or a resumption does, stage by stage, before it is asked about. */
export function pauseRows(report: Paused): string[] {
  const { command, project, environment, namespace, objects, left, notes } = report
  return [
    headRow({ project, environment, namespace }),
    '',
    ...changeRows(command, objects),
    ...left.map(({ object, because }) => `= ${object} is left as it is: ${because}`),
    ...notes.map((note) => `! ${note}`),
    ...(command === 'pause' ? ['= volumes, secrets and all data stay'] : []),
    '',
  ]
}

/** `+ app  Deployment/web  0 → 2` */
export function changeRows(command: Paused['command'], objects: readonly PausedObject[]): string[] {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length))
  const stage = widest(objects.map((one) => one.stage))
  const name = widest(objects.map((one) => one.object))
  const mark = command === 'pause' ? '-' : '+'
  return objects.map((one, at) => {
    const first = objects[at - 1]?.stage === one.stage ? '' : one.stage
    const note = one.note === null ? '' : `  (${one.note})`
    return `${mark} ${first.padEnd(stage)}  ${one.object.padEnd(name)}  ${changeOf(one, command)}${note}`
  })
}

function changeOf({ object, from, to }: PausedObject, command: Paused['command']): string {
  if (from !== null && to !== null) return from === to ? `stays at ${to}` : `${from} → ${to}`
  if (object.startsWith('Cluster/')) return command === 'pause' ? 'hibernated' : 'woken'
  return command === 'pause' ? 'suspended' : 'goes on'
}

/** How it ended. `next`: the command that undoes it, or shows it. */
export function pausedRows(report: Paused, next: string): string[] {
  const { command, outcome, environment, deploy, objects, left } = report
  const notes = objects.flatMap(({ name, note }) => (note === null ? [] : [`note     ${name}: ${note}`]))
  const staying = left.map(({ object, because }) => `left     ${object}: ${because}`)
  if (outcome === 'planned') return [...pauseRows(report), 'Nothing was written.']
  if (outcome === 'unchanged')
    return [
      command === 'pause'
        ? objects.length === 0
          ? `Nothing of ${environment} runs that could be paused.`
          : `${environment} is paused already; nothing was written.`
        : `Nothing of ${environment} is paused.`,
      ...staying,
    ]
  const count = counted(objects.length, 'object')
  const done =
    command === 'pause'
      ? `Paused ${environment} as #${deploy ?? ''}: ${count} at rest, their pods are gone.`
      : `Resumed ${environment} as #${deploy ?? ''}: ${count} as before, and ready.`
  return [done, ...notes, ...staying, `${command === 'pause' ? 'undo' : 'next'}     ${next}`]
}
