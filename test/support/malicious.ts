import { truncateSync } from 'node:fs'
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'

/** What must appear nowhere: it stands in files outside the checkout, and in a variable. */
export const CANARY = 'canary-5f1e0c'
export const VARIABLE = 'DEPLOY_TOKEN'

export interface Malicious {
  /** The checkout. */
  readonly dir: string
  /** What an attack makes when it has run something. */
  readonly pwned: string
  /** Where each attack stands, by what its line says after `# `. */
  readonly attacks: ReadonlyMap<string, string>
}

/** One folder of attacks, each of a kind of its own; every one of them works in a checkout that is trusted. */
export async function maliciousCheckout(): Promise<Malicious> {
  const base = await mkdtemp(join(tmpdir(), 'forge-malicious-'))
  const [dir, outside, pwned] = [join(base, 'checkout'), join(base, 'outside'), join(base, 'pwned')]
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(base, file)), { recursive: true })
    await writeFile(join(base, file), text)
  }
  for (const file of ['values.yaml', 'key.txt', '.env', 'note.json', 'forge.yaml'])
    await put(`outside/${file}`, `token: ${CANARY}\n`)
  await put('outside/chart/Chart.yaml', 'apiVersion: v2\nname: chart\nversion: 1.0.0\n')
  const files = filesOf({ outside, pwned })
  for (const [file, text] of Object.entries(files)) await put(`checkout/${file}`, text)
  await symlink(join(outside, 'values.yaml'), join(dir, 'linked.yaml'))
  await symlink('../outside', join(dir, 'folder'))
  await symlink(join(outside, 'key.txt'), join(dir, 'charts/linked/templates/key.txt'))
  await mkdir(join(dir, 'charts/round/templates'))
  await symlink('..', join(dir, 'charts/round/templates/again'))
  await execa('mkfifo', [join(dir, 'pipe')])
  await writeFile(join(dir, 'huge.yaml'), '')
  truncateSync(join(dir, 'huge.yaml'), 1024 ** 3)
  return { dir, pwned, attacks: placesOf(files) }
}

function placesOf(files: Readonly<Record<string, string>>): Map<string, string> {
  const lines = Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').map((line, at) => [/# (.+)$/u.exec(line)?.[1], `${file}:${at + 1}`] as const),
  )
  return new Map(lines.flatMap(([name, place]) => (name === undefined ? [] : [[name, place] as const])))
}

const chart = (name: string): string => `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`

function filesOf({ outside, pwned }: { outside: string; pwned: string }): Record<string, string> {
  return {
    'forge.yaml': forgeYaml(outside, pwned),
    'evil.mjs': `import { writeFileSync } from 'node:fs'\nwriteFileSync('${pwned}', '')\nexport const transform = (text) => text\n`,
    'note.txt': 'text\n',
    'secret.yaml': 'a: ENC[x]\n',
    'charts/plain/Chart.yaml': chart('plain'),
    'charts/plain/templates/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n',
    'charts/linked/Chart.yaml': chart('linked'),
    'charts/linked/templates/x.yaml': '{{ .Files.Get "templates/key.txt" }}\n',
    'charts/round/Chart.yaml': chart('round'),
    'charts/asking/Chart.yaml': `${chart('asking')}dependencies:\n  - name: chart # a chart that takes another from elsewhere\n    version: 1.0.0\n    repository: file://../../../outside/chart\n`,
    'charts/asking/templates/x.yaml':
      'a: {{ print "}}" (lookup "v1" "Secret" "kube-system" "token") }} # a chart that asks the cluster\n',
    'charts/asking/templates/NOTES.txt':
      '{{ fail (lookup "v1" "Secret" "" "" | toJson) }} # notes that ask the cluster\n',
    'charts/asking/values.schema.json': `{"properties":{"a":{"$ref":"file://${outside}/note.json"}}}\n`,
  }
}

function forgeYaml(outside: string, pwned: string): string {
  return `version: 1
project: evil
environments:
  dev:
    cluster: sandbox
    releases:
      web: { set: { overlaid: { command: [touch, ${pwned}] } } } # a program of an environment
releases:
  web:
    chart: charts/plain
    values:
      - ../outside/values.yaml # values outside
      - ${outside}/values.yaml # values by an absolute path
      - linked.yaml # values behind a link
      - pipe # values that never come
      - huge.yaml # values of 1 GiB
      - notes/../../outside/values.yaml # values on a way round
    set:
      program: { command: [touch, ${pwned}] } # a program for a value
      variable: { env: ${VARIABLE} } # a variable for a value
      sealed: { sops: secret.yaml, path: a } # sops for a value
      tree: { yaml: /proc/self/environ, path: a } # the environment as a file
      endless: { file: /dev/zero } # a device
      anchored: &hidden
        command: [touch, ${pwned}] # a program behind an anchor
      merged:
        <<: *hidden # a program behind a merge key
    configMaps:
      app:
        dotenv: folder/.env # a dotenv file in a linked folder
        set:
          entry: { dotenv: ../outside/.env, name: TOKEN } # an entry of a file outside
        files:
          program: { command: [touch, ${pwned}] } # a program for a file
          file: { file: ../outside/key.txt } # a file outside
          module:
            file: note.txt
            transform:
              - module: ./evil.mjs # a module
  outside: { chart: ../outside/chart } # a chart outside
  linked: { chart: charts/linked } # a chart with a link in it
  round: { chart: charts/round } # a chart without an end
  remote: { chart: 'oci://registry.invalid/evil/chart', version: 1.0.0 } # a chart of the network
  asking: { chart: charts/asking }
images:
  app: { build: { context: .. }, to: web:image } # a build of what is outside
secrets:
  program: { files: { a: { command: [touch, ${pwned}] } } } # a program for a secret
  sealed: { files: { a: { sops: secret.yaml } } } # sops for a secret
  each:
    each: { env: 'DEPLOY_{KEY}' } # variables for a secret
    keys: [token]
  tls: { type: tls, cert: folder/key.txt, key: note.txt } # a certificate behind a link
  made: { type: tls, cert: a.crt, key: a.key, generate: { ca: ../outside/ca, hosts: [a] } } # a CA outside
`
}
