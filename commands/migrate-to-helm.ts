import * as Flags from '@oclif/core/flags'
import { fromHere } from '../src/cli/close-plan.ts'
import { namedImages } from '../src/cli/given-images.ts'
import { deployFlags, deployOptions } from '../src/cli/deploy-flags.ts'
import { eventsFlags } from '../src/cli/event-file.ts'
import { metricsFlags } from '../src/cli/metrics-file.ts'
import { ForgeCommand, releaseFlags, valuesFlags } from '../src/cli/forge-command.ts'
import { closeMigration, closeMigrationPlan, closeUndo, closeValues, showUndo } from '../src/cli/close-migration.ts'
import { legacyChoice, legacySource, podChecks } from '../src/cli/legacy-source.ts'
import { refuseOtherPlan } from '../src/cli/own-file.ts'
import { scopeFlags, scopeOf } from '../src/cli/scope-flags.ts'
import { backupAt, evidenceAt, wireDeploy } from '../src/cli/wire-deploy.ts'
import { migrate, migrationValues, planMigration } from '../src/flows/migrate/migrate.ts'
import { plannedIn } from '../src/flows/plan/save.ts'
import { SET_FLAGS } from '../src/hint.ts'
import { undo } from '../src/flows/migrate/undo.ts'

const { yes, confirm, timeout, evidence, rollback } = deployFlags
const otherwise = ['undo']
/** A saved plan says itself what it was made with. */
const planned = [
  'from',
  'from-live',
  'values',
  ...SET_FLAGS,
  'release',
  'image',
  'skip-build',
  'overwrite-drift',
  'dry-run',
]
const writes =
  'values of the chart with which it renders what runs, with where each comes from; nothing else is written'

export default class MigrateToHelm extends ForgeCommand {
  static override group = 'deploy' as const
  static override purpose = 'writing' as const
  static override summary = 'Let Helm take over what kubectl or Kustomize made.'
  static override description = `In place: nothing is deleted or made anew to get there, and pods that need not restart do not. What only the old stack had is \
retired once all is proven. A failure gives the old stack back as it was, and so does --undo later.
Exit status: 0 done, 3 refused before any change, 4 failed and the old stack runs again, 5 failed and it does not.`
  static override examples = [
    '<%= config.bin %> migrate-to-helm --env prod --from k8s/base --dry-run',
    '<%= config.bin %> migrate-to-helm --env prod --from k8s/base --write-values live.yaml',
    '<%= config.bin %> migrate-to-helm --env prod --from k8s/base -f live.yaml',
    "<%= config.bin %> migrate-to-helm --env prod --check 'Deployment/db: pg_isready'",
    '<%= config.bin %> migrate-to-helm --env prod --undo',
  ]
  static override flags = {
    ...scopeFlags,
    ...valuesFlags,
    ...releaseFlags,
    from: Flags.string({
      helpValue: 'DIR',
      description: 'what the stack was applied from: a kustomization, or a folder of manifests',
      exclusive: otherwise,
    }),
    'from-live': Flags.string({
      helpValue: 'SELECTOR',
      description: 'the same where no source is left: all that has these labels',
      exclusive: ['from', ...otherwise],
    }),
    'dry-run': Flags.boolean({ description: 'show what would become of every object, and write nothing' }),
    output: Flags.option({
      char: 'o',
      options: ['text', 'json', 'markdown'] as const,
      default: 'text',
      description: 'form of what --dry-run shows',
    })(),
    'write-values': Flags.string({
      helpValue: 'FILE',
      description: writes,
      exclusive: ['plan', ...otherwise],
    }),
    full: Flags.boolean({ description: 'every field with its whole path and value' }),
    out: Flags.string({
      helpValue: 'FILE',
      dependsOn: ['dry-run'],
      description: 'save what --dry-run shows, for --plan FILE',
      exclusive: otherwise,
    }),
    plan: Flags.string({
      helpValue: 'FILE',
      description: 'carry out exactly what --dry-run --out FILE saved, or nothing',
      exclusive: [...planned, ...otherwise],
    }),
    'max-age': deployFlags['max-age'],
    undo: Flags.boolean({ description: 'give the old stack back, field by field; what Helm made of it goes' }),
    yes,
    confirm,
    timeout,
    evidence,
    backup: Flags.string({
      helpValue: 'DIR',
      description: 'where all of the old stack is saved before the first write (default: below ~/.local/state/forge)',
      exclusive: otherwise,
    }),
    encrypt: Flags.string({
      helpValue: 'RECIPIENT',
      description: 'encrypt what is saved there to this age recipient (age1…); `age --decrypt` reads it',
      exclusive: otherwise,
    }),
    check: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: "'WORKLOAD: COMMAND'",
      description: 'run this in a pod before and after (by kubectl exec): the answers must be the same',
      exclusive: ['dry-run', 'write-values', ...otherwise],
    }),
    rollback,
    'overwrite-drift': deployFlags['overwrite-drift'],
    'skip-build': deployFlags['skip-build'],
    image: deployFlags.image,
    'skip-backup': deployFlags['skip-backup'],
    'skip-verify': deployFlags['skip-verify'],
    'wait-for-lock': deployFlags['wait-for-lock'],
    ...eventsFlags,
    ...metricsFlags('dry-run', 'write-values'),
  }

  async run(): Promise<object> {
    const { flags } = await this.parse(MigrateToHelm)
    const session = this.session(flags)
    const ports = wireDeploy(session, await evidenceAt(flags.evidence))
    if (flags.undo) {
      const { timeout: timeoutMs, 'skip-verify': skipVerify, 'dry-run': dryRun, confirm: named = [] } = flags
      const how = { yes: flags.yes, dryRun, skipVerify, acceptDataLoss: false, confirm: named, timeoutMs }
      const request = { scope: scopeOf('migrate-to-helm', flags), ...how }
      return closeUndo(await undo(ports, request, showUndo), session)
    }
    const none = { adopt: false, resume: false, 'accept-data-loss': false }
    const saved = await plannedIn(fromHere(flags.plan), flags['max-age'], session.env, ports, 'migrate-to-helm')
    const images = namedImages(flags)
    const legacy = saved?.basis.migration ?? legacyChoice(flags)
    const options = { ...deployOptions({ ...flags, ...none }, session, { saved, images }), legacy, resume: undefined }
    const source = legacySource(legacy, session)
    const file = fromHere(flags['write-values'])
    if (file !== undefined) return closeValues(await migrationValues(ports, options, source, file), session)
    if (flags['dry-run']) {
      refuseOtherPlan(flags.out)
      const end = await planMigration(ports, options, source, fromHere(flags.out))
      return closeMigrationPlan(end, session, { format: flags.output, full: flags.full, out: flags.out })
    }
    const store = await backupAt(flags.backup, flags.encrypt)
    return closeMigration(await migrate(ports, options, source, { store, ...podChecks(flags.check) }), session)
  }
}
