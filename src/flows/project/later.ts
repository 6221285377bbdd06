import type { Project } from '../../domain/config/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'

/** Parts of forge.yaml that are valid already and carried out by a later version: saying nothing would be pretending. */
export function refuseLater({ releases, file }: Project): void {
  const later = [...releases.flatMap(({ name, stages }) => (stages === undefined ? [] : [`releases.${name}.stages`]))]
  const [first] = later
  if (first === undefined) return
  throw new ForgeError('E_NOT_SUPPORTED', `${first} is valid, but this version of forge cannot carry it out yet`, {
    hint: forge('schema'),
    where: file,
  })
}
