import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** A registry behind TLS and a login (`USER:PASSWORD`); `certificate` is the file by which it is trusted. */
export async function privately(
  registry: string,
  login: string,
): Promise<{ readonly host: string; readonly certificate: string; close(): void }> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-registry-'))
  const [key, certificate] = [join(dir, 'tls.key'), join(dir, 'tls.crt')]
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await execa('openssl', ['req', ...made, '-keyout', key, '-out', certificate, ...names])
  const tls = { key: await readFile(key), cert: await readFile(certificate) }
  const server = createServer(tls, (incoming, response) => {
    const { method, url, headers } = incoming
    if (headers.authorization !== `Basic ${btoa(login)}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
      return
    }
    const onward = request(`http://${registry}${url ?? '/'}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, certificate, close }
}
