import { readFileSync } from 'node:fs';
import { Ajv, type DefinedError } from 'ajv';
import { parse } from 'yaml';
import { CHART, template } from './support/helm.js';
import { coalesce, overlap, placesOf, withValue, type Place, type Schema } from './support/schema-rules.js';

const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8')) as Schema;
const defaults: unknown = parse(readFileSync(`${CHART}/values.yaml`, 'utf8'));
const validate = new Ajv({ allErrors: true, verbose: true, strictTypes: false, strictRequired: false }).compile(schema);

/** For each rule of the schema, values that break it where it stands: `null` for a missing one, as a user removes a default. */
const BAD: Record<string, readonly unknown[]> = {
  '#/type': [[]],
  '#/additionalProperties': [{ ingress: { enabled: true } }, { database: {} }, { replicas: 2 }],
  '#/required/image': [{ image: null }],
  '#/required/replicaCount': [{ replicaCount: null }],
  '#/required/agentRunner': [{ agentRunner: null }],
  '#/required/runDefaults': [{ runDefaults: null }],
  '#/required/admission': [{ admission: null }],
  '#/required/artifactStore': [{ artifactStore: null }],
  '#/required/logLevel': [{ logLevel: null }],
  '#/required/service': [{ service: null }],
  '#/required/rbac': [{ rbac: null }],
  '#/required/serviceAccount': [{ serviceAccount: null }],
  '#/required/shutdownGraceSeconds': [{ shutdownGraceSeconds: null }],
  '#/properties/image/type': ['ghcr.io/proompteng/jangar'],
  '#/properties/image/additionalProperties': [{ registry: 'ghcr.io' }],
  '#/properties/image/required/repository': [{ repository: null }],
  '#/properties/image/required/pullPolicy': [{ pullPolicy: null }],
  '#/properties/image/properties/pullPolicy/enum': ['always', ''],
  '#/properties/agentRunner/properties/image/type': ['ghcr.io/proompteng/agent-runner'],
  '#/properties/agentRunner/properties/image/additionalProperties': [{ pullPolicy: 'Always' }],
  '#/properties/agentRunner/properties/image/required/repository': [{ repository: null }],
  '#/properties/shutdownGraceSeconds/type': ['20s'],
  '#/properties/shutdownGraceSeconds/minimum': [-1],
  '#/properties/shutdownGraceSeconds/maximum': [3601],
  '#/properties/replicaCount/type': ['2', 1.5, true],
  '#/properties/replicaCount/minimum': [-1],
  '#/properties/agentRunner/type': ['image'],
  '#/properties/agentRunner/additionalProperties': [{ enabled: true }],
  '#/properties/agentRunner/required/image': [{ image: null }],
  '#/properties/watchNamespaces/type': ['*', { all: true }],
  '#/properties/watchNamespaces/uniqueItems': [['team-a', 'team-a']],
  '#/properties/watchNamespaces/anyOf': [['*', 'team-a'], ['Team']],
  '#/properties/watchNamespaces/anyOf/1/items/const': ['Team'],
  '#/properties/runDefaults/type': [3600],
  '#/properties/runDefaults/additionalProperties': [{ timeout: 60 }],
  '#/properties/runDefaults/required/timeoutSeconds': [{ timeoutSeconds: null }],
  '#/properties/runDefaults/properties/timeoutSeconds/type': ['1h', 0.5],
  '#/properties/runDefaults/properties/timeoutSeconds/maximum': [2592001],
  '#/properties/runDefaults/properties/timeoutSeconds/minimum': [0],
  '#/properties/runDefaults/required/retryLimit': [{ retryLimit: null }],
  '#/properties/runDefaults/properties/retryLimit/type': ['1', 0.5],
  '#/properties/runDefaults/properties/retryLimit/minimum': [-1],
  '#/properties/runDefaults/properties/retryLimit/maximum': [21],
  '#/properties/runDefaults/required/retryBackoffSeconds': [{ retryBackoffSeconds: null }],
  '#/properties/runDefaults/properties/retryBackoffSeconds/type': ['1', 0.5],
  '#/properties/runDefaults/properties/retryBackoffSeconds/minimum': [0],
  '#/properties/runDefaults/properties/retryBackoffSeconds/maximum': [86401],
  '#/properties/runDefaults/required/ttlSecondsAfterFinished': [{ ttlSecondsAfterFinished: null }],
  '#/properties/runDefaults/properties/ttlSecondsAfterFinished/type': ['1', 0.5],
  '#/properties/runDefaults/properties/ttlSecondsAfterFinished/minimum': [-1],
  '#/properties/runDefaults/properties/ttlSecondsAfterFinished/maximum': [315360001],
  '#/properties/admission/type': [5],
  '#/properties/admission/additionalProperties': [{ maxRunsPerUser: 1 }],
  '#/properties/admission/required/maxRuns': [{ maxRuns: null }],
  '#/properties/admission/required/maxRunsPerNamespace': [{ maxRunsPerNamespace: null }],
  '#/properties/admission/required/maxRunsPerAgent': [{ maxRunsPerAgent: null }],
  '#/properties/admission/required/pauseProbeSeconds': [{ pauseProbeSeconds: null }],
  '#/properties/admission/properties/pauseProbeSeconds/type': ['1m', 0.5],
  '#/properties/admission/properties/pauseProbeSeconds/minimum': [0],
  '#/properties/admission/properties/pauseProbeSeconds/maximum': [1801],
  '#/properties/artifactStore/type': ['s3://artifacts'],
  '#/properties/artifactStore/additionalProperties': [{ accessKeyId: 'x' }],
  '#/properties/artifactStore/required/endpoint': [{ endpoint: null }],
  '#/properties/artifactStore/required/bucket': [{ bucket: null }],
  '#/properties/artifactStore/required/region': [{ region: null }],
  '#/properties/artifactStore/required/prefix': [{ prefix: null }],
  '#/properties/artifactStore/required/keyTemplate': [{ keyTemplate: null }],
  '#/properties/artifactStore/required/secretName': [{ secretName: null }],
  '#/properties/artifactStore/required/forcePathStyle': [{ forcePathStyle: null }],
  '#/properties/artifactStore/properties/endpoint/type': [443],
  '#/properties/artifactStore/properties/endpoint/pattern': [
    's3.example.com',
    'https://key@s3.example.com',
    'https://s3.example.com?a=b',
  ],
  '#/properties/artifactStore/properties/bucket/type': [7],
  '#/properties/artifactStore/properties/bucket/pattern': ['My_Bucket', 'ab'],
  '#/properties/artifactStore/properties/region/type': [7],
  '#/properties/artifactStore/properties/region/pattern': ['', 'eu west'],
  '#/properties/artifactStore/properties/prefix/type': [7],
  '#/properties/artifactStore/properties/prefix/maxLength': ['x'.repeat(513)],
  '#/properties/artifactStore/properties/prefix/pattern': ['/runs', 'runs/', 'a b'],
  '#/properties/artifactStore/properties/keyTemplate/type': [7],
  '#/properties/artifactStore/properties/keyTemplate/maxLength': ['x'.repeat(1025)],
  '#/properties/artifactStore/properties/secretName/anyOf': ['Not_A_Name'],
  '#/properties/artifactStore/properties/secretName/anyOf/0/const': ['Not_A_Name'],
  '#/properties/artifactStore/properties/forcePathStyle/type': ['true', 1],
  '#/properties/logLevel/enum': ['verbose', 'INFO', 3],
  '#/properties/service/type': [80],
  '#/properties/service/additionalProperties': [{ targetPort: 8080 }],
  '#/properties/service/required/type': [{ type: null }],
  '#/properties/service/required/port': [{ port: null }],
  '#/properties/service/properties/type/enum': ['ExternalName', 'clusterIP'],
  '#/properties/service/properties/port/type': ['http', '80'],
  '#/properties/service/properties/port/minimum': [0],
  '#/properties/service/properties/port/maximum': [65536],
  '#/properties/rbac/type': [true],
  '#/properties/rbac/additionalProperties': [{ clusterWide: true }],
  '#/properties/rbac/required/create': [{ create: null }],
  '#/properties/rbac/properties/create/type': ['true', 1],
  '#/properties/serviceAccount/type': ['jangar'],
  '#/properties/serviceAccount/additionalProperties': [{ labels: {} }],
  '#/properties/serviceAccount/required/create': [{ create: null }],
  '#/properties/serviceAccount/properties/create/type': ['false', 0],
  '#/properties/serviceAccount/properties/name/anyOf': ['Not_A_Name'],
  '#/properties/serviceAccount/properties/name/anyOf/0/const': ['Not_A_Name'],
  '#/properties/env/type': [{ A: 'b' }],
  '#/properties/resources/type': ['small'],
  '#/properties/resources/additionalProperties': [{ cpu: '1' }],
  '#/properties/podLabels/type': [['team']],
  '#/properties/podLabels/properties/app.kubernetes.io/name': ['jangar'],
  '#/properties/podLabels/properties/app.kubernetes.io/instance': ['jangar'],
  '#/properties/nodeSelector/type': [['disk']],
  '#/properties/tolerations/type': [{ key: 'a' }],
  '#/properties/affinity/type': [[]],
  '#/properties/affinity/additionalProperties': [{ nodeSelector: {} }],
  '#/properties/affinity/properties/nodeAffinity/type': [[]],
  '#/properties/affinity/properties/podAffinity/type': [[]],
  '#/properties/affinity/properties/podAntiAffinity/type': ['hard'],
  '#/properties/fullnameOverride/type': [7],
  '#/properties/fullnameOverride/maxLength': ['x'.repeat(64)],
  '#/properties/fullnameOverride/pattern': ['Jangar', '1st', 'a.b', 'a-'],
  '#/properties/global/type': ['x'],
  '#/definitions/slots/type': ['5', 1.5],
  '#/definitions/slots/minimum': [0],
  '#/definitions/slots/maximum': [10_001],
  '#/definitions/dnsLabel/type': [7],
  '#/definitions/dnsLabel/maxLength': ['x'.repeat(64)],
  '#/definitions/dnsLabel/pattern': ['Team', 'a.b', '-a', ''],
  '#/definitions/dnsSubdomain/type': [7, { name: 'registry' }],
  '#/definitions/dnsSubdomain/maxLength': ['x'.repeat(254)],
  '#/definitions/dnsSubdomain/pattern': ['My_Secret', '.a', 'a..b', '-'],
  '#/definitions/labelValue/type': [true, 1],
  '#/definitions/labelValue/maxLength': ['x'.repeat(64)],
  '#/definitions/labelValue/pattern': ['a b', '-a'],
  '#/definitions/stringMap/type': [['a=b']],
  '#/definitions/stringMap/additionalProperties/type': [true, 1],
  '#/definitions/secretNames/type': ['registry'],
  '#/definitions/secretNames/uniqueItems': [['registry', 'registry']],
  '#/definitions/imageRepository/type': [7],
  '#/definitions/imageRepository/pattern': ['', 'jangar:0.1.0', 'ghcr.io/Jangar', 'https://ghcr.io/jangar', 'a//b'],
  '#/definitions/imageTag/type': [0.1],
  '#/definitions/imageTag/pattern': ['a b', '-a', 'x'.repeat(129)],
  '#/definitions/imageDigest/type': [7],
  '#/definitions/imageDigest/pattern': ['sha256:abc', 'a'.repeat(64)],
  '#/definitions/envVar/type': ['A=b'],
  '#/definitions/envVar/additionalProperties': [{ name: 'A', value: 'b', from: 'c' }],
  '#/definitions/envVar/required/name': [{ value: 'b' }],
  '#/definitions/envVar/oneOf': [
    { name: 'A' },
    { name: 'A', value: 'b', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ],
  '#/definitions/envVar/oneOf/0/required/value': [{ name: 'A' }],
  '#/definitions/envVar/oneOf/1/required/valueFrom': [{ name: 'A' }],
  '#/definitions/envVar/properties/name/type': [7],
  '#/definitions/envVar/properties/name/pattern': ['', '1A', 'A B', 'a-b'],
  '#/definitions/envVar/properties/value/type': [7, true],
  '#/definitions/envVar/properties/valueFrom/type': ['secret'],
  '#/definitions/envVar/properties/valueFrom/additionalProperties': [{ secret: { name: 'a', key: 'b' } }],
  '#/definitions/envVar/properties/valueFrom/minProperties': [{}],
  '#/definitions/envVar/properties/valueFrom/maxProperties': [
    { secretKeyRef: { name: 'a', key: 'b' }, configMapKeyRef: { name: 'a', key: 'b' } },
  ],
  '#/definitions/envVar/properties/valueFrom/properties/fieldRef/type': ['metadata.name'],
  '#/definitions/envVar/properties/valueFrom/properties/fieldRef/additionalProperties': [
    { fieldPath: 'metadata.name', path: 'x' },
  ],
  '#/definitions/envVar/properties/valueFrom/properties/fieldRef/required/fieldPath': [{}],
  '#/definitions/envVar/properties/valueFrom/properties/fieldRef/properties/fieldPath/type': [7],
  '#/definitions/envVar/properties/valueFrom/properties/fieldRef/properties/fieldPath/minLength': [''],
  '#/definitions/envVar/properties/valueFrom/properties/resourceFieldRef/type': ['limits.cpu'],
  '#/definitions/envVar/properties/valueFrom/properties/resourceFieldRef/additionalProperties': [
    { resource: 'limits.cpu', container: 'x' },
  ],
  '#/definitions/envVar/properties/valueFrom/properties/resourceFieldRef/required/resource': [{ divisor: '1' }],
  '#/definitions/envVar/properties/valueFrom/properties/resourceFieldRef/properties/resource/type': [7],
  '#/definitions/envVar/properties/valueFrom/properties/resourceFieldRef/properties/resource/minLength': [''],
  '#/definitions/keyRef/type': ['name'],
  '#/definitions/keyRef/additionalProperties': [{ name: 'a', key: 'b', namespace: 'c' }],
  '#/definitions/keyRef/required/name': [{ key: 'b' }],
  '#/definitions/keyRef/required/key': [{ name: 'a' }],
  '#/definitions/keyRef/properties/key/type': [7],
  '#/definitions/keyRef/properties/key/pattern': ['', 'a b', 'a/b'],
  '#/definitions/keyRef/properties/optional/type': ['true'],
  '#/definitions/quantity/type': [true, ['1']],
  '#/definitions/quantity/pattern': ['lots', '1 Gi', '1GB', '-1'],
  '#/definitions/quantity/minimum': [-1],
  '#/definitions/resourceList/type': ['1Gi'],
  '#/definitions/toleration/type': ['all'],
  '#/definitions/toleration/additionalProperties': [{ keys: 'a' }],
  '#/definitions/toleration/properties/key/type': [7],
  '#/definitions/toleration/properties/key/minLength': [''],
  '#/definitions/toleration/properties/operator/enum': ['exists', 'In'],
  '#/definitions/toleration/properties/value/type': [true],
  '#/definitions/toleration/properties/effect/enum': ['noSchedule'],
  '#/definitions/toleration/properties/tolerationSeconds/type': ['5m'],
};

const places = placesOf(schema);
interface Row {
  place: Place;
  value: unknown;
  title: string;
}

const rows = places.flatMap((place): Row[] =>
  (BAD[place.rule] ?? []).map((value) => ({
    place,
    value,
    title: `${place.rule} rejects ${show(value)} at ${pointer(place)}`,
  })),
);

describe('values.schema.json', () => {
  it('has a row of bad values for every rule, and no row for a rule that is gone', () => {
    expect(Object.keys(BAD).toSorted()).toEqual([...new Set(places.map((place) => place.rule))].toSorted());
  });

  it.each(rows)('$title', ({ place, value }) => {
    validate(coalesce(defaults, withValue({}, place.path, value)));
    expect((validate.errors as DefinedError[] | null)?.map(ruleOf)).toContain(place.rule);
  });

  it('lets Helm refuse every one of them with the place of the value', async () => {
    const unnoticed: string[] = [];
    for (const group of groupsWithoutOverlap()) {
      const values = group.reduce<unknown>((document, { place, value }) => withValue(document, place.path, value), {});
      const { code, stderr } = await template(values as object);
      const noticed = ({ place }: Row) =>
        code !== 0 && (place.path.length === 0 || stderr.includes(`at '${pointer(place)}`));
      unnoticed.push(...group.filter((row) => !noticed(row)).map(({ title }) => title));
    }
    expect(unnoticed).toEqual([]);
  }, 60_000);

  it('closes every map whose keys it knows', () => {
    const open: Schema[] = [];
    JSON.parse(JSON.stringify(schema), (_key, value: Schema | null) => {
      if (value?.['type'] === 'object' && 'properties' in value && !('additionalProperties' in value)) open.push(value);
      return value;
    });
    expect(open).toEqual([]);
  });

  it('takes the key that Helm gives every subchart', () => {
    expect(validate(coalesce(defaults, { global: { registry: 'registry.example.com' } }))).toBe(true);
  });
});

/** The rule, as the rows name it, that a validator's error is about. */
function ruleOf(error: DefinedError): string {
  const place = places.find(
    ({ rule, keyword, schema: holder, path }) =>
      holder === error.parentSchema &&
      keyword === error.keyword &&
      pointer({ path }) === error.instancePath &&
      (error.keyword !== 'required' || rule.endsWith(`/${error.params.missingProperty}`)),
  );
  return place?.rule ?? `${error.schemaPath} at ${error.instancePath}`;
}

function pointer({ path }: Pick<Place, 'path'>): string {
  return path.map((step) => `/${String(step).replaceAll('/', '~1')}`).join('');
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}

/** The rows in as few documents as possible: Helm reports every problem of a document, and each run of it is a process. */
function groupsWithoutOverlap(): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const group = groups.find((others) => !others.some((other) => overlap(other.place, row.place)));
    if (group) group.push(row);
    else groups.push([row]);
  }
  return groups;
}
