import type { Project } from '../../domain/config/model.ts'
import { storedRecord } from '../../domain/migrate/record.ts'
import { inPlaceOfGitops } from '../../domain/rehearsal/in-place-of.ts'
import type { DeployOptions } from '../deploy/options.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { Copies } from './copies.ts'

/** Where Flux or Argo CD deploys: what stands there as if forge had deployed it, as it is forge that rehearses. */
export async function inPlaceOf(
  { project, releases }: Planned,
  copies: Copies,
  { clock, codec }: Pick<DeployPorts, 'clock' | 'codec'>,
): Promise<Copies> {
  if (project.environment.managedBy === undefined) return copies
  const { objects, records } = inPlaceOfGitops(releases, copies.objects, new Date(clock.now()).toISOString())
  const stored = await Promise.all(
    records.map(async ({ record, namespace }) => {
      const { text, secret } = storedRecord(record, namespace)
      return { ...secret, data: { release: btoa(await codec.pack(text)) } }
    }),
  )
  return { ...copies, objects: [...objects, ...stored] }
}

/** What they have made is theirs, whatever somebody changed of it: their next deploy asks nobody. */
export function inPlaceOptions({ environment }: Project, options: DeployOptions): DeployOptions {
  return environment.managedBy === undefined ? options : { ...options, adopt: true, overwriteDrift: true }
}
