import { execa } from 'execa'
import { kubectl } from './real-cluster.ts'

/** The git server that the rig's add-on `flux` puts into the cluster; pods and this machine reach it. */
async function server(): Promise<string> {
  return await kubectl(['-n', 'git', 'get', 'service', 'git', '-o', 'jsonpath={.spec.clusterIP}'])
}

async function git(dir: string, ...args: readonly string[]): Promise<string> {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@forge.invalid']
  return (await execa('git', ['-C', dir, ...who, ...args], { stdin: 'ignore' })).stdout
}

/** A checkout with a branch `main`, whose origin is a repository of that server. */
export class Checkout {
  readonly dir: string
  /** As a GitRepository in the cluster reads it. */
  readonly url: string

  private constructor(dir: string, name: string) {
    this.dir = dir
    this.url = `http://git.git.svc.cluster.local/${name}.git`
  }

  static async begin(dir: string, name: string): Promise<Checkout> {
    await git(dir, 'init', '--quiet', '--initial-branch=main')
    await git(dir, 'remote', 'add', 'origin', `http://rig:rig-secret@${await server()}/${name}.git`)
    return new Checkout(dir, name)
  }

  /** Commits all that there is, pushes it, and says as which revision Flux knows it. */
  async push(message: string): Promise<string> {
    await git(this.dir, 'add', '--all')
    await git(this.dir, 'commit', '--quiet', '--message', message)
    await git(this.dir, 'push', '--quiet', 'origin', 'main')
    return `main@sha1:${await git(this.dir, 'rev-parse', 'HEAD')}`
  }

  async changedFiles(): Promise<string[]> {
    return (await git(this.dir, 'status', '--porcelain')).split('\n').filter((line) => line !== '')
  }
}
