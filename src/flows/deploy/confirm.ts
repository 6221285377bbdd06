import { lossText } from '../../domain/plan/losses.ts'
import { planBody } from '../../screen/plan.ts'
import { sentence } from '../../screen/plan-end.ts'
import { ForgeError } from '../../errors.ts'
import { again, extended } from '../../hint.ts'
import { describePlan } from '../plan/describe.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { outdatedText } from '../observe/release-records.ts'

/** Neither `--yes` nor the question covers the loss of data: `--confirm` must name it (docs/design.md, "Output"). */
function refuseLoss({ losses: { losses }, options, policy }: Planned): void {
  const open = losses.filter(({ name }) => options.confirm?.includes(name) !== true)
  const [first] = open
  if (first === undefined) return
  throw new ForgeError(
    'E_DATA_LOSS',
    `this ${policy.act.name} would delete ${open.map(lossText).join(', ')}, with the data`,
    {
      hint: again(...open.flatMap(({ name }) => ['--confirm', name])),
      where: first.what,
      problems: open.map((loss) => ({ message: lossText(loss) })),
    },
  )
}

/** helm's own records are rewritten only where somebody says so; the question of a protected environment shows it too. */
async function agreeToMending(
  { releases, project: { environment }, options, unchanged }: Planned,
  { ask, signal }: Pick<DeployPorts, 'ask' | 'signal'>,
): Promise<void> {
  const texts = releases.flatMap(({ release, outdated = [] }) => outdated.map((one) => outdatedText(release.name, one)))
  const [first] = texts
  if (first === undefined || options.yes || unchanged || (environment.protected && ask !== undefined)) return
  const agreed = (await ask?.([...texts, 'Rewrite it? (y/N) '])) === true
  signal.throwIfAborted()
  if (agreed) return
  throw new ForgeError('E_RECORD_API', first, {
    hint: extended(options.again ?? again(), '--yes'),
    where: releases.map(({ release }) => `release ${release.name}`).join(', '),
    problems: texts.map((message) => ({ message })),
  })
}

function isAsked({ project: { environment }, options, unchanged }: Planned): boolean {
  return environment.protected && !options.yes && !unchanged
}

/** With its warnings: the question does, and what is shown without being asked about has done it before. */
function showsPlan(context: Planned, { ask }: Pick<DeployPorts, 'ask'>): boolean {
  const { project, options, policy } = context
  if (isAsked(context)) return ask !== undefined
  return policy.act.isShown && (!project.environment.protected || options.yes)
}

/**
 * The question of a protected environment, after the plan that `forge plan` shows. No lock is held while it waits: what
 * it rests on is checked again under the lock. A deploy that changes nothing is not asked about.
 */
export async function confirm(context: Planned, ports: DeployPorts): Promise<void> {
  const { ask, say, signal, clock, screen } = ports
  const { environment } = context.project
  refuseLoss(context)
  if (context.warnings.length > 0 && !showsPlan(context, ports))
    say(context.warnings.map((warning) => `warning  ${warning}`))
  await agreeToMending(context, ports)
  if (!isAsked(context)) return
  const same = context.options.again ?? again()
  if (ask === undefined) {
    throw new ForgeError(
      'E_CONFIRMATION_REQUIRED',
      `environment ${environment.name} is protected, and nobody can be asked here`,
      { hint: extended(same, '--yes'), where: `${environment.at.file}:${environment.at.line}` },
    )
  }
  const plan = await describePlan(context, ports)
  const rows = planBody(plan, { width: screen.width, full: false, now: clock.now(), saved: undefined })
  const { question, refused } = context.policy.act
  const agreed = await ask(['', ...rows, '', sentence(plan), `${question} ${environment.name}? (y/N) `])
  signal.throwIfAborted()
  if (agreed) return
  throw new ForgeError('E_NOT_CONFIRMED', `the ${refused} ${environment.name} was not confirmed`, {
    hint: same,
    where: 'the question',
  })
}
