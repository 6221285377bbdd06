import { judgeCredentials, type CredentialRemark } from '../../domain/doctor/credentials.ts'
import type { Line } from '../../domain/doctor/model.ts'
import { bugOf, ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Machine } from '../../machine-port.ts'
import { openToRead } from '../deploy/plan.ts'
import { deployPolicy, projectOf, type DeployOptions } from '../deploy/options.ts'
import { configure } from '../desire/configure.ts'
import { planImages } from '../desire/images.ts'
import { desireSecrets } from '../desire/secrets.ts'
import { connect } from '../observe/open.ts'
import { observeRequired } from '../observe/requirements.ts'
import { asked } from '../phases/asked.ts'
import { check, unchecked } from '../phases/findings.ts'
import type { Asked, Opened } from '../phases/opened.ts'
import { Phases } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import { collecting } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { planDeploy } from '../plan/plan-deploy.ts'
import { refusal } from '../refusal.ts'
import { machineChecks, observing, ownChecks, placesOf, previewing, type OwnChecks } from './check-list.ts'
import { Collected } from './collected.ts'

export interface Examination {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly lines: readonly Line[]
}

/**
 * `forge doctor`: all that a deploy would look at before it writes, and what else can be known, at once. It runs the same checks
 * and reads only; what may not be read is not checked, and no check ends the others.
 */
export async function doctor(ports: DeployPorts, machine: Machine, options: DeployOptions): Promise<Examination> {
  const project = await projectOf(options, ports.project)
  const { name: environment, namespace } = project.environment
  const version = await machine.version('kubectl', ports.signal)
  const own = ownChecks(version, ports)
  const ofMachine = machineChecks(version, machine, ports)
  const collected = new Collected(placesOf(own, ofMachine), environment)
  const policy = collecting(deployPolicy(environment, undefined), (findings, by) => collected.hear(findings, by))
  const wanted = asked(project, options, policy)
  await check(
    wanted,
    ofMachine.map((one) => one.check),
    ports,
  )
  try {
    await lookAtCredentials(wanted, ports, machine, collected)
    const opened = await openToRead(await connect(wanted, ports), ports)
    const phases = doctorPhases(ports, own, collected)
    await phases.run(opened, ports, phases.length, () => undefined)
  } catch (error) {
    endedBy(refusal(error, ports.signal), collected)
  }
  for (const text of wanted.warnings)
    collected.add({ group: text.startsWith('image ') ? 'images' : 'project', mark: 'warning', text })
  for (const text of wanted.notChecked)
    collected.add({ group: 'project', mark: 'unchecked', text: text.replace(': not checked, ', ': ') })
  return { project: project.name, environment, namespace, lines: collected.lines() }
}

/** Steps 1 to 5 of a deploy, to look only: secrets that cannot be had stop neither the values nor the charts. */
function doctorPhases(ports: DeployPorts, own: OwnChecks, collected: Collected): Phases<Opened, Planned> {
  const manner = { freezes: false, twice: true, given: new Map<string, undefined>() }
  const checks = previewing(own)
  return Phases.first('prerequisites', async (opened: Opened) => await observeRequired(opened, ports, observing(own)))
    .next('images', async (observed) => await planImages(observed, ports))
    .next('secrets', async (observed) => {
      try {
        return await desireSecrets(observed, {}, ports)
      } catch (error) {
        if (!(error instanceof ForgeError) || error.exitStatus !== 3) throw error
        if (error.code === 'E_FORBIDDEN') collected.hear([unchecked('secrets', error.message)], undefined)
        else collected.refused(error)
        collected.withoutSecrets()
        return { value: { ...observed, secretPlans: [] }, said: 'not checked' }
      }
    })
    .next('configuration', async (resolved) => await configure(resolved, ports))
    .next('preview', async (configured) => {
      return await planDeploy(configured, { manner, checks, settled: (found) => Promise.resolve(found) }, ports)
    })
}

async function lookAtCredentials(
  { project }: Asked,
  { clock }: DeployPorts,
  machine: Machine,
  collected: Collected,
): Promise<void> {
  const { cluster } = project.environment
  const facts = await machine.credentials(cluster)
  if (facts === undefined) return
  const hint = kubectl(['config', 'view', '--minify'])
  const marks = { well: 'ok', 'ends-soon': 'warning', unusable: 'problem' } as const
  for (const { state, text } of judgeCredentials(facts, clock.now()) satisfies CredentialRemark[])
    collected.add({
      ...{ group: 'access', mark: marks[state], text },
      ...(state === 'well' ? {} : { hint, where: `user ${facts.user}` }),
      ...(state === 'unusable' ? { code: 'E_CLUSTER_CREDENTIALS' } : {}),
    })
}

/** What came after could not be looked at. A person's Ctrl-C and a bug are no finding. */
function endedBy(error: ForgeError, collected: Collected): void {
  if (error.exitStatus === 130 || error.exitStatus === 143 || error.code === 'E_BUG') throw bugOf(error)
  collected.refused(error)
  collected.add({ group: 'project', mark: 'unchecked', text: 'what a deploy would look at after that' })
}
