import { isMap } from '../../domain/config/path.ts'
import { nameOnNodes, type LocalCluster } from '../../domain/images/loaders.ts'
import { parseJson } from '../../domain/json.ts'
import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import type { NodeImages } from '../../ports.ts'
import { run, type RunResult } from '../process.ts'

export interface NodeImagesOptions {
  readonly env: NodeJS.ProcessEnv
}

type Command = readonly [string, ...string[]]

interface Tool {
  /** Its nodes; undefined: it is one machine, this one. */
  readonly nodes?: {
    readonly ask: (cluster: string) => Command
    readonly in: (stdout: string, cluster: string) => readonly string[]
    /** What there is instead. */
    readonly others: Command
  }
  /** Lists the images of a node, by the node's own runtime. */
  list(node: string, cluster: string, name: string): Command
  has(stdout: string, name: string): boolean
  load(file: string, cluster: string): Command
}

/** The nodes of clusters that run on this machine, asked and filled by the programs that made them. */
export function nodeImages({ loader, name: cluster }: LocalCluster, { env }: NodeImagesOptions): NodeImages {
  const tool = tools(containerProgram(env))[loader]
  return {
    what: loader === 'containerd' ? 'containerd on this machine' : `${loader} cluster ${cluster}`,
    lacking: async (ref, signal) => {
      const name = nameOnNodes(ref)
      const nodes = await nodesOf(tool, { loader, name: cluster }, signal)
      const has = async (node: string): Promise<boolean> => {
        const { stdout } = await succeed(tool.list(node, cluster, name), signal)
        return tool.has(stdout, name)
      }
      const known = await Promise.all(nodes.map(async (node) => ({ node, has: await has(node) })))
      return known.flatMap((one) => (one.has ? [] : [one.node]))
    },
    load: async (file, onLine, signal) => {
      await succeed(tool.load(file, cluster), signal, onLine)
    },
  }
}

/** What runs the nodes of kind and k3d (https://kind.sigs.k8s.io/docs/user/rootless/). */
function containerProgram(env: NodeJS.ProcessEnv): string {
  const wanted = env['KIND_EXPERIMENTAL_PROVIDER']
  return wanted === 'podman' || wanted === 'nerdctl' ? wanted : 'docker'
}

function tools(container: string): Readonly<Record<LocalCluster['loader'], Tool>> {
  const inNode = (node: string): Command => [container, 'exec', node, ...CRICTL]
  return {
    kind: {
      nodes: {
        ask: (cluster) => ['kind', 'get', 'nodes', '--name', cluster],
        in: (stdout) => linesOf(stdout).filter((node) => !node.endsWith('-external-load-balancer')),
        others: ['kind', 'get', 'clusters'],
      },
      list: inNode,
      has: criHas,
      load: (file, cluster) => ['kind', 'load', 'image-archive', file, '--name', cluster],
    },
    k3d: {
      nodes: {
        ask: () => ['k3d', 'node', 'list', '--output', 'json'],
        in: k3dNodes,
        others: ['k3d', 'cluster', 'list'],
      },
      list: inNode,
      has: criHas,
      load: (file, cluster) => ['k3d', 'image', 'import', file, '--cluster', cluster],
    },
    minikube: {
      nodes: {
        ask: (cluster) => ['minikube', 'node', 'list', '--profile', cluster],
        in: (stdout) => linesOf(stdout).flatMap((line) => line.split(/\s+/u)[0] ?? []),
        others: ['minikube', 'profile', 'list'],
      },
      list: (node, cluster) => ['minikube', 'ssh', '--profile', cluster, '--node', node, '--', 'sudo', ...CRICTL],
      has: criHas,
      load: (file, cluster) => ['minikube', 'image', 'load', file, '--profile', cluster],
    },
    containerd: {
      list: (_node, _cluster, name) => ['ctr', ...KUBELETS, 'images', 'ls', '--quiet', `name==${name}`],
      has: (stdout, name) => linesOf(stdout).includes(name),
      load: (file) => ['ctr', ...KUBELETS, 'images', 'import', file],
    },
  }
}

async function nodesOf(
  { nodes }: Tool,
  { loader, name }: LocalCluster,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (nodes === undefined) return ['this machine']
  const found = nodes.in((await succeed(nodes.ask(name), signal)).stdout, name)
  if (found.length > 0) return found
  const message = `${loader} has no nodes of a ${loader === 'minikube' ? 'profile' : 'cluster'} ${name}`
  throw new ForgeError('E_IMAGE_LOAD', message, { hint: program(...nodes.others) })
}

const CRICTL = ['crictl', 'images', '--output', 'json'] as const
/** The images that kubelet sees (pkg/cri of containerd). */
const KUBELETS = ['--namespace', 'k8s.io'] as const

/** `crictl images`: ListImagesResponse of the CRI. */
function criHas(stdout: string, name: string): boolean {
  const told = parseJson(stdout)
  const images = isMap(told) && Array.isArray(told['images']) ? (told['images'] as unknown[]) : []
  return images.some((image) => {
    const tags: unknown = isMap(image) ? image['repoTags'] : undefined
    return Array.isArray(tags) && tags.includes(name)
  })
}

function k3dNodes(stdout: string, cluster: string): string[] {
  const told = parseJson(stdout)
  return (Array.isArray(told) ? (told as unknown[]) : []).flatMap((node) => {
    if (!isMap(node) || typeof node['name'] !== 'string') return []
    const { name, role, runtimeLabels } = node
    const isOwn = isMap(runtimeLabels) && runtimeLabels['k3d.cluster'] === cluster
    return isOwn && (role === 'server' || role === 'agent') ? [name] : []
  })
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Throws E_IMAGE_LOAD, with the program's last line. */
async function succeed(
  [file, ...args]: Command,
  signal: AbortSignal,
  onLine: (line: string) => void = () => undefined,
): Promise<RunResult> {
  const result = await run(file, args, { signal, onLine })
  if (result.status === 0) return result
  const said =
    linesOf(result.stderr).at(-1) ?? result.startError ?? `it ended with status ${result.status ?? 'unknown'}`
  const shown = [file, ...args.filter((arg) => !arg.startsWith('/'))].slice(0, 4).join(' ')
  const log = [...linesOf(result.stdout), ...linesOf(result.stderr)].slice(-12)
  throw new ForgeError('E_IMAGE_LOAD', `${shown} failed: ${said}`, { hint: program(file, '--help'), log })
}
