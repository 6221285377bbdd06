import { showPosition } from '../../domain/config/position.ts'
import { counted } from '../../screen/counted.ts'
import { forge } from '../../hint.ts'
import type { Configured } from '../phases/desired.ts'
import { refuse, type Check } from '../phases/findings.ts'
import { textOf } from '../../domain/values/text-of.ts'

/**
 * Chart values stay in helm's record and in the ConfigMaps that are made of them, where many may read them: E_VALUES_SECRET for
 * all that hold the value of a secret. Not in a rehearsal: its plan has looked, and what is changed there by its name alone
 * (`PASSWORD=$(cat /run/secrets/it)` in a script) is no secret of the project.
 */
export const checkValues: Check<Configured> = ({ releases, project }, { redactor, project: { standIn } }) => {
  if (standIn !== undefined) return []
  const found = releases.flatMap(({ configuration }) =>
    [...configuration.origins].flatMap(([path, [{ origin, value }]]) => {
      if (!redactor.reveals(textOf(value))) return []
      return [{ path, where: origin.kind === 'file' ? showPosition(origin.at) : `${origin.text} ${path}` }]
    }),
  )
  const [first, ...others] = found
  if (first === undefined) return []
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'more value')})`
  const message = `the chart value ${first.path} holds the value of a secret, and helm's record would keep it${more}`
  const details = {
    hint: forge('render', '--env', project.environment.name, '--why', first.path),
    where: first.where,
    problems: found.map(({ path, where }) => ({ message: `${path} holds the value of a secret`, where })),
  }
  return [refuse('E_VALUES_SECRET', message, details)]
}
