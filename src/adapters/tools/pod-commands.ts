import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { PodCommands } from '../../legacy-port.ts'
import { run } from '../process.ts'

/** `kubectl exec`, with the cluster that forge looks at. Throws E_TOOL_MISSING without kubectl. */
export function podCommands(): PodCommands {
  return {
    async run({ cluster: { kubeconfig, context }, namespace, target, command }, signal) {
      const args = [
        ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
        ...(context === undefined ? [] : ['--context', context]),
        ...['--namespace', namespace, 'exec', target.toLowerCase(), '--', 'sh', '-c', command],
      ]
      const found = await run('kubectl', args, { signal })
      if (found.startError === undefined) return found
      throw new ForgeError('E_TOOL_MISSING', 'a check runs in a pod, by kubectl exec, and here is no kubectl', {
        hint: forge('explain', 'E_TOOL_MISSING'),
        where: '--check',
      })
    },
  }
}
