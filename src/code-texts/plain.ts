import type { PLAIN_CODES } from '../plain-codes.ts'
import { said, type CodeText } from './text.ts'

/** Releases without a chart. */
export const PLAIN_TEXTS = {
  E_KUSTOMIZE: said(
    'A file of the kustomization is missing, or a patch finds nothing to change.',
    'forge.yaml:9:20: kustomize cannot render k8s/base: no such file app.yaml',
    ['See the whole message.', 'kubectl kustomize FOLDER'],
  ),
  E_KUSTOMIZE_REMOTE: said(
    '`resources`, `bases` or `components` of a kustomization hold an address.',
    'k8s/base/kustomization.yaml:3: takes github.com/acme/base from elsewhere, which forge does not fetch',
    ['Render it once, and look at it.', 'kubectl kustomize FOLDER > k8s/all.yaml'],
    'Then name that file under `manifests` of the release, or copy what it takes into the repository.',
  ),
  E_MANIFEST_INVALID: said(
    'The folder holds other YAML beside the manifests (values, a kustomization), or a field is mistyped.',
    'k8s/app.yaml:12:1: no Kubernetes object: it has no kind',
    ['What does kubectl make of it?', 'kubectl create --dry-run=client --filename FILE'],
    'Name the files under `manifests` one by one where others lie beside them.',
  ),
  E_MANIFEST_MISSING: said(
    'Paths are meant from the folder of forge.yaml; a pattern that matches nothing is an error, too.',
    'forge.yaml:7:16: k8s/*.yaml matches no file (manifests of release db)',
    ['Is it there?', 'ls FOLDER'],
    ['Check again.', 'forge validate'],
  ),
  E_MANIFEST_TWICE: said(
    'Two files that were copied from one another, or a folder that is named beside what was made of it.',
    'k8s/b.yaml:4:1: ConfigMap/web is described already, in k8s/a.yaml:1',
    ['Where does it stand?', "grep --recursive --line-number 'name: NAME' FOLDER"],
    'Take one of them out.',
  ),
} as const satisfies Record<keyof typeof PLAIN_CODES, CodeText>
