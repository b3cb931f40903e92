/** The fields of Kubernetes objects this project reads or writes; nothing else is relied on. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Who set which fields last. */
  readonly managedFields?: readonly { readonly manager?: string }[];
}

/** A pod, as far as it tells whether and why Vault answers. */
export interface Pod {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly PodCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** One condition of a pod, for example why it cannot be scheduled. */
export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** State of one container. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
}

/** A claim; its UID tells whether a volume is still the one it was. */
export interface PersistentVolumeClaim {
  readonly metadata: ObjectMeta;
}

/** A ConfigMap with plain texts. */
export interface ConfigMap {
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
}

/** A Secret with base64 data. */
export interface Secret {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: ObjectMeta;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** A Lease of `coordination.k8s.io/v1`. */
export interface Lease {
  readonly apiVersion: "coordination.k8s.io/v1";
  readonly kind: "Lease";
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds. */
    readonly acquireTime?: string;
    /** RFC 3339 with microseconds. */
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** A Gateway of `gateway.networking.k8s.io/v1`, as far as it tells where clients find it. */
export interface Gateway {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly listeners: readonly {
      readonly name: string;
      readonly port: number;
      readonly protocol: string;
      /** Absent: any. May begin with `*.`. */
      readonly hostname?: string;
    }[];
  };
  readonly status?: { readonly addresses?: readonly { readonly value: string }[] };
}

/** A StatefulSet, as far as a rollout is concerned. */
export interface StatefulSet {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly replicas?: number;
    readonly updateStrategy?: { readonly type?: string };
    readonly volumeClaimTemplates?: readonly {
      readonly metadata?: { readonly name?: string };
      readonly spec?: {
        /** The API server fills in the cluster's default when it was left out. */
        readonly storageClassName?: string;
        readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
      };
    }[];
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updateRevision?: string;
    readonly currentRevision?: string;
  };
}

/** A Service, as far as it tells its ports. */
export interface Service {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: number | string;
    }[];
  };
}

/** What is behind a Service, as far as it tells the ports. */
export interface Endpoints {
  readonly metadata: ObjectMeta;
  readonly subsets?: readonly { readonly ports?: readonly { readonly name?: string; readonly port: number }[] }[];
}

/** A custom resource, as far as it tells whether its operator is done with it. */
export interface CustomObject {
  readonly metadata: ObjectMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Where a kind of custom resource is served. */
export interface CustomKind {
  /** Group and version. */
  readonly apiVersion: string;
  /** Plural name, as it stands in URLs. */
  readonly plural: string;
}

/** What a controller said about an object. */
export interface ClusterEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339; events of one kind are counted, not repeated. */
  readonly lastTimestamp?: string;
}
