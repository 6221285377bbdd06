import { resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import type { ScopeRequest } from '../flows/state/scope.ts'
import { clusterFlags, projectFlags } from './forge-command.ts'

const helpGroup = 'WITHOUT A CHECKOUT'

/** For commands that need no forge.yaml: what they look at is kept in the cluster (docs/state.md). */
export const scopeFlags = {
  ...projectFlags,
  ...clusterFlags,
  namespace: Flags.string({ char: 'n', description: "namespace (default: the context's)", helpGroup }),
  project: Flags.string({
    helpValue: 'NAME',
    description: 'project, where the namespace holds several; forge.yaml is not read then',
    helpGroup,
  }),
}

type Given = Readonly<Record<'env' | 'dir' | 'namespace' | 'project' | 'context' | 'kubeconfig', string | undefined>>

/** `command` as it is typed. Whether `-n` is taken is decided where it is known if there is a forge.yaml. */
export function scopeOf(command: string, flags: Partial<Given>): ScopeRequest {
  const { env, dir, namespace, project, context, kubeconfig } = flags
  // From where forge was started; what reads files starts in that folder itself.
  const full = dir === undefined ? undefined : resolve(dir)
  return { command, env, dir: full, namespace, project, context, kubeconfig }
}
