import type { SavedPlan } from '../../domain/plan/saved.ts'
import { checkBackupSources } from './backups.ts'
import { checkHooks } from '../desire/hooks.ts'
import { checkPlannedNames } from '../desire/planned-names.ts'
import { checkValues } from '../desire/secret-values.ts'
import { checkGitopsOwned } from '../observe/gitops.ts'
import { checkLeftConsumers } from '../observe/left-out.ts'
import type { Configured, Rendering } from '../phases/desired.ts'
import type { Check } from '../phases/findings.ts'
import type { Compared, Foreseen } from '../phases/planned.ts'
import { checkCapacity } from './capacity.ts'
import {
  checkImages,
  checkKinds,
  checkLosses,
  checkRecordSizes,
  checkRights,
  checkSchemas,
  checkTwice,
} from './checks.ts'
import { checkDefinitions } from './definitions.ts'
import { checkDrift } from './drift.ts'
import { checkLeaving } from './leaving.ts'
import { checkLeftHooks } from './left-hooks.ts'
import { checkOtherNamespaces, checkOwnNamespace } from './namespaces.ts'
import { checkHeld } from './paused.ts'
import { checkPods } from './pods.ts'
import { checkPulls } from './pulls.ts'
import { checkRested } from './rested.ts'
import { checkSaved } from './saved.ts'
import { checkOtherUses, checkStillUsed } from './still-used.ts'
import { checkStorage } from './storage.ts'
import { checkVault } from './vault-pods.ts'

/** What is checked of a plan: a list for each moment at which enough is known. Of several refusals the first in it is told. */
export interface PlanChecks {
  /** What is there has been read. */
  readonly found: readonly Check<Compared>[]
  /** Nothing is waited for any more. */
  readonly compared: readonly Check<Compared>[]
  /** The same, for those that ask the cluster: all at once. */
  readonly asking: readonly Check<Compared>[]
  /** What comes of it is known. */
  readonly foreseen: readonly Check<Foreseen>[]
}

/** Before that: what is to be rendered, and what was. */
export interface DeployChecks extends PlanChecks {
  readonly configured: readonly Check<Configured>[]
  readonly rendered: readonly Check<Rendering>[]
}

export const BEFORE_DEPLOY: DeployChecks = {
  configured: [checkValues],
  rendered: [checkTwice, checkPlannedNames, checkSchemas],
  found: [checkGitopsOwned, checkRested, checkOwnNamespace, checkLeaving, checkRights],
  compared: [checkKinds, checkImages, checkCapacity, checkHooks],
  asking: [
    checkStorage,
    checkRecordSizes,
    checkOtherNamespaces,
    checkDefinitions,
    checkPods,
    checkPulls,
    checkBackupSources,
    checkVault,
  ],
  foreseen: [
    checkStillUsed,
    checkOtherUses,
    checkLosses,
    checkHeld,
    checkLeftHooks,
    checkLeftConsumers,
    // Last: what is refused for drift is shown by a plan, which has come so far.
    checkDrift,
  ],
}

/** Secrets alone: the pods stay what they are, and a secret that leaked is replaced whatever a registry says. */
export const BEFORE_REPLAY: DeployChecks = {
  ...BEFORE_DEPLOY,
  asking: BEFORE_DEPLOY.asking.filter((one) => one !== checkPulls),
}

/** `--plan FILE`. Names were looked at when it was made. */
export function beforeSaved(saved: SavedPlan, checks = BEFORE_DEPLOY, same = checkSaved(saved)): DeployChecks {
  const { rendered, foreseen } = checks
  return {
    ...checks,
    rendered: rendered.filter((one) => one !== checkPlannedNames),
    foreseen: foreseen.toSpliced(-1, 0, same),
  }
}

/** What goes back was deployed once. */
export const BEFORE_ROLLBACK: PlanChecks = {
  found: [checkGitopsOwned, checkRested, checkLeaving, checkRights],
  compared: [checkKinds, checkCapacity],
  asking: [checkStorage],
  foreseen: [checkStillUsed, checkOtherUses, checkLosses, checkHeld, checkLeftHooks],
}
