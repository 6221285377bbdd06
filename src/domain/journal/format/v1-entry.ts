import { compact } from '../../config/compact.ts'
import type { PlainMap } from '../../config/path.ts'
import type { JournalEntry, JournalRelease, JournalStep } from '../model.ts'
import { readBy } from './unknown.ts'
import { operationOf } from './v1-steps.ts'
import { entry as schema, type Entry1 } from './v1.ts'

/** An entry of format 1: its sentences are parsed into data. Undefined: it cannot be acted upon. */
export function read(document: PlainMap): JournalEntry | undefined {
  return readBy(schema, told, document)
}

function told(document: Entry1): JournalEntry {
  const { v: _v, releases, secrets, configuration, steps, verdict, omitted, ...same } = document
  return compact({
    ...same,
    releases: releases.map((one): JournalRelease => compact(one)),
    secrets: secrets.flatMap(({ name, revision, ...more }) =>
      name === undefined || revision === undefined ? [] : [compact({ name, revision, ...more })],
    ),
    configuration: compact({
      ...configuration,
      releases: configuration.releases.map((one) => compact(one)),
      stages: configuration.stages.map(({ rules, ...stage }) =>
        compact({ ...stage, rules: rules === undefined ? undefined : compact(rules) }),
      ),
    }),
    steps: steps.map(toldStep),
    verdict: verdict === undefined ? undefined : compact(verdict),
    omitted: omitted === undefined ? undefined : (['values', 'log'] as const).filter((one) => omitted.includes(one)),
  })
}

function toldStep({ name, outcome, startedAt, endedAt, detail }: Entry1['steps'][number]): JournalStep {
  const operation = operationOf(name, detail)
  const isTold = detail === undefined || operation.op === 'write-definitions'
  return compact({
    operation,
    outcome,
    startedAt,
    endedAt,
    because: isTold ? undefined : { kind: 'told' as const, text: detail },
  })
}
