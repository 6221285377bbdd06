import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forge, startForge } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, image, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import { says } from '../support/says.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

const LABELS = { 'app.kubernetes.io/name': 'web' }
/** An image with a shell, and python or busybox: a program that serves the name of its pod. */
const IMAGE = process.env['FORGE_TEST_SHELL_IMAGE'] ?? image('1.0.0')
const SERVE = `mkdir -p /tmp/www && hostname > /tmp/www/index.html
command -v python3 && exec python3 -m http.server 8080 -d /tmp/www
exec httpd -f -p 8080 -h /tmp/www`

let namespace: RealNamespace
let project: TestProject
let args: readonly string[]

const web: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'web',
            image: IMAGE,
            imagePullPolicy: 'IfNotPresent',
            command: ['sh', '-c', SERVE],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
}

beforeAll(async () => {
  namespace = await RealNamespace.create('look')
  const cluster = { context: await currentContext() }
  project = await projectOf(smallFiles({ cluster, namespace: namespace.name, pullCheck: 'skip' }, [web]))
  args = ['-e', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG]
  expect(await forge(['deploy', ...args])).toMatchObject({ status: 0 })
})
afterAll(async () => await namespace.remove())

test('open leads to a real container, and goes on in the next pod', async () => {
  const open = startForge(['open', 'web', ...args])
  let address = ''
  open.stdout.on('data', (chunk: Buffer) => (address += chunk.toString().trim()))
  await says(open, /^http:\/\/127\.0\.0\.1:\d+$/mu)
  const first = (await (await fetch(address)).text()).trim()
  expect(first).toMatch(/^web-/u)
  await namespace.kubectl(['delete', 'pod', first])
  const second = (await (await fetch(address, { headers: { connection: 'close' } })).text()).trim()
  expect(second).toMatch(/^web-/u)
  expect(second).not.toBe(first)
  open.kill('SIGINT')
  expect((await open).exitCode).toBe(0)
})

test('shell gives bytes and the exit status of a real command through', async () => {
  const large = 'line of a dump\n'.repeat(100_000)
  const cat = await startForge(['shell', 'web', ...args, '--', 'cat'], { input: large })
  expect({ status: cat.exitCode, same: `${cat.stdout}\n` === large }).toEqual({ status: 0, same: true })
  expect(await startForge(['shell', 'web', ...args], { input: 'echo $((6*7)); exit 7\n' })).toMatchObject({
    exitCode: 7,
    stdout: '42',
  })
  const missing = await forge(['shell', 'web', ...args, '--', 'no-such-program'])
  expect({ status: missing.status, stderr: missing.stderr }).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('E_SHELL_MISSING'),
  })
})
