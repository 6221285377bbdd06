import type { Detail, Doing, Wrote } from '../domain/events/model.ts'
import { toldLeaving } from '../domain/leaving.ts'
import { counted } from './counted.ts'
import { operationText } from './operation.ts'
import { actionText } from './recovery.ts'
import { stageDetailText } from './stage.ts'

const NAMED_HOOKS = 2

/** What a step is at, or has found, in one line. */
export function detailText(detail: Detail): string {
  if (typeof detail === 'string') return detail
  if ('stage' in detail) return stageDetailText(detail)
  return 'wrote' in detail ? detail.wrote.map(wroteText).join(', ') : doingText(detail)
}

function doingText(doing: Doing): string {
  switch (doing.doing) {
    case 'operation': {
      const { operation, done = [], hooks = [] } = doing
      const running = hooks.map(({ name, how }) => `hook ${name} ${how}`).join(', ')
      const now = `${operationText(operation)}${running === '' ? '' : `: ${running}`}`
      return [...done.map(wroteText), now].join(', ')
    }
    case 'recovery':
      return actionText(doing.action)
    case 'secrets-back':
      return 'secrets as they were'
    case 'until-ready':
      return 'waiting until all is ready again'
    case 'release-back':
      return `${doing.release} to revision ${doing.to}`
    case 'free-hook':
      return `hook ${doing.hook}, left from before, is deleted: helm could not go back`
    case 'until-gone':
      return `${doing.objects.map(toldLeaving).join(', ')}: waiting`
    case 'until-ended':
      return `${doing.jobs.join(', ')} still runs: waiting for its end`
  }
}

function wroteText(wrote: Wrote): string {
  switch (wrote.what) {
    case 'adopted':
      return `${counted(wrote.count, 'object')} adopted`
    case 'moved':
      return `${counted(wrote.count, 'object')} moved to ${wrote.to}`
    case 'secrets-made':
      return counted(wrote.count, 'secret made', 'secrets made')
    case 'secret':
      return `${wrote.name} r${wrote.from} → r${wrote.to}`
    case 'vault':
      return `${wrote.path} in Vault v${wrote.from} → v${wrote.to}`
    case 'revision': {
      const { release, from, to = '?', as, hooks } = wrote
      const revision = `${release} revision ${from === undefined ? '' : `${from} → `}${to}`
      return [`${revision}${as === undefined ? '' : ` (as ${as})`}`, ...hooksText(hooks)].join(', ')
    }
  }
}

function hooksText(hooks: readonly string[]): string[] {
  return hooks.length > NAMED_HOOKS
    ? [`${counted(hooks.length, 'hook')} done`]
    : hooks.map((name) => `hook ${name} done`)
}
