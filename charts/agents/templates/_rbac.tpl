{{/* What reconciling needs in every watched namespace. No right on Secrets: pods name them, the kubelet reads them. */}}
{{- define "agents.reconcileRules" -}}
- apiGroups: [agents.proompteng.ai]
  resources: [agents, agentproviders, agentruns, implementationspecs, memories]
  verbs: [get, list, watch]
- apiGroups: [agents.proompteng.ai]
  resources: [agents/status, agentproviders/status, agentruns/status]
  verbs: [patch]
- apiGroups: [agents.proompteng.ai]
  resources: [agentruns]
  verbs: [delete]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, create]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* Leader election, in the release's namespace only. `create` cannot be restricted to a name. */}}
{{- define "agents.leaseRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "agents.fullname" . }}]
  verbs: [get, update]
{{- end -}}
