import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { stringify } from 'yaml'
import { canary, type Canary } from './canaries.ts'

/** A secret as programs keep them: one value with others inside. */
export interface Shape {
  readonly value: string
  /** What must be seen nowhere: the value, and what is a secret of its own in it. */
  readonly parts: readonly Canary[]
}

const plain = (length: number): string =>
  randomBytes(length).toString('base64').replaceAll(/[+/=]/gu, 'x').slice(0, length)

function shape(name: string, value: string, parts: Readonly<Record<string, string>>): Shape {
  const inside = Object.entries(parts).map(([part, text]) => ({ name: `${name}.${part}`, value: text }))
  // A long value stands nowhere as a whole: a line is cut before.
  return { value, parts: value.length > 1000 ? inside : [{ name, value }, ...inside] }
}

function pem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

function dotenvFile(): Shape {
  const [password, token, code] = [canary('dotenv-password').value, canary('dotenv-token').value, plain(10)]
  const lines = [
    'COLOUR=blue',
    `DB_PASSWORD='${password}'`,
    `export API_TOKEN='${token}' # of the shop`,
    `SMS_KEY=${code}`,
  ]
  return shape('dotenv', `${lines.join('\n')}\n`, { password, token, code })
}

/** As Google gives it: a key in PEM, as one text of a JSON document. */
function serviceAccount(): Shape {
  const key = pem()
  const id = randomBytes(20).toString('hex')
  const account = {
    type: 'service_account',
    project_id: 'shop-prod',
    private_key_id: id,
    private_key: key,
    client_email: 'web@shop-prod.iam.gserviceaccount.com',
    nested: { credentials: [{ secret: canary('json-nested').value }, plain(30)], pin_token: 83_726_153 },
  }
  const { nested } = account
  const [first, second] = nested.credentials as [{ secret: string }, string]
  return shape('account', `${JSON.stringify(account, null, 2)}\n`, {
    ...{ id, key: key.split('\n')[1] ?? '', nested: first.secret, listed: second, pin: String(nested.pin_token) },
  })
}

function yamlDocument(): Shape {
  const [password, listed, folded] = [canary('yaml-password').value, plain(24), plain(40)]
  const key = pem()
  const tree = {
    database: { user: 'app', password },
    tokens: [listed],
    colours: ['blue'],
    ssh: { key },
    more: [{ apiKey: folded }],
  }
  return shape('yaml', stringify(tree), { password, listed, folded, key: key.split('\n')[1] ?? '' })
}

function url(): Shape {
  const password = canary('url-password').value
  const written = encodeURIComponent(password)
  return shape('url', `postgres://app:${written}@db.example.com:5432/shop?sslmode=require`, { password, written })
}

function connectionString(): Shape {
  const password = `${plain(9)}+/%${plain(9)}`
  return shape('dsn', `Server=db.example.com;User Id=app;Password=${password};Encrypt=true`, { password })
}

function pemFile(): Shape {
  const key = pem()
  return shape(
    'pem',
    key,
    Object.fromEntries(
      key
        .trim()
        .split('\n')
        .slice(1, -1)
        .map((line, at) => [`line ${at}`, line]),
    ),
  )
}

function large(): Shape {
  const value = randomBytes(225_000).toString('base64')
  const pieces = { beginning: value.slice(0, 64), middle: value.slice(150_016, 150_080), end: value.slice(-64) }
  return shape('large', value, pieces)
}

/** One of each shape, other values for each call. */
export function secretShapes() {
  return {
    dotenv: dotenvFile(),
    account: serviceAccount(),
    yaml: yamlDocument(),
    url: url(),
    dsn: connectionString(),
    pem: pemFile(),
    large: large(),
    short: shape('short', plain(8), {}),
  } as const satisfies Record<string, Shape>
}
