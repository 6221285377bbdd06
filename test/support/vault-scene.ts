import { readFile } from 'node:fs/promises'
import type { Bao } from './bao.ts'
import { forgeHere } from './cluster.ts'
import type { Ran } from './forge.ts'
import { projectOf } from './project.ts'

export interface Pods {
  readonly role?: string
  readonly path?: string
  readonly key?: string
  readonly app?: string
}

/** A project with one workload whose pods ask Vault's agent for one value; runs a command of forge in it. */
export async function vaultScene(
  { bao, namespace }: { readonly bao: Bao; readonly namespace: string },
  { role: named = 'shop', path = 'secret/data/shop/app', key = 'password', app = 'web' }: Pods,
  requirements: string,
) {
  const project = await projectOf({
    'forge.yaml': `version: 1
project: ${namespace}
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
vault: { address: "${bao.address}", ca: ca.pem }
releases: { web: { chart: ./chart } }
${requirements}`,
    'ca.pem': await readFile(bao.ca, 'utf8'),
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/templates/all.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: ${app} } }
  template:
    metadata:
      labels: { app: ${app} }
      annotations:
        vault.hashicorp.com/agent-inject: "true"
        vault.hashicorp.com/role: ${named}
        vault.hashicorp.com/agent-inject-secret-app: ${path}
        vault.hashicorp.com/agent-inject-template-app: |
          {{ "{{" }} with secret "${path}" {{ "}}" }}{{ "{{" }} .Data.data.${key} {{ "}}" }}{{ "{{" }} end {{ "}}" }}
    spec: { serviceAccountName: web, containers: [{ name: web, image: "example.test/web:1" }] }
`,
  })
  return async (command: string, env: Record<string, string> = { VAULT_TOKEN: 'root' }): Promise<Ran> =>
    await forgeHere([command, '-e', 'test', '-C', project.dir, '--json'], { VAULT_ADDR: '', ...env })
}
