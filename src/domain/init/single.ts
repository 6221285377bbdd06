import { DockerfileParser } from 'dockerfile-ast'
import { GUESSED } from './compose-resources.ts'
import { fromDotenv } from './compose-env.ts'
import { noteOf, portOf, userOf } from './known-images.ts'
import type { Port, Workload } from './model.ts'
import { nameOf } from './names.ts'

/** Serves a page as it is, by a user that is not root. */
const SAMPLE = 'nginxinc/nginx-unprivileged:1.29-alpine'
const SAMPLE_PORT = 8080

const NONE = {
  replicas: 1,
  env: {},
  secretEnv: {},
  envFiles: [],
  volumes: [],
  scratch: [],
  secretFiles: {},
  waitFor: [],
  left: [],
  ...GUESSED,
}

export function sampleWorkload(): Workload {
  return {
    ...NONE,
    ...{ name: 'web', from: 'an example: a web server with its first page', image: SAMPLE, httpPath: '/' },
    ...{ ports: [tcp(SAMPLE_PORT)], user: userOf(SAMPLE) },
  }
}

export function imageWorkload(project: string, image: string, port: number): Workload {
  const known = noteOf(image)
  const left = known === undefined ? [] : [{ message: known }]
  return { ...NONE, name: project, from: `image ${image}`, image, ports: [tcp(port)], user: userOf(image), left }
}

/** By EXPOSE and USER; `dotenv`: the text of `.env`. */
export function dockerfileWorkload({
  file,
  text,
  project,
  dotenv,
}: {
  file: string
  text: string
  project: string
  dotenv: string | undefined
}): Workload {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  const name = folder === '' ? project : nameOf(folder)
  const dockerfile = DockerfileParser.parse(text)
  const words = (keyword: string): string[] =>
    dockerfile
      .getInstructions()
      .filter((one) => one.getKeyword() === keyword)
      .flatMap((one) => one.getArguments().map((argument) => argument.getValue()))
  const ports = words('EXPOSE').flatMap(exposed)
  const base = words('FROM').at(-1) ?? ''
  const user = Number(words('USER').at(-1)?.split(':')[0])
  const own = Number.isInteger(user) ? user : 0
  const known = portOf(base)
  const all = ports.length > 0 || known === undefined ? ports : [tcp(known)]
  const silent = `${file} has no EXPOSE, so there is no Service and no probe; EXPOSE PORT names one`
  const notes = [...(all.length > 0 ? [] : [silent]), ...(own > 0 ? [] : [noteOf(base) ?? []].flat())]
  return {
    ...NONE,
    ...{ name, from: file, image: `${name}:local`, build: { context: folder === '' ? '.' : folder } },
    ...{ ports: all, user: own > 0 ? own : userOf(base) },
    ...(dotenv === undefined ? {} : fromDotenv(name, [['.env', dotenv]])),
    left: notes.map((message) => ({ message, at: { file, line: 1, column: 1 } })),
  }
}

function exposed(text: string): Port[] {
  const [, number = '', protocol] = /^(\d+)(?:\/(tcp|udp))?$/iu.exec(text) ?? []
  return number === '' ? [] : [{ number: Number(number), protocol: protocol?.toLowerCase() === 'udp' ? 'UDP' : 'TCP' }]
}

function tcp(number: number): Port {
  return { number, protocol: 'TCP' }
}
