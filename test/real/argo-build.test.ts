import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { argoShop } from '../support/argo-shop.ts'
import * as real from '../support/real-argo.ts'
import { RealNamespace } from '../support/real-cluster.ts'
import { Checkout } from '../support/real-git.ts'

// The pods of k8s/argo's build templates as Argo makes them, with forge's own image. docker, BuildKit and dockerd are scripts here: there is no
// image of them without a registry.
const DIGEST = `sha256:${'0a'.repeat(32)}`

/** What forge calls, as buildx answers. It works only where the builder is ready and the logins are there. */
const DOCKER = `#!/bin/sh
set -eu
test -s "$DOCKER_CONFIG/config.json"
test -e /run/builder/ready
echo "docker $*" >&2
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then echo '{"containerimage.digest": "${DIGEST}"}' >"$2"; fi
  shift
done
`
const CLIENT = `test -s /registry/config.json && cp /registry/config.json /docker/config.json
cat >/tools/docker <<'EOF'
${DOCKER}EOF
chmod 755 /tools/docker
`
const DAEMON = 'sleep 2; touch /run/builder/ready; trap "exit 0" TERM; sleep 3600 & wait'

interface Container {
  readonly name: string
  command: string[]
  args?: string[]
  startupProbe?: { exec: { command: string[] } }
}
interface Template {
  readonly name: string
  readonly container?: Container
  readonly initContainers?: Container[]
}

/** The programs alone are others: rights, volumes, variables, order and steps stay. */
function withScripts(templates: readonly Template[]): void {
  for (const { name, container, initContainers = [] } of templates) {
    for (const one of initContainers) {
      const isClient = one.name === 'docker-cli'
      one.command = ['sh', '-euc']
      one.args = [isClient ? CLIENT : DAEMON]
      if (one.startupProbe !== undefined) one.startupProbe.exec.command = ['test', '-e', '/run/builder/ready']
    }
    if (name === 'tag' && container !== undefined)
      container.args = [
        `docker() { test -s "$DOCKER_CONFIG/config.json" && echo "docker $*"; }\n${container.args?.[0]}`,
      ]
  }
}

let workflows: RealNamespace
let app: Checkout
let config: Checkout
let commit = ''
beforeAll(async () => {
  workflows = await RealNamespace.create('argo-build')
  const project = await argoShop(workflows.name)
  app = await Checkout.begin(join(project.dir, 'app'), `private/${workflows.name}-app`)
  config = await Checkout.begin(join(project.dir, 'config'), `private/${workflows.name}-config`)
  commit = (await app.push('sources')).replace('main@sha1:', '')
  await config.push('configuration')
  const objects = await real.argoObjects()
  for (const { spec } of objects) withScripts((spec?.['templates'] ?? []) as Template[])
  const secret = (name: string, type: string, stringData: object): object => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData },
  })
  await real.applied(workflows, [
    ...objects,
    secret('forge-git', 'Opaque', { username: 'rig', password: 'rig-secret' }),
    secret('forge-registry', 'kubernetes.io/dockerconfigjson', {
      '.dockerconfigjson': await readFile(real.AUTH, 'utf8'),
    }),
  ])
}, 120_000)
afterAll(async () => await workflows.remove())

test.each(['forge-build', 'forge-build-dind'])(
  '%s: the builder is ready first, the image is tagged by sources and commit, nothing of a login is told',
  async (template) => {
    const ran = await real.ended(
      workflows,
      await real.submit(workflows, template, {
        ...{ env: 'real', image: 'app', 'app-repo': app.url, 'config-repo': config.url, also: 'ghcr.io/acme/app' },
        ...{ 'forge-image': real.CLI_IMAGE, 'builder-image': 'busybox:1.36', 'docker-cli-image': 'busybox:1.36' },
      }),
    )
    const logs = await real.everyLog(workflows)
    expect({ phase: ran.phase, logs: ran.phase === 'Succeeded' ? '' : logs }).toEqual({ phase: 'Succeeded', logs: '' })
    const [, ref = ''] = /^--image=app=(.*)$/u.exec(ran.output('push', 'images') ?? '') ?? []
    expect(ref).toMatch(new RegExp(`^${real.REGISTRY}/argo-test/app:sha-[0-9a-f]{16}@${DIGEST}$`, 'u'))
    expect(ran.output('build', 'images')).toBe(`--image=app=${ref}`)
    expect(ran.output('push', 'commit')).toBe(commit)
    for (const repository of [`${real.REGISTRY}/argo-test/app`, 'ghcr.io/acme/app'])
      expect(logs).toContain(`docker buildx imagetools create --tag ${repository}:${commit} ${ref}`)
    expect(logs).not.toContain('rig-secret')
  },
  240_000,
)
