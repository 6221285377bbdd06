const POLICIES = 'admissionregistration.k8s.io/v1'

/** A policy about new pods of one namespace, called as it is, and its binding: for `kubectl apply -f -`. */
export function podPolicy(
  kind: 'ValidatingAdmissionPolicy' | 'MutatingAdmissionPolicy',
  namespace: string,
  spec: Readonly<Record<string, unknown>>,
  binding: Readonly<Record<string, unknown>> = {},
): string {
  const matchConstraints = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  }
  const metadata = { name: namespace }
  const items = [
    { apiVersion: POLICIES, kind, metadata, spec: { matchConstraints, ...spec } },
    { apiVersion: POLICIES, kind: `${kind}Binding`, metadata, spec: { policyName: namespace, ...binding } },
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}
