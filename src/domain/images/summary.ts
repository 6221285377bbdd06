/** What became of an image in step 2. `ref` undefined: the chart's own default stays. */
export interface PreparedImage {
  readonly name: string
  readonly ref?: string
  readonly what: 'pushed' | 'there' | 'built' | 'loaded' | 'on-nodes' | 'unchanged' | 'given' | 'kept' | 'simulated'
  /** Of what is given: the flag that gives it; absent: forge.yaml does. */
  readonly by?: string
}

const WORDS = {
  pushed: 'built and pushed',
  there: 'in the registry already',
  built: 'built',
  loaded: 'built and loaded into the nodes',
  'on-nodes': 'on the nodes already',
  unchanged: 'unchanged',
  kept: 'as it runs (--skip-build)',
  simulated: 'not built: simulated nodes pull nothing',
} as const satisfies Record<Exclude<PreparedImage['what'], 'given'>, string>

/** The line of the step: `app built and pushed, postgres unchanged`. */
export function imagesSummary(images: readonly PreparedImage[]): string {
  if (images.length === 0) return 'skipped: forge.yaml names none'
  if (images.every(({ what }) => what === 'simulated')) return 'skipped: simulated nodes pull nothing'
  if (images.every(({ what }) => what === 'kept')) return 'skipped: --skip-build, those that run stay'
  const groups = Map.groupBy(images, ({ what, by }) => (what === 'given' ? givenWords(by) : WORDS[what]))
  return [...groups].map(([words, some]) => `${some.map(({ name }) => name).join(', ')} ${words}`).join(', ')
}

/** Who says which image it is. */
export function givenWords(by: string | undefined): string {
  return `as ${by ?? 'forge.yaml'} gives it`
}
