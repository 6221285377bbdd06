import { isMap, type PlainMap } from '../config/path.ts'
import { parseDuration } from '../config/duration.ts'
import type { ComposeTexts } from '../images/compose-texts.ts'
import { commandWords } from './command-words.ts'
import { portOf, userOf } from './known-images.ts'
import type { Port, Workload } from './model.ts'

type Run = Pick<Workload, 'command' | 'args' | 'workingDir' | 'probe' | 'user' | 'graceSeconds' | 'replicas'>

/** How a service's container is started, and when it counts as ready. */
export function composeRun(raw: PlainMap, image: string, texts: ComposeTexts): Run {
  const command = words(raw['entrypoint'], 'entrypoint', texts)
  const args = words(raw['command'], 'command', texts)
  const workingDir = texts.text(raw['working_dir'], ['working_dir'])
  const probe = probeOf(raw['healthcheck'], texts)
  const grace = secondsIn(texts.text(raw['stop_grace_period'], ['stop_grace_period']))
  const deploy = isMap(raw['deploy']) ? raw['deploy'] : {}
  const replicas = Number(texts.text(deploy['replicas'] ?? raw['scale'], ['deploy', 'replicas']) ?? '1')
  return {
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(probe === undefined ? {} : { probe }),
    ...(grace === undefined ? {} : { graceSeconds: grace }),
    user: userIn(raw['user'], image, texts),
    replicas: Number.isInteger(replicas) && replicas >= 0 ? replicas : 1,
  }
}

/** What others reach: the container's side of `ports`, `expose`, and what is known of the image. */
export function composePorts(raw: PlainMap, image: string, texts: ComposeTexts): Port[] {
  const listed = texts.items(raw['ports'], ['ports']).flatMap((one, at) => portIn(one, ['ports', String(at)], texts))
  const exposed = texts
    .items(raw['expose'], ['expose'])
    .flatMap((one, at) => portIn(one, ['expose', String(at)], texts))
  const all = [...listed, ...exposed].filter(
    (port, at, list) => list.findIndex((one) => one.number === port.number && one.protocol === port.protocol) === at,
  )
  const known = portOf(image)
  return all.length === 0 && known !== undefined ? [{ number: known, protocol: 'TCP' }] : all
}

/** `127.0.0.1:8080:80/udp`, `80`, or a map. */
function portIn(one: unknown, path: readonly string[], texts: ComposeTexts): Port[] {
  const [target, kind] = isMap(one)
    ? [texts.text(one['target'], path), texts.text(one['protocol'], path)]
    : ((texts.text(one, path) ?? '').split('/') as [string, string?])
  const number = Number((target ?? '').split(':').at(-1))
  if (Number.isInteger(number) && number > 0 && number < 65_536)
    return [{ number, protocol: kind === 'udp' ? 'UDP' : 'TCP' }]
  texts.note(`port ${target ?? ''} is left out: only single ports are taken over`)
  return []
}

function words(value: unknown, key: string, texts: ComposeTexts): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return texts.list(value, [key])
  const split = commandWords(texts.text(value, [key]) ?? '')
  if (split === undefined) throw texts.fail([key], `has a ${key} with a quote that is not closed`)
  return split
}

function probeOf(value: unknown, texts: ComposeTexts): Workload['probe'] {
  if (!isMap(value) || value['disable'] === true) return undefined
  const { test } = value
  const path = ['healthcheck', 'test']
  const [kind, ...rest] = Array.isArray(test) ? texts.list(test, path) : ['CMD-SHELL', texts.text(test, path) ?? '']
  if (kind === undefined || kind === 'NONE' || rest.join('') === '') return undefined
  const [period, timeout] = ['interval', 'timeout'].map((key) =>
    secondsIn(texts.text(value[key], ['healthcheck', key])),
  )
  return {
    command: kind === 'CMD-SHELL' ? ['sh', '-c', ...rest] : kind === 'CMD' ? rest : [kind, ...rest],
    ...(period === undefined ? {} : { period }),
    ...(timeout === undefined ? {} : { timeout }),
  }
}

/** At least one second; undefined for what is no duration. */
function secondsIn(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? undefined : parseDuration(text)
  return milliseconds === undefined ? undefined : Math.max(1, Math.round(milliseconds / 1000))
}

function userIn(value: unknown, image: string, texts: ComposeTexts): number {
  const written = texts.text(value, ['user'])
  const fallback = userOf(image)
  if (written === undefined) return fallback
  const number = Number(written.split(':')[0])
  if (Number.isInteger(number) && number > 0) return number
  texts.note(`user ${written} is left out: Pod Security wants a number that is not 0; it runs as ${fallback}`)
  return fallback
}
