import { nearest, suggestion } from '../../domain/config/nearest.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { readyPods } from '../../domain/look/ready-pods.ts'
import { podSpecOf } from '../../domain/readiness/shapes.ts'
import { ForgeError } from '../../errors.ts'
import { again, kubectl } from '../../hint.ts'
import type { ClusterReader, PodPlace, PodStreams } from '../../ports.ts'
import { findMembers } from '../logs/component.ts'
import type { StatusPorts } from '../status/status.ts'
import { requireWithin } from './allowed.ts'
import { notReady, type LookScope } from './not-ready.ts'

/** The best shell that the image has. */
const SHELL = ['sh', '-c', 'command -v bash >/dev/null && exec bash; exec sh']

export interface ShellRequest {
  readonly component: string
  readonly container: string | undefined
  /** Empty: a shell. */
  readonly command: readonly string[]
  readonly yes: boolean
}

export type ShellScope = LookScope & {
  readonly connected: { readonly cluster: Pick<ClusterReader, 'rules' | 'version'> }
}

export interface ShellPorts extends StatusPorts {
  readonly streams: PodStreams
  /** Undefined: nobody can be asked. */
  readonly ask: ((question: readonly string[]) => Promise<boolean>) | undefined
  readonly note: (text: string) => void
  readonly terminal: () => ShellTerminal
}

export type ShellTerminal = Omit<Parameters<PodStreams['execute']>[1], 'container' | 'command'> & {
  /** From then on its keys and its screen are the command's. Gives what gives it back, for what forge says then. */
  readonly take: () => Promise<() => void>
}

/** `forge shell`: a command in a ready pod of a component. Gives its exit status. */
export async function shellInto(request: ShellRequest, scope: ShellScope, ports: ShellPorts): Promise<number> {
  const { component, command } = request
  const { pods } = await findMembers(component, scope, ports.signal)
  const [pod] = readyPods(pods)
  if (pod === undefined) throw await notReady(component, pods, scope, ports)
  const container = containerOf(pod, request)
  const { name, namespace = scope.namespace } = pod.metadata
  await requireWithin('pods/exec', pod, scope, ports.signal)
  await agree(`${name}, container ${container}`, request, scope, ports)
  const words = command.length === 0 ? SHELL : command
  const terminal = ports.terminal()
  if (terminal.tty) ports.note(`${name}, container ${container}`)
  const { take, ...own } = terminal
  const giveBack = await take()
  const execution = { ...own, container, command: words }
  const end = await ports.streams.execute({ namespace, name }, execution, ports.signal).finally(giveBack)
  if (end.kind === 'ended') return end.exitStatus
  if (end.kind === 'refused') throw refused({ namespace, name }, container, words[0] ?? '', end.message)
  throw new ForgeError('E_SHELL_CUT', `the connection to ${name} ended before the command did`, {
    hint: again(),
    where: `Pod/${name}`,
  })
}

/** As `kubectl exec` chooses. Throws E_CONTAINER_UNKNOWN. */
function containerOf(pod: KubeObject, { container }: ShellRequest): string {
  const known = (podSpecOf(pod).containers ?? []).map(({ name }) => name)
  const said = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  const wanted = container ?? (said !== undefined && known.includes(said) ? said : known[0]) ?? ''
  if (known.includes(wanted)) return wanted
  const { name } = pod.metadata
  throw new ForgeError('E_CONTAINER_UNKNOWN', `${name} runs no container ${wanted}${suggestion(wanted, known)}`, {
    hint: again('--container', nearest(wanted, known) ?? known[0] ?? 'NAME'),
    where: `Pod/${name}`,
  })
}

/** What is done within changes what nobody has planned. */
async function agree(
  where: string,
  { yes }: ShellRequest,
  { checkout, environment }: LookScope,
  { ask, signal }: Pick<ShellPorts, 'ask' | 'signal'>,
): Promise<void> {
  if (checkout?.environment.protected !== true || yes) return
  const agreed = await ask?.([`${environment} is protected. Run a command in ${where}? (y/N) `])
  signal.throwIfAborted()
  if (agreed === true) return
  const message =
    agreed === false ? 'the question was answered with no' : `${environment} is protected, and nobody can be asked here`
  throw new ForgeError('E_CONFIRMATION_REQUIRED', message, {
    hint: again('--yes'),
    where: `environment ${environment}`,
  })
}

function refused(pod: PodPlace, container: string, program: string, message: string): ForgeError {
  const { name, namespace } = pod
  if (/executable file not found|no such file or directory|not found in \$PATH/u.test(message))
    return new ForgeError('E_SHELL_MISSING', `container ${container} of ${name} has no ${program} in its image`, {
      hint: kubectl(['debug', name, '-it', '--image=busybox', `--target=${container}`], namespace),
      where: `Pod/${name}`,
    })
  return new ForgeError('E_SHELL_REFUSED', `the command was not begun in ${name}: ${message}`, {
    hint: kubectl(['describe', 'pod', name], namespace),
    where: `Pod/${name}`,
  })
}
