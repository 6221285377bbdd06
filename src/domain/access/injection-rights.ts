import { podMakers } from '../doctor/pods.ts'
import type { KubeObject } from '../kube.ts'
import { injectionOf } from '../vault/injection.ts'
import { verbs, type Permission } from './permissions.ts'

/** To try by a dry run whether pods get Vault's agent. Whoever makes Deployments there has pods made anyhow. */
export function injectionRights(objects: readonly KubeObject[], namespace: string): Permission[] {
  const asks = podMakers(objects, namespace).some(({ annotations }) => injectionOf(annotations) !== undefined)
  return asks ? verbs(['create'], '', 'pods') : []
}
