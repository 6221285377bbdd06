import type { JournalEntry } from '../../domain/journal/model.ts'
import type { ChangedField, JournalPlanned, PlannedChange } from '../../domain/journal/times.ts'
import { counted } from '../counted.ts'
import { markup, type Html } from './html.ts'
import { cutTo, listOf, type Room } from './room.ts'

const DONE: Readonly<Record<string, string>> = {
  create: 'is made',
  change: 'changes',
  replace: 'is made anew',
  delete: 'is deleted',
  keep: 'is no longer rendered, and stays',
  unknown: 'may not be read',
}

/** What it was to change; what became of that says the verdict. */
export function changesSection({ planned, changes }: Pick<JournalEntry, 'planned' | 'changes'>, room: Room): Html {
  return markup`<section aria-labelledby="changes">
    <h2 id="changes">What it was to change</h2>
    ${changes === undefined || changes === '' ? undefined : markup`<p>${cutTo(changes, room.text)}</p>`}
    ${planned === undefined ? noPlan() : planOf(planned, room)}
  </section>`
}

function noPlan(): Html {
  return markup`<p class="dim">The journal does not have its objects and fields: an older forge wrote it, or it had no room.</p>`
}

function planOf({ restarts, objects, more = 0 }: JournalPlanned, room: Room): Html {
  const left = more + Math.max(objects.length - room.objects, 0)
  return markup`<h3>Restarts</h3>
    ${
      restarts.length === 0
        ? markup`<p>No workload had to restart.</p>`
        : listOf(
            restarts,
            room.list,
            ({ workload, because }) => markup`${workload}: ${cutTo(because.join(', '), room.text)}`,
          )
    }
    <h3>Objects</h3>
    ${objects.length === 0 ? markup`<p>No object was to change.</p>` : objects.slice(0, room.objects).map((one) => objectOf(one, room))}
    ${left === 0 ? undefined : markup`<p>and ${counted(left, 'more object')}</p>`}`
}

function objectOf({ object, release, action, because, fields, more = 0 }: PlannedChange, room: Room): Html {
  const what = `${DONE[action] ?? action}${because === undefined ? '' : `: ${cutTo(because, room.text)}`}`
  const head = markup`<code>${object}</code> ${what} <span class="dim">(${release})</span>`
  const count = fields.length + more
  if (count === 0) return markup`<p>${head}</p> `
  const shown = fields.slice(0, room.fields)
  const left = count - shown.length
  return markup`<details>
    <summary>${head}: ${counted(count, 'field')}</summary>
    <dl>${shown.map((one) => fieldOf(one, room))}</dl>
    ${left === 0 ? undefined : markup`<p>and ${counted(left, 'more field')}</p>`}
  </details> `
}

function fieldOf({ field, text, lines = [], at, isCut }: ChangedField, room: Room): Html {
  const shown = lines.slice(0, room.lines)
  const isShort = isCut === true || shown.length < lines.length
  return markup`<dt><code>${field}</code></dt>
    <dd>
      ${cutTo(text, room.text)}${at === undefined ? undefined : markup` <span class="dim">${at}</span>`}${
        shown.length === 0 ? undefined : markup`<pre>${shown.map(lineOf)}</pre>`
      }${isShort ? markup`<span class="dim">It is longer; this is its beginning.</span>` : undefined}
    </dd> `
}

function lineOf(line: string): Html {
  return markup`<span class="${line.startsWith('+') ? 'plus' : 'minus'}">${line}</span>
`
}
