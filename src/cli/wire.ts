import { systemClock } from '../adapters/clock.ts'
import { certificates } from '../adapters/files/certificates.ts'
import { checkoutsOf } from '../adapters/files/checkouts.ts'
import { readChartFiles } from '../adapters/files/chart-files.ts'
import { confinedFiles, confinedModules, confinedPlain, confinedSources } from '../adapters/files/confined-ports.ts'
import { checkoutFolder, confine } from '../adapters/files/confinement.ts'
import { openFiles } from '../adapters/files/files.ts'
import { projectModules } from '../adapters/files/modules.ts'
import { openPlainFiles } from '../adapters/files/plain-files.ts'
import { remembered } from '../adapters/files/remembered.ts'
import { openSources } from '../adapters/files/sources.ts'
import { missingCharts } from '../adapters/helm/dependencies.ts'
import type { Connection as ClusterConnection } from '../adapters/kubernetes/connect.ts'
import type { ClusterTarget } from '../domain/config/model.ts'
import type { Connection, Preparation } from '../flows/phases/ports.ts'
import type { ProjectPorts } from '../flows/project/ports.ts'
import type { Charts, Confinement, MissingChart } from '../ports.ts'
import { keepYoungHeapSmall } from './heap.ts'
import { sayTo } from './screen.ts'
import type { Session } from './session.ts'

/** This and its neighbours named wire-*.ts are the only places that build adapters. */
export function projectPorts(session: Session): ProjectPorts {
  const { dir, signal } = session
  const files = openFiles(dir)
  const ports = {
    files,
    sources: remembered(openSources()),
    modules: projectModules,
    certificates,
    chartFiles: readChartFiles,
    plain: openPlainFiles(files, { signal, progress: sayTo(session) }),
    missingCharts,
    checkouts: async (paths: readonly string[], from: string) => await checkoutsOf(paths, from, signal),
    fetchChart: async (chart: MissingChart) => await fetchChart(chart, session),
    clock: systemClock,
    signal,
  }
  return session.untrusted === undefined ? ports : confinedPorts(ports, confine({ ...session, ...session.untrusted }))
}

function confinedPorts(ports: ProjectPorts, confinement: Confinement): ProjectPorts {
  return {
    ...ports,
    files: confinedFiles(ports.files, confinement),
    sources: confinedSources(ports.sources, confinement),
    modules: confinedModules,
    fetchChart: undefined,
    plain: confinedPlain(ports.plain),
    missingCharts: async (chart) => await missingCharts(chart, { withCache: false }),
    confinement,
  }
}

async function fetchChart(chart: MissingChart, session: Session): Promise<string | undefined> {
  const { signal } = session
  const progress = sayTo(session)
  const [{ findHelm }, { fetchChart: fetched }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/fetched-charts.ts'),
  ])
  const { path } = await findHelm({ signal, progress })
  progress(`fetching chart ${chart.name} ${chart.version} from ${chart.repository}`)
  return await fetched(chart, path, { signal })
}

/** What takes long and is not there yet, with what is said while it is made. */
export async function preparations(
  target: ClusterTarget,
  { signal, kubeconfig, context }: Session,
): Promise<readonly Preparation[]> {
  const { findHelm, lookUpHelm } = await import('../adapters/tools/helm.ts')
  const helm: Preparation[] =
    (await lookUpHelm()) === undefined
      ? [
          {
            name: 'helm',
            run: async (progress) => `helm ${showVersion((await findHelm({ signal, progress })).version)}`,
          },
        ]
      : []
  if (!target.sandbox) return helm
  const { ensureSandbox, runningSandbox, sandboxName } = await import('../adapters/sandbox/sandbox.ts')
  const name = sandboxName(target.name, process.env)
  if (kubeconfig !== undefined || context !== undefined || (await runningSandbox(name)) !== undefined) return helm
  const start = async (progress: (text: string) => void): Promise<string> => {
    await ensureSandbox({ name }, { signal, progress })
    return `control plane ${name} started`
  }
  return [...helm, { name: 'sandbox', run: start }]
}

/** Chooses the cluster that the environment names, or that --kubeconfig and --context do. Sends nothing yet. */
export async function connect(
  target: ClusterTarget,
  session: Session,
): Promise<{ cluster: Connection; charts: Charts }> {
  const [{ findHelm }, { helmCharts }, { refuseDriver }] = await Promise.all([
    import('../adapters/tools/helm.ts'),
    import('../adapters/helm/charts.ts'),
    import('../adapters/helm/environment.ts'),
  ])
  refuseDriver(process.env)
  const access = await accessTo(target, session)
  const [cluster, helm] = await Promise.all([
    connectAs(access, session),
    findHelm({ signal: session.signal, progress: () => undefined }),
  ])
  // What is read inside a cluster has no name in any file: helm finds it by itself.
  const { context } = cluster.named
  session.reached({ helm: helm.source === 'PATH' ? undefined : helm.path })
  return {
    cluster,
    charts: helmCharts({
      ...helm,
      kubeconfig: access.kubeconfig,
      context,
      route: cluster.route,
      look: cluster.look,
      untrusted: session.untrusted !== undefined,
    }),
  }
}

/** The cluster alone, for what needs no helm. */
export async function clusterOf(target: ClusterTarget, session: Session): Promise<ClusterConnection> {
  return await connectAs(await accessTo(target, session), session)
}

interface Access {
  readonly kubeconfig?: string
  readonly context?: string
}

/** Closed with the session. */
export async function connectAs(access: Access, session: Session): Promise<ClusterConnection> {
  const { connectCluster } = await import('../adapters/kubernetes/connect.ts')
  keepYoungHeapSmall()
  const checkout = session.untrusted === undefined ? undefined : checkoutFolder(session.dir, !session.dirGiven)
  const cluster = await connectCluster({ ...access, clock: systemClock, checkout })
  session.onClose(async () => await cluster.close())
  session.reached({ cluster: cluster.named })
  return cluster
}

async function accessTo(target: ClusterTarget, { kubeconfig, context, signal }: Session): Promise<Access> {
  if (target.sandbox && kubeconfig === undefined && context === undefined) {
    const { ensureSandbox, sandboxName } = await import('../adapters/sandbox/sandbox.ts')
    const started = await ensureSandbox(
      { name: sandboxName(target.name, process.env) },
      { signal, progress: () => undefined },
    )
    return { kubeconfig: started.kubeconfigPath }
  }
  return accessBy(target, { kubeconfig, context })
}

/** What the flags say goes before what forge.yaml says. */
export function accessBy(
  target: ClusterTarget,
  { kubeconfig, context }: Pick<Session, 'kubeconfig' | 'context'>,
): Access {
  const named = context ?? (target.sandbox ? undefined : target.context)
  return { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(named === undefined ? {} : { context: named }) }
}

function showVersion({ major, minor, patch }: { major: number; minor: number; patch: number }): string {
  return `${major}.${minor}.${patch}`
}
