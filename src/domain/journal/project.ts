import type { Environment, Project, Release } from '../config/model.ts'
import type { Component } from '../config/component.ts'
import type { JournalEntry } from './model.ts'

/**
 * The project as a deploy had it, from its journal entry: enough to go back to it and to wait for it, without a checkout.
 * What only rendering needs (values files, sources, images) is empty.
 */
export function projectOf(entry: JournalEntry, environment: Environment): Project {
  return {
    file: `the journal of #${entry.number}`,
    dir: '',
    name: entry.project,
    environment,
    releases: entry.configuration.releases.map((one) => releaseOf(one, entry, environment)),
    images: [],
    secrets: [],
    stages: entry.configuration.stages,
    verify: entry.configuration.verify,
    requirements: { crds: [], operators: [], secrets: [], services: [], nodes: [] },
    components: componentsIn(entry),
    overrides: { values: [], set: [] },
  }
}

/** As forge.yaml says it by now; without a checkout as it was deployed. */
export function knownComponents(checkout: Project | undefined, entry: JournalEntry | undefined): readonly Component[] {
  return checkout?.components ?? (entry === undefined ? [] : componentsIn(entry))
}

/** What people called the parts of the stack when it was deployed. */
export function componentsIn(entry: Pick<JournalEntry, 'number' | 'configuration'>): readonly Component[] {
  const at = { file: `the journal of #${entry.number}`, line: 1, column: 1 }
  return Object.entries(entry.configuration.components ?? {}).map(([name, target]) => ({ name, target, at }))
}

/** Where no forge.yaml is at hand: what the journal knows of the environment. */
export function environmentOf(
  entry: JournalEntry,
  cluster: Environment['cluster'],
  live: JournalEntry | undefined,
): Environment {
  return {
    name: entry.environment,
    protected: (live ?? entry).configuration.protected === true,
    cluster,
    namespace: entry.namespace,
    drift: { policy: 'overwrite', preserve: [] },
    at: { file: `the journal of #${(live ?? entry).number}`, line: 1, column: 1 },
  }
}

function releaseOf(
  { name, chart, version, schema, needs }: JournalEntry['configuration']['releases'][number],
  entry: JournalEntry,
  { namespace, at }: Environment,
): Release {
  const own = entry.releases.find((one) => one.name === name)?.namespace
  return {
    name,
    chart: { chart, local: chart.startsWith('/'), ...(version === undefined ? {} : { version }), at },
    namespace: own === undefined || own === '' ? namespace : own,
    values: [],
    set: [],
    crds: 'create',
    needs: needs ?? [],
    ...(schema === undefined ? {} : { schema }),
    configMaps: [],
    ignoreVolatile: false,
    takesOver: [],
    at,
  }
}
