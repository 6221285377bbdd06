import * as Flags from '@oclif/core/flags'
import type * as Interfaces from '@oclif/core/interfaces'
import type { GivenImage } from '../domain/config/given-images.ts'
import { BUILDERS } from '../domain/images/build.ts'
import type { SavedPlan } from '../domain/plan/saved.ts'
import { SET_FLAGS } from '../hint.ts'
import type { DeployOptions } from '../flows/deploy/options.ts'
import { duration } from './duration-flag.ts'
import type { releaseFlags, valuesFlags } from './forge-command.ts'
import { givenValues } from './given-values.ts'
import type { Session } from './session.ts'

export const confirmFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'NAME',
  description: 'let the data of this object be deleted (--yes never does)',
})

/** What `forge plan` takes too. */
export const takingFlags = {
  'overwrite-drift': Flags.boolean({ description: 'overwrite what somebody else changed, this once' }),
  adopt: Flags.boolean({ description: 'take over releases that another project, or helm by hand, has made' }),
}

/** What writes to an environment that may rest. */
export const resumeFlag = Flags.boolean({
  description: 'first wake what forge pause brought to rest (--yes never does)',
})

export const builderFlag = Flags.option({
  options: BUILDERS,
  description: 'what builds images (default: the first of these that works)',
})()

/** Which images, where they are not those of forge.yaml; `forge plan` takes them too. */
export const imageFlags = {
  image: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME=REF',
    description: 'this image of forge.yaml is REF, built elsewhere',
  }),
  from: Flags.string({
    helpValue: 'ENV',
    description: 'the images that ENV runs, by their digests, if it is verified and ready',
  }),
}

/** Where it is not said, it is asked. */
export function resumeOf({ resume }: { readonly resume: boolean }): 'agreed' | 'ask' {
  return resume ? 'agreed' : 'ask'
}

/** What only `forge deploy` takes. */
export const deployFlags = {
  'dry-run': Flags.boolean({ exclusive: ['plan'], description: 'write nothing: show what `forge plan` shows' }),
  yes: Flags.boolean({ char: 'y', description: 'do not ask, even where the environment is protected' }),
  resume: { ...resumeFlag, exclusive: ['plan'] },
  confirm: confirmFlag,
  timeout: duration({ description: 'limit of every stage, instead of those in forge.yaml (90s, 5m)' }),
  'accept-data-loss': Flags.boolean({ description: 'deploy even code too old for the schema of the database' }),
  'skip-build': Flags.boolean({ description: 'build no image: use those that the live release has' }),
  'skip-backup': Flags.boolean({ description: 'let Jobs migrate without the backups of forge.yaml' }),
  'skip-verify': Flags.boolean({ description: 'do not run the checks under `verify`' }),
  ...takingFlags,
  ...imageFlags,
  plan: Flags.string({
    helpValue: 'FILE',
    description: 'carry out exactly this plan of `forge plan --out`',
    exclusive: ['values', ...SET_FLAGS, 'release', 'image', 'from', 'skip-build', 'overwrite-drift', 'adopt'],
  }),
  evidence: Flags.string({
    helpValue: 'DIR',
    description: 'where logs and events of a failure go (default: a folder of its own below ~/.local/state/forge)',
  }),
  'max-age': duration({ dependsOn: ['plan'], description: 'how old the plan may be (default 24h)' }),
  'wait-for-lock': duration({ description: 'wait so long for another deploy to end (5m), instead of exit status 6' }),
  rollback: Flags.boolean({
    default: true,
    allowNo: true,
    description: 'return to the previous state when the deploy fails',
  }),
}

type Given = Interfaces.InferredFlags<Omit<typeof deployFlags, 'from'> & typeof valuesFlags & typeof releaseFlags>

/** A saved plan says itself what it was made with. */
export function deployOptions(
  flags: Given,
  session: Session,
  { saved, images }: { readonly saved: SavedPlan | undefined; readonly images: readonly GivenImage[] },
): DeployOptions {
  return {
    dir: session.dir,
    dirGiven: session.dirGiven,
    env: saved?.environment ?? session.env,
    ...givenValues(saved?.basis ?? flags),
    yes: flags.yes,
    // Of a saved plan nothing may be other than it was.
    resume: saved === undefined ? resumeOf(flags) : undefined,
    confirm: flags.confirm ?? [],
    timeoutMs: flags.timeout,
    acceptDataLoss: flags['accept-data-loss'],
    waitForLockMs: flags['wait-for-lock'],
    images,
    skipBuild: flags['skip-build'],
    skipBackup: flags['skip-backup'],
    skipVerify: flags['skip-verify'],
    rollback: flags.rollback,
    adopt: flags.adopt || saved?.basis.adopt === true,
    overwriteDrift: flags['overwrite-drift'] || saved?.basis.drift.policy === 'overwrite',
    ...(saved === undefined ? {} : { saved }),
  }
}
