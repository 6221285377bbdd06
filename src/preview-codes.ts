/** The codes of what a plan finds wrong with an object that a chart renders; part of the table of all codes (error-codes.ts). */
export const PREVIEW_CODES = {
  E_CRD_INSTANCES: {
    exit: 3,
    about:
      'With `crds: update` a definition of crds/ would become stricter than objects that are there. Change those objects first; kubectl could not even edit them afterwards.',
  },
  E_CRD_VERSION: {
    exit: 3,
    about:
      'With `crds: update` a definition would lose a version in which objects are stored. Write each of them once in another version, then take the old one out of status.storedVersions.',
  },
  E_HOOK_DEADLOCK: {
    exit: 3,
    about:
      'helm waits for a hook of the chart, and the hook for an object that helm makes only afterwards. Make that object a hook as well, with a lower weight, or run the hook after the release (post-install, post-upgrade).',
  },
  E_HOOK_LEFT: {
    exit: 3,
    about:
      'A hook of the chart is there from an earlier deploy, and its helm.sh/hook-delete-policy lacks before-hook-creation: helm would fail in the middle. Delete it once its log is read; better, add before-hook-creation to the policy.',
  },
  E_OBJECT_IMMUTABLE: {
    exit: 3,
    about: 'A field cannot be changed in place, and making the object anew would lose data.',
  },
  E_OBJECT_INVALID: { exit: 3, about: 'The API server, tried with a dry run, refuses an object of the chart.' },
  E_OBJECT_OWNED: {
    exit: 3,
    about: 'An object of the chart exists already and belongs to somebody else; helm would refuse it in the middle.',
  },
  E_OBJECT_TERMINATING: {
    exit: 3,
    about: 'Nothing takes a deletion back. Save the data while its pods still run, then let it go and deploy again.',
  },
  E_OBJECT_TWICE: { exit: 3, about: 'Two templates render one object; which of them would be live is chance.' },
  E_TAKE_OVER: {
    exit: 3,
    about:
      'An object cannot move from one release to another (takesOver) without being made anew, or the release that gives it up is no part of this deploy.',
  },
  E_OWN_NAMESPACE: {
    exit: 3,
    about: 'Most charts have a value that leaves their own namespace out; else hand it over to the release first.',
  },
  E_PAUSED: {
    exit: 3,
    about:
      'Somebody holds a workload (a Deployment with spec.paused, a CloudNativePG Cluster that its operator leaves alone), so what the deploy changes would never become pods. The hint lets it go; where the chart itself holds it, mend the chart.',
  },
  E_RELEASE_ELSEWHERE: {
    exit: 3,
    about: 'forge.yaml gives a release another namespace than the one it lives in; helm would make a second one there.',
  },
  E_STILL_USED: {
    exit: 3,
    about:
      'helm would delete what pods go on using. Of the same deploy: the chart gave the object up, and the field that names it stays live; state the field in the chart with its new value. Of somebody else in the namespace: --confirm NAME deletes it all the same.',
  },
  E_WEBHOOK_DOWN: {
    exit: 3,
    about:
      'A webhook that must agree to an object does not answer, so the API server would refuse what helm writes. A webhook with `failurePolicy: Fail` whose operator is down stops every write of its kinds.',
  },
  E_REHEARSAL: {
    exit: 4,
    about:
      'In the rehearsal the deploy did not reach its end, or a failure was not told for what it was, or what ran before did not come back.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
