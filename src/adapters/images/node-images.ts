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
  /** Its nodes, by a program of the tool. */
  nodes(cluster: string, signal: AbortSignal): Promise<readonly string[]>
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
      const nodes = await tool.nodes(cluster, signal)
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
      nodes: async (cluster, signal) => {
        const { stdout } = await succeed(['kind', 'get', 'nodes', '--name', cluster], signal)
        const nodes = linesOf(stdout).filter((node) => !node.endsWith('-external-load-balancer'))
        return required(nodes, `kind has no nodes of a cluster ${cluster}`, ['kind', 'get', 'clusters'])
      },
      list: inNode,
      has: criHas,
      load: (file, cluster) => ['kind', 'load', 'image-archive', file, '--name', cluster],
    },
    k3d: {
      nodes: async (cluster, signal) => {
        const { stdout } = await succeed(['k3d', 'node', 'list', '--output', 'json'], signal)
        const nodes = k3dNodes(stdout, cluster)
        return required(nodes, `k3d has no nodes of a cluster ${cluster}`, ['k3d', 'cluster', 'list'])
      },
      list: inNode,
      has: criHas,
      load: (file, cluster) => ['k3d', 'image', 'import', file, '--cluster', cluster],
    },
    minikube: {
      nodes: async (cluster, signal) => {
        const { stdout } = await succeed(['minikube', 'node', 'list', '--profile', cluster], signal)
        const nodes = linesOf(stdout).flatMap((line) => line.split(/\s+/u)[0] ?? [])
        return required(nodes, `minikube has no nodes of a profile ${cluster}`, ['minikube', 'profile', 'list'])
      },
      list: (node, cluster) => {
        return ['minikube', 'ssh', '--profile', cluster, '--node', node, '--', 'sudo', ...CRICTL]
      },
      has: criHas,
      load: (file, cluster) => ['minikube', 'image', 'load', file, '--profile', cluster],
    },
    containerd: {
      nodes: async () => await Promise.resolve(['this machine']),
      list: (_node, _cluster, name) => ['ctr', ...KUBELETS, 'images', 'ls', '--quiet', `name==${name}`],
      has: (stdout, name) => linesOf(stdout).includes(name),
      load: (file) => ['ctr', ...KUBELETS, 'images', 'import', file],
    },
  }
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

function required(nodes: readonly string[], message: string, hint: Command): readonly string[] {
  if (nodes.length > 0) return nodes
  throw new ForgeError('E_IMAGE_LOAD', message, { hint: program(...hint) })
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
