import type { StageRules } from '../readiness/model.ts'
import { compact } from './compact.ts'
import { parseDuration } from './duration.ts'
import type { Stage } from './model.ts'
import type { Path } from './path.ts'
import type { Places } from './places.ts'
import type { StagesConfig } from './schema.ts'

const STAGE_TIMEOUT_MS = 300_000

export function buildStages(stages: StagesConfig, path: Path, places: Places): Stage[] {
  return Object.entries(stages).map(([name, stage]) => {
    const rules = rulesOf(stage)
    return compact({
      name,
      wait: stage.wait ?? [],
      optional: stage.optional ?? [],
      timeoutMs: parseDuration(stage.timeout ?? '') ?? STAGE_TIMEOUT_MS,
      rules: Object.keys(rules).length === 0 ? undefined : rules,
      at: places.keyOf([...path, name]),
    })
  })
}

function rulesOf({ minReady, grace = {}, allow = {} }: StagesConfig[string]): StageRules {
  const of = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text))
  return compact({
    minReadyPercent: minReady === undefined ? undefined : Number(minReady.replace('%', '')),
    settleMs: of(grace.settle),
    pullGraceMs: of(grace.pull),
    missingGraceMs: of(grace.missing),
    unschedulableGraceMs: of(grace.unschedulable),
    quotaGraceMs: of(grace.quota),
    admissionGraceMs: of(grace.admission),
    volumeGraceMs: of(grace.volume),
    statusGraceMs: of(grace.status),
    controllerGraceMs: of(grace.controller),
    vaultGraceMs: of(grace.vault),
    unknownErrorGraceMs: of(grace.unknown),
    crashesAllowed: allow.crashes,
    oomKillsAllowed: allow.oomKills,
    evictionsAllowed: allow.evictions,
  })
}
