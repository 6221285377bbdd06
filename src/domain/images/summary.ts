/** What became of an image in step 2. `ref` undefined: the chart's own default stays. */
export interface PreparedImage {
  readonly name: string
  readonly ref?: string
  readonly what: 'pushed' | 'there' | 'built' | 'unchanged' | 'given' | 'kept' | 'simulated'
}

const WORDS = {
  pushed: 'built and pushed',
  there: 'in the registry already',
  built: 'built',
  unchanged: 'unchanged',
  given: 'as forge.yaml gives it',
  kept: 'as it runs (--skip-build)',
  simulated: 'not built: simulated nodes pull nothing',
} as const satisfies Record<PreparedImage['what'], string>

/** The line of the step: `app built and pushed, postgres unchanged`. */
export function imagesSummary(images: readonly PreparedImage[]): string {
  if (images.length === 0) return 'skipped: forge.yaml names none'
  if (images.every(({ what }) => what === 'simulated')) return 'skipped: simulated nodes pull nothing'
  if (images.every(({ what }) => what === 'kept')) return 'skipped: --skip-build, those that run stay'
  const groups = Map.groupBy(images, ({ what }) => what)
  return [...groups].map(([what, some]) => `${some.map(({ name }) => name).join(', ')} ${WORDS[what]}`).join(', ')
}
