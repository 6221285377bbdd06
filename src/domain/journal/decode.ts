import { isMap, type PlainMap } from '../config/path.ts'
import type { DeployState, JournalEntry, JournalRelease, JournalSecret, JournalVerdict, StepOutcome } from './model.ts'
import type { Hint } from '../../hint.ts'

const STATES: readonly DeployState[] = [
  'running',
  'deployed',
  'rolled-back',
  'restored',
  'failed',
  'interrupted',
  'uninstalled',
]
const OUTCOMES: readonly StepOutcome[] = ['running', 'done', 'skipped', 'failed']

/**
 * Reads an entry that this or another version of forge wrote: what is missing gets its empty form, what is unknown is
 * left out, a state that this version does not know counts as failed. Undefined where it cannot be acted upon: without its
 * number, or with releases or stages that are none.
 */
export function decodeEntry(text: string): JournalEntry | undefined {
  const raw = parseJson(text)
  const number = raw?.['number']
  if (raw === undefined || typeof number !== 'number' || !isUsable(raw['configuration'])) return undefined
  return {
    v: 1,
    number,
    project: textOf(raw['project']),
    environment: textOf(raw['environment']),
    namespace: textOf(raw['namespace']),
    command: textOf(raw['command']),
    by: textOf(raw['by']),
    state: oneOf(STATES, raw['state'], 'failed'),
    startedAt: textOf(raw['startedAt']),
    ...optional('endedAt', raw['endedAt'], isText),
    ...optional('target', raw['target'], isNumber),
    ...optional('origin', raw['origin'], isNumber),
    ...optional('brought', raw['brought'], isNumber),
    ...optional('changes', raw['changes'], isText),
    ...optional('deleted', raw['deleted'], isTexts),
    releases: mapsOf(raw['releases']).map((one) => ({
      name: textOf(one['name']),
      namespace: textOf(one['namespace']),
      ...optional('revisionBefore', one['revisionBefore'], isNumber),
      ...optional('revisionAfter', one['revisionAfter'], isNumber),
      ...optional('left', one['left'], isLeft),
      ...optional('leftOut', one['leftOut'], isLeftOut),
      ...optional('chart', one['chart'], isChart),
      ...optional('images', one['images'], isTexts),
      ...optional('counts', one['counts'], isCounts),
      ...optional('came', one['came'], isCame),
      ...optional('definitions', one['definitions'], areDefinitions),
      ...optional('database', one['database'], isSchema),
    })),
    secrets: mapsOf(raw['secrets']).flatMap((one) => {
      const { name, revision } = one
      if (!isText(name) || !isNumber(revision)) return []
      return [
        {
          name,
          revision,
          ...optional('revisionBefore', one['revisionBefore'], isNumber),
          ...optional('rules', one['rules'], isRules),
        },
      ]
    }),
    configuration: configurationOf(raw['configuration']),
    steps: mapsOf(raw['steps']).map((one) => ({
      name: textOf(one['name']),
      outcome: oneOf(OUTCOMES, one['outcome'], 'failed'),
      startedAt: textOf(one['startedAt']),
      ...optional('endedAt', one['endedAt'], isText),
      ...optional('detail', one['detail'], isText),
    })),
    ...verdictOf(raw['verdict']),
    ...(Array.isArray(raw['omitted'])
      ? { omitted: (['values', 'log'] as const).filter((part) => textsOf(raw['omitted']).includes(part)) }
      : {}),
  }
}

function isUsable(configuration: unknown): boolean {
  const { releases = [], stages = [] } = isMap(configuration) ? configuration : {}
  const isNamed = (one: unknown): one is PlainMap => isMap(one) && isText(one['name'])
  const isStage = (one: unknown): boolean =>
    isNamed(one) && [one['wait'], one['optional']].every((some) => some === undefined || Array.isArray(some))
  return Array.isArray(releases) && releases.every(isNamed) && Array.isArray(stages) && stages.every(isStage)
}

/** Inside, the configuration is what forge.yaml's own model says; it was checked when it was written. */
function configurationOf(value: unknown): JournalEntry['configuration'] {
  const raw = isMap(value) ? value : {}
  return {
    releases: mapsOf(raw['releases']).map((one) => ({
      ...(one as unknown as JournalEntry['configuration']['releases'][number]),
      values: (isMap(one['values'])
        ? one['values']
        : {}) as JournalEntry['configuration']['releases'][number]['values'],
    })),
    stages: mapsOf(raw['stages']) as unknown as JournalEntry['configuration']['stages'],
    verify: mapsOf(raw['verify']) as unknown as JournalEntry['configuration']['verify'],
    ...optional('protected', raw['protected'], (one): one is boolean => typeof one === 'boolean'),
  }
}

function verdictOf(value: unknown): { verdict?: JournalVerdict } {
  if (!isMap(value)) return {}
  return {
    verdict: {
      code: textOf(value['code']),
      message: textOf(value['message']),
      chain: textsOf(value['chain']),
      ...optional('where', value['where'], isText),
      ...optional('hint', value['hint'], isHint),
      log: textsOf(value['log']),
    },
  }
}

function parseJson(text: string): PlainMap | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isLeft = (value: unknown): value is NonNullable<JournalRelease['left']> => value === 'own' || value === 'before'
const isLeftOut = (value: unknown): value is NonNullable<JournalRelease['leftOut']> =>
  isMap(value) && isNumber(value['deploy']) && isText(value['at'])
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText)
const isChart = (value: unknown): value is NonNullable<JournalRelease['chart']> =>
  isMap(value) && isText(value['name']) && isText(value['version'])
const isSchema = (value: unknown): value is NonNullable<JournalRelease['database']> =>
  isMap(value) && isNumber(value['version']) && isNumber(value['oldestReader'])
const isRef = (value: unknown): boolean =>
  isMap(value) && isText(value['apiVersion']) && isText(value['kind']) && isText(value['name'])
const areDefinitions = (value: unknown): value is NonNullable<JournalRelease['definitions']> =>
  Array.isArray(value) && value.every((one) => isMap(one) && isRef(one['ref']))
const isCounts = (value: unknown): value is NonNullable<JournalRelease['counts']> =>
  isMap(value) && Object.values(value).every(isNumber)
const isCame = (value: unknown): value is NonNullable<JournalRelease['came']> =>
  Array.isArray(value) &&
  value.every((one) => isMap(one) && [one['workload'], one['mark'], one['written'], one['came']].every(isText))
const isRules = (value: unknown): value is NonNullable<JournalSecret['rules']> =>
  isMap(value) && Object.values(value).every((rule) => rule === 'keep' || rule === 'refuse')

/** A line where an older forge wrote it. */
function isHint(value: unknown): value is Hint | string {
  if (!isMap(value)) return isText(value) && value !== ''
  const { kind, args, argv, hints } = value
  if (kind === 'sequence') return Array.isArray(hints) && hints.every(isHint)
  return kind === 'program'
    ? isTexts(argv)
    : (kind === 'kubectl' || kind === 'helm' || kind === 'forge') && isTexts(args)
}

function textOf(value: unknown): string {
  return isText(value) ? value : ''
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : []
}

function mapsOf(value: unknown): PlainMap[] {
  return Array.isArray(value) ? value.filter(isMap) : []
}

function oneOf<T extends string>(known: readonly T[], value: unknown, fallback: T): T {
  return known.find((one) => one === value) ?? fallback
}

/** An absent key where the value is not of the right kind (exactOptionalPropertyTypes). */
function optional<K extends string, T>(
  key: K,
  value: unknown,
  is: (value: unknown) => value is T,
): Partial<Record<K, T>> {
  return is(value) ? ({ [key]: value } as Partial<Record<K, T>>) : {}
}
