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
