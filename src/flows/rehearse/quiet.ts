import { Events } from '../../domain/events/events.ts'
import type { Detail } from '../../domain/events/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { EvidenceStore, Webhooks } from '../../ports.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** Nothing of a run within another is shown but what it is at, in the row of the step that it is. */
export function quietly(ports: DeployPorts, tell: (detail: Detail) => void): DeployPorts {
  const events = new Events()
  events.on(['step'], ({ step, state }) => {
    if (state === 'running') tell(step.name)
  })
  events.on(['detail'], ({ detail }) => tell(detail))
  const { mask } = ports.screen
  return { ...ports, events, screen: { width: undefined, mask }, say: () => undefined, ask: undefined }
}

/** Nobody is told of a rehearsal, and nothing of it is kept. */
export function withoutTrace(ports: DeployPorts): DeployPorts {
  return { ...ports, webhooks: NOBODY, evidence: NOWHERE, stacks: NOWHERE }
}

const NOBODY: Webhooks = {
  post: () =>
    Promise.reject(
      new ForgeError('E_NOTIFY_FAILED', 'a rehearsal tells nobody', {
        hint: forge('rehearse', '--help'),
        where: 'notify',
      }),
    ),
}

const NOWHERE: EvidenceStore = {
  open: () => Promise.resolve({ path: '', write: () => Promise.resolve() }),
}
