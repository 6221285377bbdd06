import type { Audience } from '../../domain/notify/audience.ts'
import type { Ended } from '../../domain/notify/notice.ts'
import type { ForgeError } from '../../errors.ts'
import type { Once } from '../once.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { outcomeOf, refusal } from '../refusal.ts'
import { tellEnd, type TellPorts } from './audience.ts'

interface RunEnd {
  readonly report: { readonly command: string; readonly outcome: string; readonly environment: string }
  readonly error: ForgeError | undefined
  readonly seconds: number
  readonly carried: { readonly number: number } | undefined
}

/** Tells the end of what was carried out; the end itself stays as it is. `planned`: before it began. */
export async function tellRun<End extends RunEnd>(
  audience: Once<Audience>,
  end: End,
  { project, number }: Pick<Planned, 'project' | 'number'>,
  ports: DeployPorts,
): Promise<End> {
  const { report, error, seconds, carried } = end
  const { command, outcome, environment } = report
  const known = await audience.asked
  if (known === undefined) return end
  const own = carried !== undefined && carried.number !== number ? carried.number : undefined
  const told = { project: project.name, environment, command, outcome, number: own, verdict: error, seconds }
  await tellEnd(known, told, ports)
  return end
}

/** Tells a failure of work that ends with an error instead of a report; one that was refused changed nothing. */
export async function toldIfItThrows<T>(
  work: Promise<T>,
  audience: Audience | undefined,
  run: Pick<Ended, 'project' | 'environment' | 'command'>,
  ports: TellPorts & Pick<DeployPorts, 'signal'>,
): Promise<T> {
  const begin = ports.clock.monotonic()
  try {
    return await work
  } catch (error) {
    const verdict = refusal(error, ports.signal)
    const seconds = (ports.clock.monotonic() - begin) / 1000
    const end = { ...run, outcome: outcomeOf(verdict), number: undefined, verdict, seconds }
    if (audience !== undefined) await tellEnd(audience, end, ports)
    throw error
  }
}
