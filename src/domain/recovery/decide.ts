import { lastDeployed } from '../helm/record.ts'
import { ownReleases } from '../journal/left-out.ts'
import { hasAdopted, isHandingBack } from '../migrate/undo.ts'
import type { JournalEntry, JournalRelease } from '../journal/model.ts'
import { isMoveRecord } from '../plan/take-over.ts'
import type { Operation, Reason } from '../journal/operation.ts'
import type { RecoveryAction, RecoveryFacts, RecoveryPlan, ReleaseFacts, Revision, Stand } from './model.ts'

/** helm refuses every upgrade in these states. */
export function isStuck({ status }: Pick<Revision, 'status'>): boolean {
  return status.startsWith('pending-') || status === 'uninstalling'
}

/** Where helm's records stand, seen from the deploy that was interrupted. `history` is newest first. */
export function standOf({ revisionBefore = 0 }: JournalRelease, history: readonly Revision[]): Stand {
  const base = lastDeployed(history.filter(({ revision }) => revision <= revisionBefore))
  const [newest] = history
  if (newest === undefined || (newest.revision <= revisionBefore && !isStuck(newest)))
    return { kind: 'untouched', base }
  // One that forge wrote because objects moved: helm has not come to it yet.
  if (newest.status !== 'deployed' || isMoveRecord(newest)) return { kind: 'broken', newest, base }
  // helm's own words in the record of a rollback (pkg/action, Rollback).
  if (base !== undefined && newest.description === `Rollback to ${base.revision}`)
    return { kind: 'returned', newest, base }
  return { kind: 'unproven', newest, base }
}

/** All releases were upgraded, and nothing had been taken back: what is left of such a deploy is its proof. */
export function isComplete(entry: JournalEntry, facts: readonly Pick<ReleaseFacts, 'name' | 'history'>[]): boolean {
  const { steps, target } = entry
  const releases = ownReleases(entry)
  // What `forge rollback` goes back to is its goal.
  const returning = steps.some(
    ({ operation: { op } }) => op === 'give-back' || (target === undefined && (op === 'rollback' || op === 'return')),
  )
  return (
    !returning &&
    releases.length > 0 &&
    releases.every((release) => standOf(release, historyOf(release.name, facts)).kind === 'unproven')
  )
}

/**
 * What puts an interrupted deploy right. All or nothing: if it is not complete and ready, the secrets and every release go
 * back to what was deployed before, the last upgraded first. Nothing is taken on trust but the journal and helm's records.
 */
export function decideRecovery(facts: RecoveryFacts): RecoveryPlan {
  const plan = decideReleases(facts)
  const definitions = facts.releases.flatMap((release) => release.definitions ?? [])
  return plan.end === 'deployed' || definitions.length === 0 ? plan : { ...plan, definitions }
}

function decideReleases(facts: RecoveryFacts): RecoveryPlan {
  const { entry, releases, ready } = facts
  if (hasUninstalled(entry)) return afterUninstall(facts)
  // What ran before helm is proven to run by then: only helm's part of it is left to be taken off.
  if (isHandingBack(entry)) return { actions: [], end: hasAdopted(entry) ? 'restored' : 'uninstalled' }
  if (ready && isComplete(entry, releases)) return { actions: [], end: 'deployed' }
  const stands = ownReleases(entry).map((release) => ({
    release,
    facts: releases.find(({ name }) => name === release.name),
    stand: standOf(release, historyOf(release.name, releases)),
  }))
  const back = stands
    .toReversed()
    .flatMap(({ release, facts: found, stand }) => actionsFor(release, found, stand, entry))
  const settle = back.filter(({ kind }) => kind === 'settle')
  if (releases.some(({ migrated }) => migrated === true)) return { actions: settle, end: 'forward' }
  const stays = stands.length > 0 && stands.every(({ stand: { base } }) => base === undefined)
  // There is nothing to go back to but the Secrets that it overwrote.
  if (stays) return { actions: [...secretsBack(facts), ...back], end: 'stays' }
  // All Jobs first: one that does not end leaves everything as it is, not half of it.
  const waits = back.filter(({ kind }) => kind === 'wait')
  const rest = back.filter(({ kind }) => kind !== 'wait')
  return { actions: [...waits, ...secretsBack(facts), ...gaveBack(entry), ...rest], end: 'restored' }
}

/** Nothing goes back: only what keeps helm from going forward is put right. For where helm's own rollback fails each time. */
export function leftAsItIs(plan: RecoveryPlan): RecoveryPlan {
  const writes = plan.actions.filter(
    ({ kind }) => kind === 'roll-back' || kind === 'restore-secret' || kind === 'give-back',
  )
  if (plan.end !== 'restored' || writes.length === 0) return plan
  return { ...plan, actions: plan.actions.filter(({ kind }) => kind === 'settle'), end: 'left' }
}

function hasUninstalled({ steps }: JournalEntry): boolean {
  return steps.some(({ operation: { op } }) => op === 'uninstall')
}

/** What `helm uninstall` has deleted is not made again here: a deploy does that. helm deletes the history last; without one all is gone. */
function afterUninstall({ entry, releases }: RecoveryFacts): RecoveryPlan {
  const newest = entry.releases.map(({ name }) => ({ name, revision: historyOf(name, releases)[0] }))
  const actions = newest.flatMap(({ name, revision }): RecoveryAction[] =>
    revision === undefined || !isStuck(revision) ? [] : [settled(name, revision, undefined)],
  )
  if (newest.every(({ revision }) => revision === undefined)) return { actions, end: 'uninstalled' }
  const begun = actions.length > 0 || newest.some(({ revision }) => revision?.status !== 'deployed')
  return { actions, end: begun ? 'partly' : 'restored' }
}

/** Before helm takes either release back. The last that took something over first. */
function gaveBack(entry: JournalEntry): RecoveryAction[] {
  return ownReleases(entry)
    .toReversed()
    .flatMap(({ name, takes = [] }): RecoveryAction[] => {
      const begun = entry.steps.some(({ operation }) => operation.op === 're-own' && operation.release === name)
      const to = takes.map(({ from }) => from)
      return begun && to.length > 0 ? [{ kind: 'give-back', release: name, to, because: { kind: 'ran-before' } }] : []
    })
}

function settled(release: string, newest: Revision, base: Revision | undefined): RecoveryAction {
  const { revision, status } = newest
  return { kind: 'settle', release, revision, status, because: whyStuck(newest, base) }
}

function actionsFor(
  { name }: JournalRelease,
  facts: ReleaseFacts | undefined,
  stand: Stand,
  entry: JournalEntry,
): RecoveryAction[] {
  if (stand.kind === 'returned') return []
  if (stand.kind === 'untouched') return makeAgain(name, stand, facts, entry)
  const { newest, base } = stand
  const settle = isStuck(newest) ? [settled(name, newest, base)] : []
  if (base === undefined || newest.status === 'uninstalling') return settle
  const jobs = facts?.runningJobs ?? []
  const wait: RecoveryAction[] =
    jobs.length === 0 ? [] : [{ kind: 'wait', release: name, jobs, because: { kind: 'migration-runs' } }]
  const because: Reason = {
    kind: stand.kind === 'unproven' ? 'never-proven' : 'incomplete',
    revision: newest.revision,
  }
  return [...wait, ...settle, { kind: 'roll-back', release: name, from: newest.revision, to: base.revision, because }]
}

/** Objects that cannot be changed in place are taken away right before helm runs. */
function makeAgain(
  name: string,
  { base }: Stand,
  facts: ReleaseFacts | undefined,
  { steps }: JournalEntry,
): RecoveryAction[] {
  const begun = steps.some(({ operation }) => operation.op === 'upgrade' && operation.release === name)
  const missing = facts?.missing ?? []
  const [newest] = facts?.history ?? []
  if (!begun || missing.length === 0 || base === undefined || newest === undefined) return []
  const because: Reason = { kind: 'taken-away', objects: missing }
  return [{ kind: 'roll-back', release: name, from: newest.revision, to: base.revision, because }]
}

function whyStuck({ status }: Revision, base: Revision | undefined): Reason {
  if (status === 'uninstalling') return { kind: 'half-uninstalled' }
  return { kind: base === undefined ? 'nothing-before' : 'helm-refuses' }
}

/** Only where the live Secret is still the one that the interrupted deploy wrote. */
function secretsBack({ entry, secrets }: RecoveryFacts): RecoveryAction[] {
  return entry.secrets.flatMap(({ name, revision, revisionBefore }): RecoveryAction[] =>
    revisionBefore === undefined || revisionBefore === revision || secrets.get(name) !== revision
      ? []
      : [
          {
            kind: 'restore-secret',
            secret: name,
            from: revision,
            to: revisionBefore,
            because: { kind: 'ran-before' },
          },
        ],
  )
}

function historyOf(name: string, facts: readonly Pick<ReleaseFacts, 'name' | 'history'>[]): readonly Revision[] {
  return facts.find((one) => one.name === name)?.history ?? []
}

/** What the journal keeps while an action runs. Waiting changes nothing: where it stopped stays the step of the deploy itself. */
export function operationOf(action: Exclude<RecoveryAction, { kind: 'roll-back' }>): Operation | undefined {
  switch (action.kind) {
    case 'wait':
      return undefined
    case 'settle':
      return { op: 'settle-record', release: action.release, revision: action.revision }
    case 'give-back':
      return { op: 'give-back', release: action.release, from: action.to }
    case 'restore-secret':
      return { op: 'restore-secret', secret: action.secret, to: action.to }
  }
}
