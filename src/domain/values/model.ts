import type { Position, Problem } from '../config/position.ts'
import type { ValuePath } from '../config/value-path.ts'

/** Plain JSON, as helm takes it. `null` removes the chart's default. */
export type Json = string | number | boolean | null | readonly Json[] | JsonMap
export interface JsonMap {
  readonly [key: string]: Json
}

/** Where a value comes from: a place in a file, or an option of the command line. */
export type Origin = { readonly kind: 'file'; readonly at: Position } | { readonly kind: 'flag'; readonly text: string }

/** One layer's say about one leaf. */
export interface Provenance {
  readonly origin: Origin
  readonly value: Json
}

/** By path (`app.image`, `worker.env[0]`; dots inside a key are escaped `a\.b`), what won first and then what it overrode. */
export type Origins = ReadonlyMap<string, readonly [Provenance, ...Provenance[]]>

/** A single value that is a whole number: its digits, since JSON's numbers end at 2^53 and helm's at 2^63. */
export interface WholeNumber {
  readonly path: ValuePath
  readonly digits: string
}

/** What a release is deployed with. */
export interface ReleaseConfiguration {
  /** All of forge's layers merged, without the chart's own defaults. ConfigMap data is under `configMaps`. */
  readonly values: JsonMap
  readonly origins: Origins
  /** Those among the values that helm must be given as whole numbers. */
  readonly wholeNumbers?: readonly WholeNumber[]
  /** ConfigMap name → key → content. */
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What other programs would read otherwise in the files that it comes from. */
  readonly warnings?: readonly Problem[]
}
