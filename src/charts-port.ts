/** What flows ask of helm; part of the ports (ports.ts). */
import type { CrdPolicy } from './domain/config/model.ts'
import type { KubeObject } from './domain/kube.ts'
import type { Coming } from './domain/plan/coming.ts'
import type { VaryingCall } from './domain/plan/volatile.ts'
import type { WholeNumber } from './domain/values/model.ts'

export interface ChartRef {
  /** A folder, a packed chart, an OCI reference, or a chart name with `repository`. */
  readonly chart: string
  readonly repository?: string
  readonly version?: string
}

/** A chart that another one names in its Chart.yaml and does not have in its folder charts/. */
export interface MissingChart {
  readonly name: string
  /** A range where neither Chart.lock nor Chart.yaml says one version. */
  readonly version: string
  /** `https://…`, `oci://…`, `file://…`, `@name` of one that helm knows; empty: none is said. */
  readonly repository: string
  /** Chart.lock is of another list than the one in Chart.yaml. */
  readonly isStale: boolean
  /** Where Chart.yaml names it. */
  readonly file: string
  readonly line: number
  /** Where this machine has it: then it is put into a temporary copy of the chart. */
  readonly from?: string
}

/** A file of a chart. */
export interface ChartText {
  /** Below the chart's folder; of a packed chart within it `charts/web-1.0.0.tgz/values.yaml`. */
  readonly name: string
  /** Where it is on this machine. */
  readonly path: string
  readonly text: string
}

export interface RenderRequest {
  readonly release: string
  readonly namespace: string
  readonly chart: ChartRef
  readonly values: Readonly<Record<string, unknown>>
  /** Those among the values that helm takes for whole numbers, as with `--set`; of all others it makes floats. */
  readonly wholeNumbers?: readonly WholeNumber[] | undefined
  readonly isUpgrade: boolean
  /** What the templates see as `.Release.Revision`; not read in an install, which is always the first. */
  readonly revision: number
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  /** What becomes of crds/; `create` unless said. */
  readonly crds?: CrdPolicy
}

/** What a chart does while it renders that a second render may do in another way. */
export interface ChartTraits {
  /** It asks for the time, for something random, for what the cluster has. True of a chart that cannot be looked into. */
  readonly varies: boolean
  /** It asks which kinds the cluster serves. */
  readonly asksForApis: boolean
  /** Where it asks for the time or for something random, as far as it can be looked into. */
  readonly calls: readonly VaryingCall[]
  /** It asks what the cluster has. True of a chart that cannot be looked into. */
  readonly looksUp: boolean
  /** Where it does so. */
  readonly lookups: readonly VaryingCall[]
}

/** A render that finds in the cluster what is not written yet. */
export interface Foreseen {
  readonly manifest: string
  /** Those of the coming objects that it has looked up. */
  readonly asked: readonly KubeObject[]
}

/**
 * Asked before anything that a program of forge's sends to the API server goes on its way. A rejection, when the lock is
 * lost, cuts the program off. `bytes`: how many go at once, where a program of forge's sends them itself.
 */
export type Guard = (bytes?: number) => Promise<void>

export interface Charts {
  /** Of helm: `4.3.1`. */
  readonly version: string
  readonly major: number
  /**
   * What helm would write, hooks and (in an install) definitions of crds/ included; no cluster needed. Throws ForgeError
   * with helm's own reason, value path included.
   */
  render(request: RenderRequest, signal: AbortSignal): Promise<string>
  /**
   * The same, as if these objects were written already. Undefined where the cluster does not let itself be looked at, or helm
   * cannot render so.
   */
  renderAfter(request: RenderRequest, coming: readonly Coming[], signal: AbortSignal): Promise<Foreseen | undefined>
  /**
   * What is in crds/ of the chart, and of those within that these values do not switch off, as `render` prints it; empty where
   * there is none.
   */
  definitions(request: RenderRequest, signal: AbortSignal): Promise<string>
  /** `values`: strings in them may be templates, too. */
  traits(chart: ChartRef, values: RenderRequest['values']): Promise<ChartTraits>
  /** Default values of a chart (`helm show values`), parsed by the caller. */
  defaults(chart: ChartRef, signal: AbortSignal): Promise<string>
  /** Chart.yaml and values.yaml of a chart of this machine and of those within it. Of one from elsewhere only its own defaults. */
  defaultFiles(chart: ChartRef, signal: AbortSignal): Promise<readonly ChartText[]>
  upgrade(
    request: Omit<RenderRequest, 'isUpgrade' | 'revision'> & {
      readonly forceConflicts: boolean
      readonly createNamespace: boolean
      readonly timeoutSeconds: number
      /** What is written instead of the chart's own render (`manifestToSend`). */
      readonly rewrite?: string | undefined
      /**
       * helm is given nothing of the chart but its name and its definitions, so that its record holds nothing else of it either;
       * `hooks`: those that it takes from no `rewrite` (helm 3).
       */
      readonly bare?: { readonly hooks: string } | undefined
      /** What helm prints, line by line: evidence, if it fails. */
      readonly onLine?: (line: string) => void
      readonly guard?: Guard | undefined
    },
    signal: AbortSignal,
  ): Promise<{ readonly revision: number | undefined }>
  /** Bytes that helm's record of this revision would take in its Secret, nearly. */
  recordSize(
    request: {
      readonly chart: ChartRef
      readonly values: Readonly<Record<string, unknown>>
      readonly manifest: string
    },
    signal: AbortSignal,
  ): Promise<number>
  /** Never signalled (docs/design.md, facts about helm). */
  rollback(request: {
    readonly release: string
    readonly namespace: string
    readonly revision: number
    readonly forceConflicts: boolean
    readonly timeoutSeconds: number
    readonly guard?: Guard | undefined
  }): Promise<void>
  /** `helm uninstall`, history included. Never signalled: it would leave `uninstalling`. */
  uninstall(release: string, namespace: string, guard?: Guard): Promise<void>
}
