import type { Project, VaultSecretSpec } from '../../domain/config/model.ts'
import { codedError } from '../../domain/config/problems.ts'
import { keysAtHome, movedAtHome, obstacleAtHome } from '../../domain/vault/home.ts'
import { forge } from '../../hint.ts'
import type { SecretMaker } from '../../ports.ts'
import type { VaultContent, VaultStore } from '../../vault-port.ts'
import type { ProjectPorts, SecretSink } from '../project/ports.ts'
import { openStore, readHome } from './store.ts'

/** What was made at a path of Vault, by name only. */
export interface MadeInVault {
  readonly secret: string
  readonly path: string
  readonly made: readonly string[]
  readonly there: readonly string[]
  readonly notMade: readonly string[]
  /** The newest by now; 0: nothing is there, or the engine has no versions. */
  readonly version: number
}

export interface MakingInVault {
  readonly project: Project
  readonly store: VaultStore
  readonly maker: SecretMaker
  readonly redact: SecretSink
}

interface Judged {
  readonly spec: VaultSecretSpec
  readonly content: VaultContent
}

/** What is there already; all that keeps the missing keys from being made is one E_SECRET_VAULT, before anything is written. */
export async function judgeHomes(
  specs: readonly VaultSecretSpec[],
  project: Project,
  ports: ProjectPorts & { readonly maker: SecretMaker },
  redact: SecretSink,
): Promise<() => Promise<MadeInVault[]>> {
  if (specs.length === 0) return async () => await Promise.resolve([])
  const store = await openStore(project, ports)
  const making = { project, store, maker: ports.maker, redact }
  const judged = await Promise.all(
    specs.map(async (spec): Promise<Judged> => ({ spec, content: await readHome(spec, store, redact) })),
  )
  refuseObstacles(judged, project)
  return async () => {
    const made: MadeInVault[] = []
    for (const one of judged) made.push(await makeMissing(one, making, 1))
    return made
  }
}

function refuseObstacles(judged: readonly Judged[], { environment }: Project): void {
  const problems = judged.flatMap(({ spec, content }) =>
    keysAtHome(spec, content).toMake.size === 0 ? [] : (obstacleAtHome(spec, content) ?? []),
  )
  const error = codedError(problems, forge('secrets', 'list', '--env', environment.name))
  if (error !== undefined) throw error
}

/** All that is missing in one write, beside all that is there. Where somebody else was first it is looked at once more. */
async function makeMissing({ spec, content }: Judged, making: MakingInVault, again: number): Promise<MadeInVault> {
  const { project, store, maker, redact } = making
  const { there, toMake, notMade } = keysAtHome(spec, content)
  const told = { secret: spec.name, path: spec.path, there, notMade }
  if (toMake.size === 0) return { ...told, made: [], version: content.version }
  const values = Object.fromEntries([...toMake].map(([key, length]) => [key, maker.password(length)]))
  for (const value of Object.values(values)) redact.add(value)
  const version = await store.write(spec.path, { ...content.data, ...values }, content.version)
  if (version !== undefined) return { ...told, made: [...toMake.keys()], version }
  const found = { spec, content: await readHome(spec, store, redact) }
  refuseObstacles([found], project)
  if (again > 0) return await makeMissing(found, making, again - 1)
  const hint = forge('secrets', 'generate', '--env', project.environment.name, '--only', spec.name)
  throw codedError([{ ...movedAtHome(spec, project.environment.name), hint }], hint) ?? new Error('no problem')
}
