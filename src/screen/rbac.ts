import type { KubeObject } from '../domain/kube.ts'
import { writeYaml } from '../domain/manifest/write-yaml.ts'

/** For `kubectl apply -f -`. */
export function rbacText(
  objects: readonly KubeObject[],
  { environment, purpose }: { readonly environment: string; readonly purpose: 'plan' | 'deploy' },
): string {
  const left =
    purpose === 'plan'
      ? 'It writes nothing, so what a dry run would say is not checked, nor are capacity and storage classes.'
      : 'Capacity, storage classes and autoscalers of others are not checked: nodes and the like may not be read.'
  const head = [
    `# The least rights to ${purpose} environment ${environment}; print them anew when the charts make other kinds.`,
    `# ${left}`,
  ]
  return [...head, ...objects.map((object) => `---\n${writeYaml(object).trimEnd()}`)].join('\n')
}
