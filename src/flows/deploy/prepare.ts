import { databaseSchemas } from '../../domain/journal/schema.ts'
import { refuseLater } from '../project/later.ts'
import { openJournal, unreadEntries, type Journal } from '../state/journal.ts'
import { requireKnown, unknownSince } from '../state/require-known.ts'
import { runSteps, step } from '../steps/step.ts'
import type { DeployContext, DeployPorts } from './context.ts'

/**
 * Gets what a deploy needs on this machine (helm, the sandbox's control plane) and connects. Only what takes long is
 * shown, as a task of its own: usually all is there and nothing is.
 */
export async function prepare(context: DeployContext, ports: DeployPorts): Promise<void> {
  const { project } = context
  refuseLater(project)
  for (const { name, run } of await ports.preparations(project.environment.cluster)) {
    const task = step<DeployContext>(
      ports,
      { index: 0, total: 0, name },
      async (_context, report) => await run((text) => report.detail(text)),
    )
    await runSteps(context, [task], ports)
  }
  const { cluster, charts } = await ports.connect(project.environment.cluster)
  context.cluster = cluster
  context.charts = charts
  await readJournal(context, ports)
}

/** What the journal says of the deploys before this one. */
export async function readJournal(
  context: DeployContext,
  { codec, clock, redactor, signal }: DeployPorts,
): Promise<Journal> {
  const { project, cluster } = context
  const place = { project: project.name, namespace: project.environment.namespace }
  const journal = await openJournal({ cluster, codec, clock, redactor, ...place }, signal)
  if (journal.concealed !== undefined && context.options.planOnly === true)
    context.unknown = unknownSince(journal.concealed)
  else requireKnown(journal, place, ['--env', project.environment.name])
  context.journal = context.unknown === undefined ? journal : undefined
  context.previous = journal.entries[0]
  context.liveEntry = journal.live
  context.deploys = journal.entries
  context.databases = databaseSchemas(journal.entries)
  context.interrupted = journal.interrupted
  context.number = journal.live?.number ?? 0
  context.warnings = [...new Set([...context.warnings, ...unreadEntries(journal)])]
  return journal
}
