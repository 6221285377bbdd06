import { freshNamespace, kubectl } from './cluster.ts'
import { document } from './forge.ts'
import { deployment } from './pods.ts'
import { smallProject, type Manifest } from './small.ts'
import type { AlikeCase } from './alike-cases.ts'
import type { RehearsalReport } from '../../src/flows/rehearse/rehearse.ts'

const GRACE = { quota: '2s', missing: '2s', unschedulable: '2s', admission: '2s', volume: '2s' }
const ROLLED_OUT = ['Deployment', 'DaemonSet']
const OF_THE_CLUSTER = ['PersistentVolume', 'StorageClass', 'PriorityClass']

/** The codes with which the rehearsal of tonight's deploy ends, and the deploy itself; null: it goes through. */
export interface Ends {
  readonly rehearsed: string | null
  readonly deployed: string | null
}

export async function bothWays({ before, first = [], beside = [], after }: AlikeCase): Promise<Ends> {
  const namespace = freshNamespace('alike')
  const filled = (objects: readonly object[]): Manifest[] =>
    JSON.parse(JSON.stringify(objects).replaceAll('SELF', namespace)) as Manifest[]
  await kubectl(['create', 'namespace', namespace])
  try {
    await make(namespace, filled(first))
    const small = await smallProject(namespace, 4, filled(before ?? [deployment({ name: 'web' })]))
    await small.project.configure(['stages'], { app: { wait: ['Deployment/web'], timeout: '20s', grace: GRACE } })
    const { report } = await small.deploy()
    if (report.verdict !== null) throw new Error(`the first deploy: ${JSON.stringify(report.verdict)}`)
    await make(namespace, filled(beside))
    await small.render(filled(after))
    const { rehearsal, verdict } = document<RehearsalReport>(await small.run('rehearse' as 'plan', ['--json']))
    const tonight = await small.deploy()
    const rehearsed = rehearsal === null ? verdict : rehearsal.deploy.verdict
    return { rehearsed: rehearsed?.code ?? null, deployed: tonight.report.verdict?.code ?? null }
  } finally {
    await kubectl(['delete', 'namespace', namespace, '--wait=false'])
    const shared = filled(first).filter(({ kind }) => OF_THE_CLUSTER.includes(kind))
    for (const { kind, metadata } of shared) await kubectl(['delete', kind, metadata.name, '--wait=false'])
  }
}

async function make(namespace: string, items: readonly Manifest[]): Promise<void> {
  if (items.length === 0) return
  await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const rolledOut = items.filter(({ kind }) => ROLLED_OUT.includes(kind))
  for (const { kind, metadata } of rolledOut)
    await kubectl(['rollout', 'status', `${kind}/${metadata.name}`, '-n', namespace, '--timeout=30s'])
}
