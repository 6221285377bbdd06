import type { Problem } from '../config/position.ts'

/** What a project folder holds that says how something runs. Paths are relative to it. */
export interface Detected {
  /** Folders of charts that can be deployed, each with the name in its Chart.yaml. */
  readonly charts: readonly { readonly folder: string; readonly name: string }[]
  readonly compose: readonly string[]
  readonly dockerfiles: readonly string[]
  readonly kustomizations: readonly string[]
  readonly hasDotenv: boolean
}

/** What a release is to be made of. */
export type Origin =
  | { readonly kind: 'charts'; readonly charts: Detected['charts'] }
  | { readonly kind: 'compose'; readonly file: string }
  | { readonly kind: 'dockerfiles'; readonly files: readonly string[] }
  | { readonly kind: 'kustomization'; readonly folder: string }
  | { readonly kind: 'image'; readonly ref: string; readonly port: number }
  /** Nothing was found: a small example. */
  | { readonly kind: 'sample' }

/** Where a secret value is read from in each deploy. `own`: a line of the file with secrets that init writes. */
export type SecretFrom =
  | { readonly kind: 'dotenv'; readonly file: string; readonly name: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'own'; readonly name: string; readonly value: string }

export interface Port {
  readonly number: number
  readonly protocol: 'TCP' | 'UDP'
}

/** One Deployment to be written. */
export interface Workload {
  /** Of its objects. */
  readonly name: string
  /** `service web of compose.yaml:4` */
  readonly from: string
  readonly image: string
  readonly build?: { readonly compose: string; readonly service: string } | { readonly context: string }
  readonly replicas: number
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly ports: readonly Port[]
  readonly env: Readonly<Record<string, string>>
  readonly secretEnv: Readonly<Record<string, SecretFrom>>
  /** Dotenv files: a ConfigMap each. */
  readonly envFiles: readonly { readonly configMap: string; readonly file: string; readonly omit: readonly string[] }[]
  readonly probe?: { readonly command: readonly string[]; readonly period?: number; readonly timeout?: number }
  readonly httpPath?: string
  readonly user: number
  readonly graceSeconds?: number
  readonly cpu: { readonly request: string; readonly limit?: string }
  readonly memory: { readonly request: string; readonly limit: string }
  readonly volumes: readonly { readonly claim: string; readonly path: string; readonly readOnly: boolean }[]
  /** Folders that are empty at each start. */
  readonly scratch: readonly string[]
  /** Files below /run/secrets. */
  readonly secretFiles: Readonly<Record<string, SecretFrom>>
  /** Services that have to answer before it starts. */
  readonly waitFor: readonly { readonly name: string; readonly port: number }[]
  /** What was not taken over. */
  readonly left: readonly Problem[]
}

export interface NewFile extends KeptFile {
  readonly text: string
}

/** One that is written as it was found. */
export interface KeptFile {
  readonly path: string
  readonly text: string | Uint8Array
  /** In a few words. */
  readonly about: string
  /** Only its owner may read it. */
  readonly isPrivate?: boolean
}

/** What is written, all of it or nothing. */
export interface InitPlan {
  readonly files: readonly NewFile[]
  readonly warnings: readonly Problem[]
}
