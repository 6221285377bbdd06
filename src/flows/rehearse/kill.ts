import { ForgeError } from '../../errors.ts'
import { againWithout } from '../../hint.ts'
import type { RehearsedFailure } from '../../domain/rehearsal/model.ts'
import type { DeployOptions } from '../deploy/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { Place } from './failures.ts'
import type { RehearsalPorts } from './ports.ts'

/** The steps of a deploy at which something is being written. Throws E_USAGE for one that there is not. */
export function killSteps(wished: readonly string[], { stages }: Planned): string[] {
  const steps = ['upgrade', ...stages.map(({ name }) => name)]
  return wished.map((name) => {
    if (steps.includes(name)) return name
    throw new ForgeError('E_USAGE', `a deploy writes nothing at a step "${name}": there are ${steps.join(', ')}`, {
      hint: againWithout(['--kill-at'], '--kill-at', 'upgrade'),
      where: '--kill-at',
    })
  })
}
