import { asKept } from '../../domain/migrate/adopted.ts'
import type { LegacyState } from '../../domain/migrate/model.ts'
import { storedRecord } from '../../domain/migrate/record.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { keepValues } from '../../domain/manifest/keep-values.ts'
import { stateBefore } from '../../domain/plan/state-before.ts'
import { stateScope } from '../../domain/state-scope.ts'
import { ForgeError } from '../../errors.ts'
import { helm } from '../../hint.ts'
import type { Writer, WriteSession } from '../apply/write-session.ts'
import type { AppliedRelease, Followed } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { isAdopting } from './adopt.ts'
import { editObjects } from '../legacy/edit.ts'
import { keepState } from '../legacy/state.ts'
import { policiesOf, setPolicies } from '../legacy/volumes.ts'

/**
 * Before helm is run: how the old stack is goes into the cluster, its claims and volumes are told to stay, and each release gets
 * the revision that states what ran before. Nothing that runs is touched. Returns how many objects are adopted.
 */
export async function adopt(context: Followed, { ports, session }: Writer): Promise<number> {
  const { migration, cluster, project, warnings, number: deploy } = context
  const adopting = context.releases.filter(isAdopting)
  if (migration === undefined || adopting.length + migration.retired.length === 0) return 0
  const { signal, codec } = ports
  const scope = { cluster, codec, deploy, ...stateScope(project) }
  const claims = migration.adopted.filter(isClaim)
  const { policies, unseen } = await policiesOf(claims, cluster, signal)
  const state: LegacyState = {
    version: 1,
    releases: adopting.map(({ release: { name, namespace } }) => ({ name, namespace })),
    adopted: migration.adopted,
    retired: migration.retired,
    hooked: migration.hooked,
    volumes: policies,
  }
  // First of all: whoever finds the journal knows that something may be kept, and looks for it.
  const told = adopting.length === 0 ? context.releases : adopting
  for (const { release } of told) await session.record.step({ op: 'adopt', release: release.name }, 'running')
  await session.confirm()
  await keepState(scope, state, signal)
  const confirm = async (): Promise<void> => await session.confirm()
  await editObjects(claims, asKept, { cluster, confirm }, signal)
  const retain = Object.fromEntries(Object.keys(policies).map((name) => [name, 'Retain']))
  const refused = await setPolicies(retain, cluster, confirm, signal)
  const unkept = [...unseen, ...refused]
  if (unkept.length > 0)
    warnings.push(
      `the volumes ${unkept.join(', ')} may not be changed by forge: their claims are kept, they themselves are not told to stay`,
    )
  for (const work of adopting) await writeRecord(work, context, ports, session)
  for (const { release } of told) await session.record.step({ op: 'adopt', release: release.name }, 'done')
  return migration.adopted.length
}

function isClaim({ kind }: KubeObject): boolean {
  return kind === 'PersistentVolumeClaim'
}

/** With the values that are live: a way back brings those, and not what the old stack's source once said. */
async function writeRecord(
  work: AppliedRelease,
  { live, cluster }: Followed,
  { codec, signal }: DeployPorts,
  session: WriteSession,
): Promise<void> {
  const { release, rendered, previous, before, plans } = work
  if (before === undefined) return
  const { name, namespace } = release
  const found = stateBefore({ previous, rendered, live, remade: new Set(), settled: true, present: new Map() })
  // A Job runs where it is made: on a way back helm must not make one that had ended.
  const jobs = plans
    .filter(({ action, ref }) => action === 'replace' && ref.kind === 'Job')
    .map(({ ref }) => keyOf(ref))
  const without = [...(found.without ?? []), ...jobs]
  const manifest = keepValues(before.manifest, { namespace, objects: found.objects, without })
  const { text, secret } = storedRecord({ ...before, manifest }, namespace)
  await session.confirm()
  const data = { release: btoa(await codec.pack(text)) }
  if ((await cluster.create({ ...secret, data }, signal)) !== undefined) return
  throw new ForgeError(
    'E_RELEASE_MOVED',
    `release ${name} came to be while it was taken over: somebody else runs helm`,
    {
      hint: helm(['history', name], namespace),
      where: `release ${name}, namespace ${namespace}`,
    },
  )
}
