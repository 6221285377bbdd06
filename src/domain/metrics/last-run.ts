import type { RunEvent } from '../events/model.ts'
import type { Family, Sample } from './exposition.ts'

/** What a run's metrics are made of; the others are not listened to. */
export const MEASURED = ['begun', 'step', 'operation', 'ended'] as const

type Heard<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>

/** What is known of a run before it has said what it is about. */
export interface Begun {
  readonly command: string
  readonly project: string
  readonly environment: string
}

/** When a run was over, in seconds since 1970, and how long it took. */
export interface Timing {
  readonly finishedAt: number
  readonly seconds: number
}

/** Hears what happens in a run, and says as metrics what came of it. */
export class LastRun {
  #begun: Begun
  readonly #version: string
  /** A step that comes twice (a stage, on the way there and back) has taken both times. */
  readonly #steps = new Map<string, number>()
  readonly #releases = new Map<string, { operation: string; state: string }>()
  #ended: Heard<'ended'> | undefined

  constructor(begun: Begun, version: string) {
    this.#begun = begun
    this.#version = version
  }

  hear(event: Heard<(typeof MEASURED)[number]>): void {
    // What is told after the end belongs to no run.
    if (this.#ended !== undefined) return
    if (event.type === 'begun') this.#begun = event
    else if (event.type === 'ended') this.#ended = event
    else if (event.type === 'operation') this.#operated(event)
    else if (event.state !== 'running') {
      const { name } = event.step
      this.#steps.set(name, (this.#steps.get(name) ?? 0) + event.seconds)
    }
  }

  #operated({ release, operation, state }: Heard<'operation'>): void {
    if (release !== undefined) this.#releases.set(release, { operation, state })
  }

  /** Undefined: it has not told its end. */
  metrics({ finishedAt, seconds }: Timing): Family[] | undefined {
    if (this.#ended === undefined) return undefined
    const { command, project, environment } = this.#begun
    const { outcome, deploy, code } = this.#ended
    const of = (value: number, labels: Sample['labels'] = {}): Sample => ({
      labels: { project, environment, ...labels },
      value,
    })
    const steps = [...this.#steps].map(([step, took]) => of(took, { step }))
    const releases = [...this.#releases].map(([release, last]) => of(1, { release, ...last }))
    return [
      family('success', 'Whether the last run reached what it was for (1) or not (0).', of(code === null ? 1 : 0)),
      family('finished_timestamp_seconds', 'When the last run was over, in seconds since 1970.', of(finishedAt)),
      family('duration_seconds', 'How long the last run took.', of(seconds)),
      family('step_duration_seconds', 'How long each step of the last run took.', ...steps),
      family(
        'info',
        'What the last run was, and what became of it.',
        of(1, { command, outcome, version: this.#version }),
      ),
      family(
        'verdict_info',
        'Why the last run did not reach its end; absent where it did.',
        ...(code === null ? [] : [of(1, { code })]),
      ),
      family('number', 'Number of the last deploy in the history of forge.', ...(deploy === null ? [] : [of(deploy)])),
      family('release_info', 'What was done last with each release that the last run touched.', ...releases),
    ]
  }
}

function family(name: string, help: string, ...samples: readonly Sample[]): Family {
  return { name: `forge_deploy_${name}`, help, samples }
}
