import type { Checkout } from '../../domain/config/checkout.ts'
import type { ChartFiles } from '../../domain/names/chart-files.ts'
import type { ProjectModules } from '../../domain/transforms/module.ts'
import type { StandIn } from '../../domain/rehearsal/stand-in.ts'
import type { PlainFiles } from '../../plain-port.ts'
import type { Certificates, Clock, Confinement, Files, MissingChart, Sources } from '../../ports.ts'

/** What loading and resolving a project needs of the world. `signal` ends whatever waits. */
export interface ProjectPorts {
  readonly files: Files
  readonly sources: Sources
  readonly modules: ProjectModules
  readonly certificates: Certificates
  /** Of a chart that is a folder or packed; undefined for others. */
  readonly chartFiles: (chart: string) => Promise<ChartFiles | undefined>
  /** Of a chart of this machine. */
  readonly missingCharts: (chart: string) => Promise<readonly MissingChart[]>
  /** Those that these paths are of, but for the one that the folder is in. */
  readonly checkouts: (paths: readonly string[], dir: string) => Promise<readonly Checkout[]>
  /** Into forge's cache; resolves with why there is none. Undefined: nothing may be fetched. */
  readonly fetchChart?: ((chart: MissingChart) => Promise<string | undefined>) | undefined
  /** Undefined: the checkout is trusted. */
  readonly confinement?: Confinement | undefined
  readonly plain: PlainFiles
  /** `forge rehearse`: what takes the place of the environment. Undefined: this is no rehearsal. */
  readonly standIn?: StandIn
  readonly clock: Pick<Clock, 'now'>
  readonly signal: AbortSignal
}

/** Takes every secret value that forge reads, so that it is masked wherever it would be printed. */
export interface SecretSink {
  add(value: string): void
  /** Names that everybody knows; never masked. */
  spare?(names: readonly string[]): void
}
