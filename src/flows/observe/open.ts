import { stateScope } from '../../domain/state-scope.ts'
import type { Charts } from '../../ports.ts'
import { databaseSchemas } from '../../domain/journal/schema.ts'
import { audienceFindings, readAudience } from '../notify/audience.ts'
import { Once } from '../once.ts'
import { tellOnce } from '../phases/asked.ts'
import { settle } from '../phases/findings.ts'
import type { Asked, Connected, Opened, Past } from '../phases/opened.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import { refuseLater } from '../project/later.ts'
import { openJournal, unreadEntries, type Journal } from '../state/journal.ts'
import { requireKnown, unknownSince } from '../state/require-known.ts'
import { runStep } from '../step.ts'
import type { ForgeError } from '../../errors.ts'
import { managedFindings } from './gitops.ts'

/**
 * Gets what a deploy needs on this machine (helm, the sandbox's control plane) and connects. Only what takes long is
 * shown, as a task of its own: usually all is there and nothing is.
 */
export async function connect(asked: Asked, ports: DeployPorts): Promise<Connected> {
  const { project } = asked
  refuseLater(project)
  settle(asked, managedFindings(project, asked.policy.collects !== undefined))
  settle(asked, audienceFindings(await asked.audience.get(async () => await readAudience(project, ports))))
  for (const { name, run } of await ports.preparations(project.environment.cluster)) {
    await runStep(ports, { index: 0, total: 0, name }, async ({ detail }) => await run(detail))
  }
  return connected(asked, await ports.connect(project.environment.cluster))
}

export function connected(
  asked: Asked,
  { cluster, charts }: { readonly cluster: Connection; readonly charts: Charts },
): Connected {
  return { ...asked, cluster, charts, lease: undefined, hashKey: new Once(), keptSecrets: new Once() }
}

/** With what the journal says of the deploys before this one. E_JOURNAL_NEWER forbids to write; a plan says that it is unknown. */
export async function open(
  connection: Connected,
  { codec, clock, redactor, signal }: Pick<DeployPorts, 'codec' | 'clock' | 'redactor' | 'signal'>,
): Promise<Opened> {
  const { project, cluster, policy, warnings } = connection
  const scope = stateScope(project)
  const journal = await openJournal({ cluster, codec, clock, redactor, ...scope }, signal)
  requireKnown(journal, scope, ['--env', project.environment.name], policy.onRefusal)
  const unknown = journal.concealed === undefined ? undefined : unknownSince(journal.concealed)
  tellOnce(warnings, unreadEntries(journal))
  return { ...connection, ...pastOf(journal, unknown), target: undefined }
}

/** `unknown`: why it cannot be said what runs. */
export function pastOf(journal: Journal, unknown?: string): Past {
  return {
    ...(unknown === undefined ? {} : { unknown }),
    journal: unknown === undefined ? journal : undefined,
    previous: journal.entries[0],
    liveEntry: journal.live,
    deploys: journal.entries,
    databases: databaseSchemas(journal.entries),
    interrupted: journal.interrupted,
    number: journal.live?.number ?? 0,
  }
}

/** What records are kept in, helm's and forge's, is a Secret: it is listed, and read. */
export function unseen(why: ForgeError): string {
  return `${why.details.denied ?? why.message} (needs get, list)`
}

/** Nobody may read the journal: it is not known what runs, and why. */
export function unknownPast(unknown: string): Past {
  return {
    unknown,
    journal: undefined,
    previous: undefined,
    liveEntry: undefined,
    deploys: [],
    databases: new Map(),
    interrupted: undefined,
    number: 0,
  }
}
