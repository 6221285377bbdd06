import { forgeHere } from './cluster.ts'
import { document } from './forge.ts'

/** What `forge rehearse --json` tells, as far as tests look at it. */
export interface Rehearsed {
  readonly outcome: string
  readonly restarted: readonly Restarted[]
  readonly verdict: { readonly code: string; readonly message: string } | null
  readonly rehearsal: {
    readonly scene: { readonly notRehearsed: readonly string[] }
    readonly deploy: { readonly outcome: string; readonly verdict: { readonly code: string } | null }
    readonly failures: readonly {
      readonly failure: string
      readonly verdict: { readonly code: string } | null
      readonly seconds: number | null
      readonly explained: boolean
      readonly restored: boolean | null
      readonly why: string | null
    }[]
    readonly notProvoked: readonly { readonly failure: string }[]
    readonly summary: string
  } | null
}

export interface Restarted {
  readonly workload: string
  readonly because: readonly string[]
}

/** A rehearsal of what is in `dir`; it has a sandbox of its own. Throws where it says nothing. */
export async function rehearsed(
  dir: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
  environment = 'test',
): Promise<Rehearsed & { readonly status: number | undefined; readonly stderr: string }> {
  const ran = await forgeHere(['rehearse', '--env', environment, '-C', dir, '--json', ...flags], env)
  return { ...document<Rehearsed>(ran), status: ran.status, stderr: ran.stderr }
}

/** What the sandbox's plan says otherwise than the environment's: nothing, or something else was rehearsed. */
export function plannedOtherwise({ rehearsal }: Rehearsed): readonly string[] {
  return rehearsal?.scene.notRehearsed.filter((text) => text.includes('planned otherwise')) ?? ['nothing was rehearsed']
}
