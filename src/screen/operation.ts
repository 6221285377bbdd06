import type { Operation, Reason } from '../domain/journal/operation.ts'

const OF_RELEASE = {
  upgrade: 'helm upgrade',
  uninstall: 'helm uninstall',
  return: 'helm rollback',
  adopt: 'adoption by',
  'hand-back': 'handing back',
} as const

const OF_OBJECT = {
  retire: 'retiring',
  pause: 'pause',
  resume: 'resume',
} as const

const OF_RECORD = { 'mend-record': 'record of', 'settle-record': 'settle' } as const

/** What a step does, for people. */
export function operationText(operation: Operation): string {
  if (isPlain(operation)) return `${OF_RELEASE[operation.op]} ${operation.release}`
  if (isOfObject(operation)) return `${OF_OBJECT[operation.op]} ${operation.kind}/${operation.name}`
  switch (operation.op) {
    case 'write-secrets':
      return 'secrets'
    case 'delete-claims':
      return 'claims'
    case 'rollback':
      return `helm rollback ${operation.release} ${operation.to}`
    case 'restore-secret':
      return `secret ${operation.secret} back to r${operation.to}`
    case 'mend-record':
    case 'settle-record':
      return `${OF_RECORD[operation.op]} ${operation.release} revision ${operation.revision}`
    case 're-own':
      return `objects of ${operation.from.join(', ')} to ${operation.release}`
    case 'give-back':
      return `objects of ${operation.release} back to ${operation.from.join(', ')}`
    case 'write-definitions':
      return `definitions of ${operation.release}`
    case 'take-back':
      return `${operation.kind}/${operation.name} as it was`
    case 'told':
      return operation.text
  }
}

type OfObject = Extract<Operation, { op: keyof typeof OF_OBJECT }>

function isOfObject(operation: Operation): operation is OfObject {
  return operation.op in OF_OBJECT
}

type OfRelease = Extract<Operation, { op: keyof typeof OF_RELEASE }>

function isPlain(operation: Operation): operation is OfRelease {
  return operation.op in OF_RELEASE
}

/** Why a recovery does something, in a clause. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'migration-runs':
      return 'a migration is not cut off in the middle'
    case 'half-uninstalled':
      return 'the next deploy makes again what is missing'
    case 'nothing-before':
      return 'there is no revision to go back to; the next deploy takes over what it made'
    case 'helm-refuses':
      return 'helm refuses a release that is in the middle of something'
    case 'ran-before':
      return 'it belongs to what ran before'
    case 'adopted':
      return '--adopt-pending: nobody is at it any more'
    case 'never-proven':
      return `revision ${reason.revision} was never proven ready`
    case 'incomplete':
      return `revision ${reason.revision} is incomplete, and what only it made goes with it`
    case 'taken-away':
      return `${reason.objects.join(', ')} was taken away to be made anew`
    case 'told':
      return reason.text
  }
}

/** What stands beside a step: why it was taken, or what it was about. */
export function stepDetail(operation: Operation, because: Reason | undefined): string {
  if (because !== undefined) return reasonText(because)
  return operation.op === 'write-definitions' ? operation.names.join(', ') : ''
}
