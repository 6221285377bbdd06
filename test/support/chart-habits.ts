import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './forge.ts'

export const CHARTS = join(ROOT, 'test', 'charts')

export type Values = Readonly<Record<string, unknown>>

/** habit.yaml beside a chart: what is to be said of it. NAMESPACE stands for the namespace of the release. */
export interface Habit {
  readonly about: string
  /** What is set in each deploy. */
  readonly values?: Values
  /** Default: another image. */
  readonly change?: Values
  /** Default: an image that cannot be pulled. */
  readonly break?: Values
  /** Values that are refused before anything is written. */
  readonly refused?: Values
  /** Default: unchanged. A chart that renders otherwise each time is deployed. */
  readonly again?: 'unchanged' | 'deployed'
  /** `Kind/name path` of what each render makes anew. */
  readonly random?: readonly string[]
  /** `Kind/name` of what forge leaves to the next deploy where helm deletes it: data, and what opens it. */
  readonly kept?: readonly string[]
  /** `Kind/name` of hooks that stay: what a deploy that failed, or a rollback, ran is not taken back. */
  readonly hooks?: readonly string[]
  /** helm 4 alone fails on fields of others, unless it is told to take them. */
  readonly conflicts?: boolean
  /** Major versions of helm that alone make something wrong of the chart: not compared with. */
  readonly apart?: readonly number[]
  /** Kinds that the chart defines. */
  readonly kinds?: readonly string[]
  /** Namespaces that the chart makes. */
  readonly namespaces?: readonly string[]
  /** What others do in the cluster, once an object of the release is there. */
  readonly others?: readonly Others[]
}

export interface Others {
  readonly once: string
  readonly apply?: unknown
  /** What the object shows once they have done it by themselves (a controller): `{.spec.replicas}=2`. */
  readonly shows?: string
}

export async function habitIn(folder: string): Promise<Habit> {
  return parse(await readFile(join(folder, 'habit.yaml'), 'utf8')) as Habit
}

/** Every folder of test/charts. */
export async function chartNames(): Promise<readonly string[]> {
  const found = await readdir(CHARTS, { withFileTypes: true })
  return found.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
