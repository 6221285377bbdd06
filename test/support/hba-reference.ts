import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa, type Options } from 'execa'

/** One line of pg_hba_file_rules. */
export interface HbaRule {
  readonly line: number
  readonly type: string
  readonly address: string
  readonly netmask: string
  readonly method: string
  readonly error: string
}

export interface Postgres {
  readonly version: string
  /** What it reads in a pg_hba.conf. */
  readonly rulesOf: (text: string) => Promise<HbaRule[]>
  readonly stop: () => Promise<void>
}

const QUERY = `select line_number, coalesce(type, ''), coalesce(address, ''), coalesce(netmask, ''), coalesce(auth_method, ''),
  coalesce(error, '') from pg_hba_file_rules order by line_number`

/** A server of its own in a temporary folder, found by FORGE_TEST_POSTGRES (its bin folder) or where Debian puts it. */
export async function startPostgres(): Promise<Postgres> {
  const bin = process.env['FORGE_TEST_POSTGRES'] ?? (await debianFolder())
  const folder = await mkdtemp(join(tmpdir(), 'forge-postgres-'))
  // PostgreSQL does not run as root.
  const nobody = 65_534
  const user: Options = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if (user.uid !== undefined) await chown(folder, nobody, nobody)
  const run = async (program: string, ...args: string[]): Promise<string> => {
    const { stdout } = await execa(join(bin, program), args, { ...user, cwd: folder, maxBuffer: 1_000_000_000 })
    return String(stdout)
  }
  const data = join(folder, 'data')
  await run('initdb', '--pgdata', data, '--auth', 'trust', '--username', 'postgres')
  const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off`
  await run('pg_ctl', 'start', '--wait', '--pgdata', data, '--log', join(folder, 'log'), '--options', options)
  const psql = async (query: string): Promise<string> =>
    await run('psql', '-h', folder, '-U', 'postgres', '-At', '-F', '\u0001', '-R', '\u0002', '-c', query)
  return {
    version: await psql('show server_version'),
    async rulesOf(text) {
      await writeFile(join(data, 'pg_hba.conf'), text)
      return (await psql(QUERY)).split('\u0002').flatMap((row) => {
        const [line, type = '', address = '', netmask = '', method = '', error = ''] = row.split('\u0001')
        return line === '' ? [] : [{ line: Number(line), type, address, netmask, method, error: error.trim() }]
      })
    },
    async stop() {
      await run('pg_ctl', 'stop', '--mode', 'immediate', '--pgdata', data)
      await rm(folder, { recursive: true })
    },
  }
}

async function debianFolder(): Promise<string> {
  const folder = '/usr/lib/postgresql'
  const versions = await readdir(folder)
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0]
  if (newest === undefined) throw new Error('no PostgreSQL here; FORGE_TEST_POSTGRES names its bin folder')
  return join(folder, newest, 'bin')
}
