import type { LegacyState } from '../../domain/migrate/model.ts'
import { packedState, readState, STATE_LIMIT, stateRef, stateSecret } from '../../domain/migrate/state.ts'
import type { StateScope } from '../../domain/state-scope.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterReader, ClusterWriter, Codec } from '../../ports.ts'

export interface StateRequest extends StateScope {
  readonly cluster: Pick<ClusterReader, 'get'> & Pick<ClusterWriter, 'create' | 'delete' | 'replace'>
  readonly codec: Codec
  /** The number of the migration: what another one has kept is of another time. */
  readonly deploy: number
}

/** Keeps how the old stack is, in the cluster: whoever comes after a kill, from whatever machine, can give it back. */
export async function keepState(request: StateRequest, state: LegacyState, signal: AbortSignal): Promise<void> {
  const { cluster, codec, namespace, deploy } = request
  const ref = stateRef(request, deploy)
  const packed = await codec.pack(JSON.stringify(state))
  if (packed.length > STATE_LIMIT) {
    const message = `the old stack takes ${Math.ceil(packed.length / 1024)} KiB, and is to be kept in a Secret, which holds 1024`
    throw new ForgeError('E_MIGRATE_STATE', message, {
      hint: kubectl(['get', 'configmaps,secrets'], namespace),
      where: ref.name,
    })
  }
  if ((await cluster.create(stateSecret(request, deploy, packed), signal)) !== undefined) return
  throw new ForgeError('E_API_CONFLICT', `Secret/${ref.name} is there already, and not of this run`, {
    hint: kubectl(['get', 'secret', ref.name], namespace),
    where: ref.name,
  })
}

/** Undefined: there is none, or it was given back. */
export async function findState(request: StateRequest, signal: AbortSignal): Promise<LegacyState | undefined> {
  const secret = await request.cluster.get(stateRef(request, request.deploy), signal)
  if (secret === undefined) return undefined
  const packed = packedState(secret)
  const state = packed === undefined ? undefined : readState(await request.codec.unpack(packed))
  if (state !== undefined) return state
  const { name } = stateRef(request, request.deploy)
  throw new ForgeError(
    'E_MIGRATE_STATE',
    `Secret/${name} cannot be read by this forge: how the old stack was is not known`,
    {
      hint: kubectl(['get', 'secret', name, '-o', 'yaml'], request.namespace),
      where: `Secret/${name}`,
    },
  )
}

export async function forgetState(request: StateRequest, signal: AbortSignal): Promise<void> {
  await request.cluster.delete(stateRef(request, request.deploy), {}, signal)
}
