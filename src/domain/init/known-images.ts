interface KnownImage {
  /** The user that its processes are made for; with `alpine` in the tag, another one. */
  readonly user: number
  readonly alpine?: number
  readonly port: number
  /** What it lacks without root. */
  readonly note?: string
}

/** Official images that start as root, or that a compose file need not give a port: what their Dockerfiles say. */
const KNOWN: Readonly<Record<string, KnownImage>> = {
  postgres: { user: 999, alpine: 70, port: 5432 },
  redis: { user: 999, port: 6379 },
  mysql: { user: 999, port: 3306 },
  mariadb: { user: 999, port: 3306 },
  mongo: { user: 999, port: 27017 },
  rabbitmq: { user: 999, alpine: 100, port: 5672 },
  nginx: {
    ...{ user: 101, port: 80 },
    note: 'nginx as it is writes to folders of root, and does not start; nginxinc/nginx-unprivileged does, on port 8080',
  },
  'nginxinc/nginx-unprivileged': { user: 101, port: 8080 },
}

/** Of everything else: any that is not root. */
const ANY_USER = 1000

export function userOf(image: string): number {
  const known = knownImage(image)
  if (known === undefined) return ANY_USER
  return /:[^/]*alpine/u.test(image) ? (known.alpine ?? known.user) : known.user
}

export function portOf(image: string): number | undefined {
  return knownImage(image)?.port
}

export function noteOf(image: string): string | undefined {
  return knownImage(image)?.note
}

const POSTGRES_DATA = '/var/lib/postgresql/data'

/** initdb wants a folder of its own user, which the root of a volume is not; one in it is. */
export function withDataFolder(
  image: string,
  env: Readonly<Record<string, string>>,
  paths: readonly string[],
): Readonly<Record<string, string>> {
  const isMeant = knownImage(image) === KNOWN['postgres'] && paths.includes(POSTGRES_DATA)
  return isMeant ? { PGDATA: `${POSTGRES_DATA}/pgdata`, ...env } : env
}

function knownImage(image: string): KnownImage | undefined {
  const name = image
    .replace(/@.*$/u, '')
    .replace(/:[^/]*$/u, '')
    .replace(/^docker\.io\//u, '')
    .replace(/^library\//u, '')
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
}
