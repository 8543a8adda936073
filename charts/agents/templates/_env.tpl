{{/* What the chart itself sets in the container, as the code reads it (src/modules/config). */}}
{{- define "agents.ownEnv" -}}
- name: JANGAR_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: JANGAR_IDENTITY
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: JANGAR_LEASE_NAME
  value: {{ include "agents.fullname" . | quote }}
- name: JANGAR_WATCH_NAMESPACES
  value: {{ join "," .Values.watchNamespaces | quote }}
- name: JANGAR_HTTP_PORT
  value: "8080"
- name: JANGAR_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
- name: JANGAR_SHUTDOWN_GRACE_SECONDS
  value: {{ .Values.shutdownGraceSeconds | int64 | quote }}
- name: JANGAR_RUNNER_IMAGE
  value: {{ include "agents.image" (dict "image" .Values.agentRunner.image "root" .) | quote }}
- name: JANGAR_RUN_TIMEOUT_SECONDS
  value: {{ .Values.runDefaults.timeoutSeconds | int64 | quote }}
- name: JANGAR_RUN_RETRY_LIMIT
  value: {{ .Values.runDefaults.retryLimit | int64 | quote }}
- name: JANGAR_RUN_RETRY_BACKOFF_SECONDS
  value: {{ .Values.runDefaults.retryBackoffSeconds | int64 | quote }}
- name: JANGAR_RUN_TTL_SECONDS
  value: {{ .Values.runDefaults.ttlSecondsAfterFinished | int64 | quote }}
- name: JANGAR_MAX_CONCURRENT_RUNS
  value: {{ .Values.admission.maxRuns | int64 | quote }}
- name: JANGAR_MAX_CONCURRENT_RUNS_PER_NAMESPACE
  value: {{ .Values.admission.maxRunsPerNamespace | int64 | quote }}
- name: JANGAR_MAX_CONCURRENT_RUNS_PER_AGENT
  value: {{ .Values.admission.maxRunsPerAgent | int64 | quote }}
- name: JANGAR_PAUSE_PROBE_SECONDS
  value: {{ .Values.admission.pauseProbeSeconds | int64 | quote }}
{{ include "agents.storeEnv" .Values.artifactStore }}
{{- end -}}

{{/* The store of artifacts. Without an endpoint all of them are empty, which the process takes for not there. */}}
{{- define "agents.storeEnv" -}}
{{- range list "bucket" "secretName" -}}
{{- if and $.endpoint (not (get $ .)) -}}
{{- fail (printf "artifactStore.%s is required with artifactStore.endpoint" .) -}}
{{- end -}}
{{- end -}}
{{- $names := dict "endpoint" "ENDPOINT" "bucket" "BUCKET" "region" "REGION" "prefix" "PREFIX" "keyTemplate" "KEY_TEMPLATE" "secretName" "SECRET_NAME" "forcePathStyle" "FORCE_PATH_STYLE" -}}
{{- range $key, $name := $names }}
- name: JANGAR_ARTIFACT_STORE_{{ $name }}
  value: {{ empty $.endpoint | ternary "" (get $ $key | toString) | quote }}
{{- end -}}
{{- end -}}

{{/* The chart's variables, then the user's. A name twice would be refused by server-side apply, or hide one of the two. */}}
{{- define "agents.env" -}}
{{- $own := include "agents.ownEnv" . | fromYamlArray -}}
{{- $taken := dict -}}
{{- range $own -}}
{{- $_ := set $taken .name "is set by the chart: use the value it has for that" -}}
{{- end -}}
{{- range .Values.env -}}
{{- if hasKey $taken .name -}}
{{- fail (printf "env: %s %s" .name (get $taken .name)) -}}
{{- end -}}
{{- $_ := set $taken .name "is there twice" -}}
{{- end -}}
{{- concat $own .Values.env | toYaml -}}
{{- end -}}
