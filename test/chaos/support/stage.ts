import { buildControlPlane } from '../../support/control-plane.js';
import { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';
import type { HollowPod } from '../../support/hollow-node/hollow-pod.types.js';
import type { PodScript } from '../../support/hollow-node/pod-script.js';
import { Scripts } from './scripts.js';

const START_MS = 120_000;

/** What all tests of a file run on, from the first of them. */
export interface Ground {
  readonly cluster: HollowCluster;
}

/** Ground on which a control plane can be started, and what the pods of its runs do. */
export interface Stage extends Ground {
  readonly scripts: Scripts;
}

/** Starts a cluster before the tests of the file and stops it after them. */
export function aGround(scriptOf: (pod: HollowPod) => PodScript): Ground {
  let cluster: HollowCluster | undefined;
  beforeAll(async () => {
    cluster = await HollowCluster.start(scriptOf);
  }, START_MS);
  // Also after a start that failed, whose error it must not hide.
  afterAll(() => cluster?.stop());
  return {
    get cluster() {
      if (cluster === undefined) throw new Error('the cluster has not started');
      return cluster;
    },
  };
}

/** The same, and builds the control plane of now. */
export function aStage(): Stage {
  const scripts = new Scripts();
  beforeAll(buildControlPlane, START_MS);
  const ground = aGround((pod) => scripts.of(pod));
  return {
    scripts,
    get cluster() {
      return ground.cluster;
    },
  };
}
