import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { PURE_GO } from '../src/adapters/tools/go.ts'
import { helms } from './helms.ts'
import type { Subject } from './waiting-project.ts'

/** What is started, and how its standard error says that it knows of the failure; else its end is the verdict. */
export interface Tool {
  readonly name: string
  readonly command: (subject: Subject, namespace: string, timeout: number) => readonly string[]
  readonly verdict?: RegExp
}

const ROOT = new URL('..', import.meta.url).pathname

const forge: Tool = {
  name: 'forge deploy',
  command: ({ dir }) => [process.execPath, join(ROOT, 'bin', 'forge.js'), 'deploy', '--env', 'sandbox', '-C', dir],
  verdict: /✖/u,
}

/** All that can be had on this machine; what is missing is said. */
export async function tools(): Promise<readonly Tool[]> {
  const found = (await helms()).map((helm): Tool => {
    const install = ({ chart }: Subject, namespace: string): string[] => [
      ...[helm.path, 'upgrade', '--install', 'waiting', chart, '--namespace', namespace],
    ]
    return {
      name: `helm ${helm.version} --wait`,
      command: (subject, namespace, timeout) => [...install(subject, namespace), '--wait', '--timeout', `${timeout}s`],
    }
  })
  return [forge, ...found, ...(await helmfile()), ...(await kubectl())]
}

async function helmfile(): Promise<readonly Tool[]> {
  const path = await helmfileBinary()
  const helm = (await helms()).find(({ major }) => major === 4)
  if (path === undefined || helm === undefined) return []
  const global = ['--helm-binary', helm.path, '--disable-force-update', '--skip-deps']
  return [
    {
      name: 'helmfile 1.8 sync, kubedog',
      command: ({ dir }, _namespace, timeout) => [
        ...[path, '--file', join(dir, 'helmfile.yaml'), ...global, 'sync', '--track-mode', 'kubedog'],
        ...['--track-fail-on-error', '--track-timeout', String(timeout)],
      ],
    },
  ]
}

/** HELMFILE, or built once from the sources at HELMFILE_SOURCES: its replaced modules make `go install` impossible. */
async function helmfileBinary(): Promise<string | undefined> {
  const given = process.env['HELMFILE']
  if (given !== undefined) return given
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'forge', 'bench', 'helmfile')
  const path = join(cache, 'helmfile')
  if (existsSync(path)) return path
  const sources = process.env['HELMFILE_SOURCES']
  if (sources === undefined) {
    console.log('helmfile is left out: neither HELMFILE nor HELMFILE_SOURCES is set')
    return undefined
  }
  console.log('building helmfile (four minutes, once)')
  await mkdir(cache, { recursive: true })
  const built = `${path}.${process.pid}`
  await execa('go', ['build', '-trimpath', '-o', built, 'github.com/helmfile/helmfile'], { cwd: sources, env: PURE_GO })
  await rename(built, path)
  return path
}

/** As scripts do it: helm without waiting, then one `rollout status` after the other. */
async function kubectl(): Promise<readonly Tool[]> {
  const [helm] = [...(await helms())].reverse()
  const { failed } = await execa('kubectl', ['version', '--client'], { reject: false })
  if (failed || helm === undefined) {
    console.log('kubectl rollout status is left out: there is no kubectl')
    return []
  }
  return [
    {
      name: 'kubectl rollout status, in a loop',
      command: ({ chart, workloads }, namespace, timeout) => {
        const install = `${helm.path} upgrade --install waiting ${chart} --namespace ${namespace}`
        const names = workloads.map(({ name }) => name).join(' ')
        const wait = `kubectl rollout status deployment/$name --namespace ${namespace} --timeout ${timeout}s`
        return ['sh', '-c', `${install} && for name in ${names}; do ${wait} || exit 1; done`]
      },
    },
  ]
}
