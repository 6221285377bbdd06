import type { Chart } from './chart.ts'

/** A value that is wrong, by its path, and what the message says besides the path. */
export type WrongValue = readonly [path: string, value: unknown, reason: RegExp]

/** `said`, where helm refuses it with a line that names the place and the reason; else what it did. */
export async function refusal(chart: Chart, path: string, value: unknown, reason: RegExp): Promise<string> {
  const keys = keysOf(path)
  const { status, stdout, stderr } = await chart.template([chart.ciFile('default-values.yaml')], nested(keys, value))
  if (status !== 1 || stdout !== '') return `status ${status}:\n${stdout}${stderr}`
  const last = keys.at(-1) ?? ''
  const around = keys.length > 1 ? `/${keys.slice(0, -1).join('/')}` : ''
  // The place of the value; for a key that nobody knows the map around it, with the key.
  const says = (line: string): boolean =>
    line.includes(`'/${keys.map((key) => key.replaceAll('/', '~1')).join('/')}`) ||
    (line.includes(`'${around}'`) && line.includes(`'${last}'`))
  return stderr.split('\n').some((line) => says(line) && reason.test(line)) ? 'said' : stderr
}

const keysOf = (path: string): string[] => path.split(/(?<!\\)\./u).map((key) => key.replaceAll('\\', ''))

const nested = (keys: readonly string[], value: unknown): unknown =>
  keys.reduceRight((inner, key) => ({ [key]: inner }), value)
