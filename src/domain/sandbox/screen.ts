import type { SandboxBinary, SandboxOptions, SandboxState } from './model.ts'

/** What `up` and `status` print of a sandbox that runs. */
export function sandboxRows(state: SandboxState): string[] {
  const { name, nodes, cpu, memory, latency, kubernetes, kubeconfig, server } = state
  const each = nodes === 1 ? '' : ' each'
  return [
    `sandbox     ${name}, Kubernetes ${kubernetes ?? 'unknown'}, running since ${sinceOf(state.startedAt)}`,
    nodes === 0
      ? `nodes       none of its own, latency ${latency}`
      : `nodes       ${nodes} simulated, ${cpu} CPU and ${memory}${each}, latency ${latency}`,
    `server      ${server}`,
    `kubeconfig  ${kubeconfig}`,
  ]
}

/** Where the control plane's program came from. */
export function whence({ source, package: title, notUsed }: SandboxBinary): string {
  const texts: Readonly<Record<SandboxBinary['source'], string>> = {
    FORGE_SANDBOX_BIN: 'the program that FORGE_SANDBOX_BIN names',
    package: `prebuilt, from the package ${title}`,
    cache: 'kept from before',
    build: 'built',
  }
  return texts[source] + (notUsed === undefined ? '' : `; ${notUsedText(notUsed)}`)
}

export function notUsedText(title: string): string {
  return `the package ${title} is of another forge and is not used`
}

/** One row per process, for `status`. */
export function programRows({ pid, programs }: SandboxState): string[] {
  const rows = [...(programs ?? []), { name: 'supervisor', pid }]
  return rows.map(
    (program, at) => (at === 0 ? 'programs' : '').padEnd(12) + `${program.name.padEnd(24)} ${program.pid}`,
  )
}

/** What was asked for and is otherwise in the sandbox that runs already: `nodes 10 (runs with 3)`. */
export function differences(wanted: SandboxOptions, state: SandboxState): string[] {
  const { kubernetes = 'unknown' } = state
  const isWhole = /\d\.\d+\./u.test(wanted.kubernetes ?? '')
  const runs = { ...state, kubernetes: isWhole ? kubernetes : minorOf(kubernetes) }
  return (['nodes', 'cpu', 'memory', 'latency', 'kubernetes'] as const)
    .filter((key) => wanted[key] !== undefined && !isSame(String(wanted[key]), String(runs[key])))
    .map((key) => `${key} ${String(wanted[key])} (runs with ${runs[key]})`)
}

/** `v1.36.0` → `1.36`. */
function minorOf(version: string): string {
  return /^v?(?<minor>\d+\.\d+)/u.exec(version)?.groups?.['minor'] ?? version
}

/** A latency file is asked for by any path and kept by its absolute one, a version with or without its `v`. */
function isSame(wanted: string, actual: string): boolean {
  return wanted === actual || `v${wanted}` === actual || actual.endsWith(`/${wanted.replace(/^(?:\.\.?\/)+/u, '')}`)
}

function sinceOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`
}
