{{/*
The name of everything in the release's namespace. Two releases in one namespace never share it: only the release that is
itself called like the chart goes without the suffix. A release name has at most 53 characters, so nothing is ever cut.
*/}}
{{- define "agents.fullname" -}}
{{- if and (not .Values.fullnameOverride) (regexMatch "^[0-9]" .Release.Name) -}}
{{- fail (printf "the release name %q begins with a digit, which the name of a Service may not: choose another name or set fullnameOverride" .Release.Name) -}}
{{- end -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if eq .Release.Name .Chart.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | replace "." "-") .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
The name of what this release owns outside its namespace: there, a release of the same name in another namespace must not
meet it: neither a namespace nor a fullname holds a dot, so no two pairs join to one name; nor must cutting a long name make
two equal, hence the hash.
*/}}
{{- define "agents.scopedName" -}}
{{- $name := printf "%s.%s" .Release.Namespace (include "agents.fullname" .) -}}
{{- if gt (len $name) 63 -}}
{{- printf "%s-%s" ($name | trunc 54 | trimSuffix "-") (sha256sum $name | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{- define "agents.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "agents.labels" -}}
{{ include "agents.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "agents.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "agents.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* An image reference from a dict of `image` and `root`: the digest wins over the tag, the tag over the chart's appVersion. */}}
{{- define "agents.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
