import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'

/** By these helm would go to another cluster, or as somebody else, than forge that watches it. */
const LEADS_ELSEWHERE = /^HELM_(?:KUBE.*|NAMESPACE|MAX_HISTORY)$/u

/**
 * The environment of a helm: the cluster, the user and the namespace are those of forge's own options and of the kubeconfig
 * (https://helm.sh/docs/helm/helm/ names the variables). Undefined: not passed on.
 */
export function helmEnvironment(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const others = Object.keys(env).filter((name) => LEADS_ELSEWHERE.test(name))
  return { ...Object.fromEntries(others.map((name) => [name, undefined])), HELM_NO_PLUGINS: '1', ...collector(env) }
}

/** helm's records are read as Secrets: with another driver nobody would see what is deployed. Throws E_HELM_DRIVER. */
export function refuseDriver({ HELM_DRIVER: driver = '' }: NodeJS.ProcessEnv): void {
  if (['', 'secret', 'secrets'].includes(driver)) return
  throw new ForgeError('E_HELM_DRIVER', `HELM_DRIVER is ${driver}, and forge reads helm's records as Secrets only`, {
    hint: program('unset', 'HELM_DRIVER'),
    where: 'HELM_DRIVER',
  })
}

/**
 * helm lives for a second, and a quarter of its work is Go's garbage collector (https://go.dev/doc/gc-guide#GOGC): it may
 * wait until the heap is five times what lives, unless its user says otherwise. A chart of 5 MB makes that 350 MB: near
 * GOMEMLIMIT it works as often as it must, which few charts ever reach.
 */
function collector({ GOGC, GOMEMLIMIT }: NodeJS.ProcessEnv): Record<string, string> {
  return { GOGC: GOGC ?? '400', GOMEMLIMIT: GOMEMLIMIT ?? '224MiB' }
}
