import { originName } from '../../domain/init/detect.ts'
import type { Origin } from '../../domain/init/model.ts'
import { nameOf } from '../../domain/init/names.ts'
import type { Answers } from '../../domain/init/plan.ts'

/** One line of a person's; an empty one is `fallback`. */
export type Ask = (question: string, fallback: string) => Promise<string>

/** Only where there is a choice. An answer is a number or a name; anything else is asked again. */
export async function chooseOrigin(origins: readonly Origin[], ask: Ask | undefined): Promise<Origin> {
  const [first] = origins
  if (first === undefined) throw new Error('there is always something to begin with')
  if (ask === undefined || origins.length === 1) return first
  const names = origins.map(originName)
  const listed = names.map((name, at) => `  ${at + 1}  ${name}`).join('\n')
  for (;;) {
    const answer = await ask(`What is to be deployed?\n${listed}\nNumber`, '1')
    const chosen = origins[Number(answer) - 1] ?? origins[names.indexOf(answer)]
    if (chosen !== undefined) return chosen
  }
}

/** What is no Kubernetes name is made one. */
export async function chooseNames(fallback: string, ask: Ask | undefined): Promise<Answers> {
  if (ask === undefined) return { project: fallback, namespace: fallback }
  const project = nameOf(await ask('Name of the project', fallback), fallback)
  const namespace = nameOf(await ask('Namespace', project), project)
  const context = await ask('Context of the kubeconfig for an environment prod (Enter: only the sandbox)', '')
  return { project, namespace, ...(context === '' ? {} : { context }) }
}

/** Of a release that runs: where it is, is known. */
export async function chooseRelease(
  fallback: string,
  ask: Ask | undefined,
): Promise<{ readonly project: string; readonly environment: string }> {
  if (ask === undefined) return { project: fallback, environment: 'prod' }
  const project = nameOf(await ask('Name of the project', fallback), fallback)
  return { project, environment: nameOf(await ask('Name of the environment', 'prod'), 'prod') }
}
